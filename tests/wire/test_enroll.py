"""POST /enrollments."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from matricula.models import (
    CourseEnrollment,
    Job,
    OutgoingMail,
    PreEnrollment,
)
from tests.conftest import BASE, KEY, Api, World, make_account
from tests.journal import changes
from tests.wire.answers import content, refused

INSTRUCTOR_BASE = "/api/instructor/v2/courses"
NEITHER = {"enrolled": False, "allowed": False}
ALLOWED = {"enrolled": False, "allowed": True, "auto_enroll": False}


def nothing_was_written() -> bool:
    tables = (CourseEnrollment, PreEnrollment, Job, OutgoingMail)
    return not changes().exists() and not any(table.objects.exists() for table in tables)


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, content(answer)
    assert answer.json()["action"] == "enroll"
    [only] = answer.json()["results"]
    return dict(only)


@pytest.mark.parametrize("base", [BASE, INSTRUCTOR_BASE])
@pytest.mark.parametrize("slash", ["", "/"])
def test_one_is_enrolled_at_once(base: str, slash: str, api: Api, world: World) -> None:
    answer = api.post(f"{base}/{KEY}/enrollments{slash}", {"identifiers": ["sam"]})
    assert result(answer) == {
        "identifier": "sam",
        "before": NEITHER,
        "after": {"enrolled": True, "allowed": False, "mode": "audit"},
    }
    entry = changes().get()
    assert (entry.transition, entry.actor_id, entry.course_id, entry.source) == (
        "from unenrolled to enrolled",
        world.instructor.pk,
        world.course.id,
        "api",
    )


@pytest.mark.parametrize("base", [BASE, INSTRUCTOR_BASE])
@pytest.mark.parametrize("slash", ["", "/"])
def test_several_become_a_task(base: str, slash: str, api: Api) -> None:
    answer = api.post(f"{base}/{KEY}/enrollments{slash}", {"identifiers": ["sam", "new@example.org"]})
    assert answer.status_code == 202
    job = Job.objects.get()
    assert answer.json() == {
        "task_id": str(job.pk),
        "status_url": f"http://testserver{base}/{KEY}/tasks/{job.pk}",
        "action": "enroll",
        "count": 2,
    }
    assert api.get(answer.json()["status_url"]).json()["state"] == "pending"
    assert not CourseEnrollment.objects.exists()


@pytest.mark.parametrize(
    ("identifiers", "count"),
    [
        (["sam"], 1),
        (["  sam\n"], 1),
        (["sam", "SAM", " Sam,sam"], 1),
        (["sam,,", "", " ", ","], 1),
        (["sam staff"], 2),
        (["sam,staff"], 2),
        (["sam\tstaff\r\nadmin"], 3),
        (["sam\u00a0staff\u2003admin\u2028later"], 4),
        (["sam;staff"], 2),
        (["sam", "sam@example.org"], 2),
        (["é@example.org", "É@example.org"], 2),
        (["\u212aa", "ka"], 2),
    ],
)
def test_distinct_identifiers_decide(identifiers: list[str], count: int, api: Api) -> None:
    answer = api.post("enrollments", {"identifiers": identifiers})
    assert answer.status_code == (200 if count == 1 else 202)
    assert answer.status_code == 200 or answer.json()["count"] == count


def test_repeats_give_one_result_spelled_as_first(api: Api) -> None:
    assert result(api.post("enrollments", {"identifiers": [" SAM ", "sam,Sam"]}))["identifier"] == "SAM"


def test_people_of_every_kind(api: Api, world: World) -> None:
    make_account("twin", email="a@example.org")
    make_account("b@example.org", email="c@example.org")
    make_account("d", email="b@example.org")
    seats = {
        "sam@EXAMPLE.org": {"enrolled": True, "allowed": False, "mode": "audit"},
        "later": ALLOWED,
        "later@example.org": ALLOWED,
        "new@example.org": ALLOWED,
        "nobody": NEITHER,
        "bad@": NEITHER,
        "@bad": NEITHER,
        "a@b@c": NEITHER,
        "b@example.org": NEITHER,
        "=1+1": NEITHER,
        "x" * 255: NEITHER,
        "x" * 256: NEITHER,
        "y" * 250 + "@e.org": NEITHER,
    }
    for identifier, after in seats.items():
        found = result(api.post("enrollments", {"identifiers": [identifier]}))
        assert (found["identifier"], found["after"]) == (identifier, after)
        assert ("error" in found) == (after == NEITHER), identifier
        assert after != NEITHER or (found["before"] == NEITHER and found["error"].strip())


def test_failures_leave_no_trace(api: Api) -> None:
    for identifier in ("nobody", "bad@", "x" * 300, "a\x07b@example.org", "<script>@example.org"):
        assert "error" in result(api.post("enrollments", {"identifiers": [identifier], "email_students": True}))
    assert nothing_was_written()


def test_one_megabyte_identifier(api: Api) -> None:
    found = result(api.post("enrollments", {"identifiers": ["x" * 1_000_000]}))
    assert len(found["identifier"]) == 1_000_000
    assert "255" in found["error"]


def test_error_texts_are_in_the_language_asked_for(api: Api) -> None:
    english = result(api.post("enrollments", {"identifiers": ["nobody"]}))["error"]
    spanish = result(api.post("enrollments", {"identifiers": ["nobody"]}, **{"Accept-Language": "es"}))["error"]
    assert "username" in english
    assert spanish != english


def test_pre_enrollment_is_overwritten_by_the_newest(api: Api) -> None:
    first = result(
        api.post("enrollments", {"identifiers": ["new@example.org"], "auto_enroll": True, "mode": "verified"})
    )
    assert first["after"] == {"enrolled": False, "allowed": True, "auto_enroll": True}
    second = result(api.post("enrollments", {"identifiers": ["NEW@example.org"]}))
    assert (second["before"], second["after"]) == (first["after"], ALLOWED)
    row = api.get("enrollments/new@example.org").json()
    assert (row["mode"], row["auto_enroll"]) == (None, False)


def test_modes(api: Api, world: World) -> None:
    def after(**more: Any) -> str:
        return str(result(api.post("enrollments", {"identifiers": ["sam"], **more}))["after"]["mode"])

    assert after() == "audit"
    assert after(mode="verified") == "verified"
    assert after() == "verified"
    assert after(mode=None) == "verified"
    api.delete("enrollments/sam")
    assert after() == "audit"


@pytest.mark.parametrize("mode", ["masters", "", "Verified", " verified", "a\x00b", "%s", "audit,honor", "x" * 100_000])
@pytest.mark.parametrize("identifiers", [["sam"], ["sam", "new@example.org"]])
def test_unknown_mode_names_the_modes_and_changes_nothing(mode: str, identifiers: list[str], api: Api) -> None:
    error = refused(api.post("enrollments", {"identifiers": identifiers, "mode": mode}), 400, "mode")
    for known in ("audit", "honor", "verified"):
        assert known in error["field_errors"]["mode"]["developer_message"]
        assert known in error["field_errors"]["mode"]["user_message"]
    assert nothing_was_written()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("identifiers", v) for v in (None, "sam", 5, {}, [], [5], [None], ["sam", None], [["sam"]], True)),
        *(("identifiers", v) for v in ([""], [" ", "\t"], [","], [" , ,"], ["\u2003"], ["a\x00b"], ["sam", "\x00"])),
        *(("auto_enroll", v) for v in (None, "true", "maybe", 1, 0, [], {}, 1.0)),
        *(("email_students", v) for v in (None, "true", "maybe", 1, 0, [], {})),
        *(("reason", v) for v in (5, True, [], {}, "x" * 10_001, "a\x00b", "a\x1bb", "a\x7fb", "a\u2028b", "a\x85b")),
        *(("mode", v) for v in (5, True, [], {}, ["audit"])),
    ],
    ids=lambda v: repr(v)[:30],
)
@pytest.mark.parametrize("others", [{"identifiers": ["sam"]}, {"identifiers": ["sam", "new@example.org"]}])
def test_wrong_values(field: str, value: object, others: dict[str, object], api: Api) -> None:
    refused(api.post("enrollments", {**others, field: value}), 400, field)
    assert nothing_was_written()


def test_every_field_at_problem_is_named(api: Api) -> None:
    body = {"identifiers": "sam", "auto_enroll": "maybe", "email_students": 1, "reason": 5, "mode": []}
    refused(api.post("enrollments", body), 400, *body)
    refused(api.post("enrollments", {"mode": 5}), 400, "mode", "identifiers")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"null",
        b"[]",
        b'"sam"',
        b"5",
        b"true",
        b'[{"identifiers": ["sam"]}]',
        b"identifiers=sam",
        b'{"identifiers": ["sam"],}',
        b"{'identifiers': ['sam']}",
        b'{"identifiers": ["sam"]} x',
        b'{"identifiers": ["sam"], "auto_enroll": NaN}',
        b'{"identifiers": ["sam"], "auto_enroll": Infinity}',
        b'{"identifiers": ["sam\\ud800"]}',
        b'{"identifiers": ["sam"], "reason": "\\udfff\\ud800"}',
        b'{"identifiers": ["sam\xff"]}',
        b'{"identifiers": ["\xed\xa0\x80"]}',
        b'{"identifiers": ["sam\n"]}',
        b'\xef\xbb\xbf{"identifiers": ["sam"]}',
        '{"identifiers": ["sam"]}'.encode("utf-16"),
        b"[" * 200_000,
        b'{"x":' * 200_000 + b"1" + b"}" * 200_000,
        b'{"identifiers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"identifiers": ["sam"], "mode": ' + b"9" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_broken_json(body: bytes, api: Api) -> None:
    answer = api._http.generic(
        "POST", f"{BASE}/{KEY}/enrollments", body, content_type="application/json", headers=api._headers
    )
    if body:
        error = refused(answer, 400)
        assert "JSON" in error["developer_message"]
    else:
        refused(answer, 415)  # Django's client sends no type with an empty body
    assert nothing_was_written()


def test_json_that_is_odd_but_good(api: Api) -> None:
    twice = b'{"identifiers": ["nobody"], "identifiers": ["s\\u0061m"], "unknown": [1.5e300, null], "mode": null}'
    assert result(api.post("enrollments", twice))["identifier"] == "sam"
    pair = b'{"identifiers": ["new@example.org"], "reason": "\\ud83d\\ude00"}'
    result(api.post("enrollments", pair))
    assert changes().latest("id").reason == "\U0001f600"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"]
)
def test_content_types_that_are_json(content_type: str, api: Api) -> None:
    result(api.post("enrollments", {"identifiers": ["sam"]}, content_type=content_type))


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "json", "x\u00e9"],
)
def test_content_types_that_are_not(content_type: str, api: Api) -> None:
    refused(api.post("enrollments", {"identifiers": ["sam"]}, content_type=content_type), 415)
    assert nothing_was_written()


def test_body_of_16_mebibytes_is_the_largest(api: Api) -> None:
    def body(size: int) -> bytes:
        start, end = b'{"identifiers": ["sam"], "unknown": "', b'"}'
        return start + b"x" * (size - len(start) - len(end)) + end

    refused(api.post("enrollments", body(16 * 1024 * 1024 + 1)), 413)
    assert nothing_was_written()
    result(api.post("enrollments", body(16 * 1024 * 1024)))


@pytest.mark.parametrize(("count", "status"), [(3, 202), (4, 400)])
def test_limit_of_identifiers(count: int, status: int, api: Api, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, identifier_limit=3)
    people = ", ".join(f"p{n}@example.org P{n}@example.org" for n in range(count))
    answer = api.post("enrollments", {"identifiers": [people]})
    if status == 202:
        assert (answer.status_code, answer.json()["count"]) == (202, count)
    else:
        error = refused(answer, 400, "identifiers")
        assert "3" in error["field_errors"]["identifiers"]["user_message"]
        assert nothing_was_written()


def test_fifty_thousand_at_once(api: Api) -> None:
    people = [f"p{n}@example.org" for n in range(50_000)]
    assert api.post("enrollments", {"identifiers": people}).json()["count"] == 50_000
    refused(api.post("enrollments", {"identifiers": [*people, "one@more"]}), 400, "identifiers")


@pytest.mark.parametrize("reason", ["x" * 10_000, "two\nlines\r\n\tand a tab", "😀 ñ %s %(x)s {0} ' \" \\", ""])
def test_reason_is_kept_as_it_is(reason: str, api: Api) -> None:
    result(api.post("enrollments", {"identifiers": ["sam"], "reason": reason}))
    assert changes().get().reason == (reason or None)


@pytest.mark.parametrize(
    ("identifier", "kind"), [("sam", "enrolled_enroll"), ("new@example.org", "allowed_enroll"), ("nobody", None)]
)
def test_mail_if_asked(identifier: str, kind: str | None, api: Api) -> None:
    result(api.post("enrollments", {"identifiers": [identifier]}))
    assert not OutgoingMail.objects.exists()
    result(api.post("enrollments", {"identifiers": [identifier], "email_students": True}))
    assert list(OutgoingMail.objects.values_list("kind", flat=True)) == ([kind] if kind else [])


def test_unknown_course_and_bad_key(api: Api) -> None:
    body = {"identifiers": ["sam"]}
    refused(api.post(f"{BASE}/course-v1:No+Such+Course/enrollments", body), 404)
    refused(api.post(f"{BASE}/nonsense/enrollments", body), 400)


@pytest.mark.parametrize("identifiers", [["sam"], ["sam", "new@example.org"]])
def test_host_that_is_not_ours_changes_nothing(identifiers: list[str], api: Api) -> None:
    refused(api.post("enrollments", {"identifiers": identifiers}, Host="evil.example"), 400)
    assert nothing_was_written()


def test_enrolling_twice_is_no_error(api: Api) -> None:
    first = result(api.post("enrollments", {"identifiers": ["sam"]}))
    second = result(api.post("enrollments", {"identifiers": ["sam"]}))
    assert second["before"] == second["after"] == first["after"]
    assert changes().latest("id").transition == "from enrolled to enrolled"
    assert CourseEnrollment.objects.count() == 1


def test_answer_is_plain_json(api: Api) -> None:
    answer = api.post("enrollments", {"identifiers": ["ü@example.org"]})
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content.decode("utf-8"))["results"][0]["identifier"] == "ü@example.org"


def test_recipients_count_by_their_addresses_only(api: Api, world: World) -> None:
    make_account("kim")
    pasted = 'Kim Novak <k.novak@lake.example.org>; "Learner, Sam" <sam@example.org>'
    answer = api.post("enrollments", {"identifiers": [pasted]})
    assert answer.status_code == 202 and answer.json()["count"] == 2
    one = api.post("enrollments", {"identifiers": ["Kim Novak <k.novak@lake.example.org>"]}).json()
    assert [r["identifier"] for r in one["results"]] == ["k.novak@lake.example.org"]
    assert one["results"][0]["after"]["allowed"]
    assert not CourseEnrollment.objects.filter(account__username="kim").exists()


def test_invisible_characters_around_an_identifier_are_trimmed_and_within_it_an_error(api: Api, world: World) -> None:
    [result] = api.post("enrollments", {"identifiers": ["\u200b\ufeffsam\u2060 "]}).json()["results"]
    assert (result["identifier"], result["after"]["enrolled"]) == ("sam", True)
    [result] = api.post("enrollments", {"identifiers": ["sa\u200bm"]}).json()["results"]
    assert "ZERO WIDTH SPACE (U+200B)" in result["error"] and not result["after"]["enrolled"]
    path = quote("\u200esam\u200b")
    assert api.get(f"enrollments/{path}").json()["username"] == "sam"
    assert api.delete(f"enrollments/{path}").status_code == 200
    answer = api.get("enrollments/" + quote("sa\u200bm"))
    refused(answer, 400, "email_or_username")
    assert "ZERO WIDTH SPACE" in answer.json()["field_errors"]["email_or_username"]["developer_message"]
