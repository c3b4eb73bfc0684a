"""Writing students into programs and course runs (registrar-api: Writing a few students)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext

from matricula.foundation.text import LONGEST_LINE
from matricula.models import (
    CourseEnrollment,
    CourseRole,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from tests.broken_rows import break_rows
from tests.conftest import KEY, Api
from tests.journal import changes
from tests.university import EXTERNAL, OWN, SECOND, University
from tests.wire.answers import content, declined

ENROLLMENTS = f"/programs/{OWN}/enrollments"
COURSE = f"/programs/{OWN}/courses/{quote(EXTERNAL)}/enrollments"
PATHS = [
    f"/api/{version}{path}{slash}" for version in ("v1", "v2") for path in (ENROLLMENTS, COURSE) for slash in ("", "/")
]


@pytest.fixture
def ask(university: University) -> Api:
    return Api(university.writer())


@pytest.fixture
def ask_roles(university: University) -> Api:
    return Api(university.writer("staffer", course_roles=True))


def items(*pairs: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    return [{"student_key": key, "status": status, **more} for key, status in pairs]


def result(answer: HttpResponseBase, status: int, wanted: Sequence[tuple[str, str]]) -> None:
    assert (answer.status_code, list(answer.json().items())) == (status, list(wanted)), content(answer)  # type: ignore[attr-defined]


def students() -> list[tuple[str, str]]:
    return list(ProgramEnrollment.objects.order_by("id").values_list("student_key", "status"))


def courses() -> list[tuple[str, str, bool]]:
    rows = ProgramCourseEnrollment.objects.order_by("id")
    return list(rows.values_list("program_enrollment__student_key", "status", "course_staff"))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_students_of_a_program(version: str, slash: str, ask: Api) -> None:
    path = f"/api/{version}{ENROLLMENTS}{slash}"
    result(ask("PATCH", path, items(("S-1", "enrolled"))), 422, [("S-1", "not-found")])
    result(
        ask.post(path, items(("S-1", "enrolled"), ("s-2", "pending"))), 200, [("S-1", "enrolled"), ("s-2", "pending")]
    )
    result(ask.post(path, items(("s-1", "enrolled"), ("S-3", "ended"))), 207, [("s-1", "conflict"), ("S-3", "ended")])
    result(
        ask("PATCH", path, items(("s-1", "canceled"), ("S-2", "x"), ("S-4", "ended"))),
        207,
        [("s-1", "canceled"), ("S-2", "invalid-status"), ("S-4", "not-found")],
    )
    result(ask("PATCH", path, items(("S-1", "canceled"))), 200, [("S-1", "canceled")])
    assert students() == [("S-1", "canceled"), ("s-2", "pending"), ("S-3", "ended")]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_students_of_a_course_run(version: str, slash: str, ask: Api) -> None:
    ask.post(f"/api/v1{ENROLLMENTS}/", items(("S-1", "enrolled"), ("S-2", "ended")))
    for course in (quote(EXTERNAL), KEY, quote(KEY, safe="")):
        path = f"/api/{version}/programs/{OWN}/courses/{course}/enrollments{slash}"
        result(ask("PATCH", path, items(("S-1", "active"))), 422, [("S-1", "not-found")])
        result(
            ask.post(path, items(("s-1", "active"), ("S-2", "inactive"), ("S-9", "active"), ("S-8", "enrolled"))),
            207,
            [("s-1", "active"), ("S-2", "inactive"), ("S-9", "not-in-program"), ("S-8", "invalid-status")],
        )
        result(ask.post(path, items(("S-2", "active"))), 422, [("S-2", "conflict")])
        result(ask("PATCH", path, items(("S-2", "active"))), 200, [("S-2", "active")])
        assert courses() == [("S-1", "active", False), ("S-2", "active", False)]
        ProgramCourseEnrollment.objects.all().delete()


def test_a_key_that_is_repeated_is_applied_not_even_once(ask: Api) -> None:
    path = f"/api/v1{ENROLLMENTS}"
    body = items(("ab", "enrolled"), ("AB ", "enrolled"), ("c", "enrolled"), ("Ab", "nonsense"))
    result(ask.post(path, body), 207, [("ab", "duplicated"), ("c", "enrolled")])
    assert students() == [("c", "enrolled")]
    result(ask.post(path, items(("x", "enrolled"), ("X", "pending"))), 422, [("x", "duplicated")])
    # only A to Z are folded
    result(ask.post(path, items(("ä", "enrolled"), ("Ä", "pending"))), 200, [("ä", "enrolled"), ("Ä", "pending")])
    course = f"/api/v1{COURSE}"
    result(ask.post(course, items(("c", "active"), (" C", "active"))), 422, [("c", "duplicated")])
    assert courses() == []


def test_blanks_around_are_trimmed_and_case_is_kept(ask: Api) -> None:
    result(ask.post(f"/api/v2{ENROLLMENTS}/", items(("  S 1\t", " enrolled\n"))), 200, [("  S 1\t", "enrolled")])
    assert students() == [("S 1", "enrolled")]
    long = "x" * 255
    result(ask.post(f"/api/v2{ENROLLMENTS}/", items((f" {long} ", "ended"))), 200, [(f" {long} ", "ended")])
    result(ask.post(f"/api/v2{ENROLLMENTS}/", items(("S-2", "ENROLLED"))), 422, [("S-2", "invalid-status")])
    result(ask.post(f"/api/v2{ENROLLMENTS}/", items(("S-3", "x\x00"))), 422, [("S-3", "invalid-status")])


@pytest.mark.parametrize("path", PATHS)
def test_nothing_asked_for(path: str, ask: Api) -> None:
    for method in ("POST", "PATCH"):
        result(ask(method, path, "[]"), 422, [])


BAD_ITEMS: list[tuple[Any, list[str]]] = [
    ({}, ["#2 student_key", "#2 status"]),
    ({"student_key": "S-2"}, ["#2 status"]),
    ({"status": "active"}, ["#2 student_key"]),
    ({"student_key": None, "status": "active"}, ["#2 student_key"]),
    ({"student_key": 5, "status": "active"}, ["#2 student_key"]),
    ({"student_key": ["x"], "status": "active"}, ["#2 student_key"]),
    ({"student_key": "", "status": "active"}, ["#2 student_key"]),
    ({"student_key": " \t\u00a0", "status": "active"}, ["#2 student_key"]),
    ({"student_key": "S-2", "status": ""}, ["#2 status"]),
    ({"student_key": "S-2", "status": "  "}, ["#2 status"]),
    ({"student_key": "S-2", "status": True}, ["#2 status"]),
    ({"student_key": "S-2", "status": {}}, ["#2 status"]),
    ({"student_key": "x" * 256, "status": "active"}, ["#2 student_key", "255"]),
    ({"student_key": "a\x00b", "status": "active"}, ["#2 student_key"]),
    ({"student_key": "a\nb", "status": "active"}, ["#2 student_key"]),
    ({"student_key": "a\u2028b", "status": "active"}, ["#2 student_key"]),
    ({"student_key": "\x7f", "status": "active"}, ["#2 student_key"]),
    (None, ["#2"]),
    ("S-2", ["#2"]),
    ([], ["#2"]),
    (1, ["#2"]),
]


@pytest.mark.parametrize(("item", "named"), BAD_ITEMS)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_one_bad_item_refuses_the_whole_request(method: str, item: Any, named: list[str], ask: Api) -> None:
    ask.post(f"/api/v1{ENROLLMENTS}", items(("S-1", "pending")))
    before = changes().count()
    for path in (f"/api/v1{ENROLLMENTS}", f"/api/v2{COURSE}"):
        body = [{"student_key": "S-1", "status": "active" if "courses" in path else "enrolled"}, item]
        text = declined(ask(method, path, body), 400, *named)
        assert "#1" not in text
    assert (changes().count(), students()) == (before, [("S-1", "pending")])


@pytest.mark.parametrize("body", ["{}", "null", "5", '"x"', "true", '{"enrollments": []}'])
def test_what_is_no_array(body: str, ask: Api) -> None:
    for path in PATHS:
        declined(ask.post(path, body), 400)


@pytest.mark.parametrize(
    "body", [" ", "[", "[{]", b"\xff", b'["\xff"]', '["\\ud800"]', "[" * 5000, "[NaN]", b"\xef\xbb\xbf[]"]
)
def test_what_is_no_json(body: str | bytes, ask: Api) -> None:
    for path in (f"/api/v1{ENROLLMENTS}", f"/api/v2{COURSE}"):
        declined(ask("PATCH", path, body), 400)


def test_a_body_in_chunks(ask: Api, settings: Any) -> None:
    path = f"/api/v2{ENROLLMENTS}"
    body = b'[{"student_key": "S-1", "status": "enrolled"}]'
    assert ask.chunked("POST", path, body, "application/json").json() == {"S-1": "enrolled"}  # type: ignore[attr-defined]
    declined(ask.chunked("POST", path, body[:-1], "application/json"), 400)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body)
    assert ask.chunked("PATCH", path, body, "application/json").status_code == 200
    declined(ask.chunked("PATCH", path, body + b" ", "application/json"), 413)


@pytest.mark.parametrize("media", ["text/plain", "text/csv", "", "multipart/form-data; boundary=x", "application/x"])
def test_other_content_types(media: str, ask: Api) -> None:
    for path in (f"/api/v1{ENROLLMENTS}", f"/api/v2{COURSE}"):
        declined(ask.post(path, "{", content_type=media), 415)
    result(ask.post(path, "[]", content_type="application/json; charset=utf-8"), 422, [])


def test_too_many_students_are_not_looked_at(ask: Api, monkeypatch: pytest.MonkeyPatch, university: University) -> None:
    for path in (f"/api/v1{ENROLLMENTS}", f"/api/v2{COURSE}"):
        for body in ([{}] * 26, items(*((f"S-{n}", "enrolled") for n in range(26))), [None] * 26):
            declined(ask.post(path, body), 413, "25")
    assert students() == []
    body = items(*((f"S-{n}", "enrolled") for n in range(25)))
    assert ask.post(f"/api/v1{ENROLLMENTS}", body).status_code == 200


def test_the_limit_is_a_setting(ask: Api, settings: Any) -> None:
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, student_limit=2)
    declined(ask.post(f"/api/v1{ENROLLMENTS}", [{}] * 3), 413, "2")
    assert ask.post(f"/api/v1{ENROLLMENTS}", items(("a", "ended"), ("b", "ended"))).status_code == 200


def test_extra_fields_are_ignored(ask: Api) -> None:
    body = items(("S-1", "enrolled"), course_staff="maybe", email="x", deep={"a": [1]})
    result(ask.post(f"/api/v1{ENROLLMENTS}", body), 200, [("S-1", "enrolled")])
    result(ask.post(f"/api/v1{COURSE}", items(("S-1", "active"), account_id=5)), 200, [("S-1", "active")])


@pytest.mark.parametrize("value", ["true", 1, 0, [], {}, 0.5, ""])
def test_course_staff_is_true_or_false(value: Any, ask: Api, ask_roles: Api) -> None:
    ask.post(f"/api/v1{ENROLLMENTS}", items(("S-1", "enrolled")))
    for each in (ask, ask_roles):
        declined(each.post(f"/api/v1{COURSE}", items(("S-1", "active"), course_staff=value)), 400, "#1 course_staff")


@pytest.mark.parametrize("value", [True, False])
def test_course_staff_takes_the_feature(value: bool, ask: Api, ask_roles: Api) -> None:
    ask.post(f"/api/v1{ENROLLMENTS}", items(("S-1", "enrolled")))
    path = f"/api/v1{COURSE}"
    declined(ask.post(path, items(("S-1", "active"), course_staff=value)), 403, "course_staff")
    declined(ask.post(path, [*items(("S-2", "active")), *items(("S-1", "no"), course_staff=value)]), 403)
    assert courses() == []
    result(ask.post(path, items(("S-1", "active"), course_staff=None)), 200, [("S-1", "active")])
    result(ask_roles("PATCH", path, items(("S-1", "active"), course_staff=value)), 200, [("S-1", "active")])
    assert courses() == [("S-1", "active", value)]
    # null leaves it alone
    result(ask_roles("PATCH", path, items(("S-1", "inactive"), course_staff=None)), 200, [("S-1", "inactive")])
    assert courses() == [("S-1", "inactive", value)]


def test_a_linked_student_is_really_enrolled(ask: Api, ask_roles: Api, university: University) -> None:
    sam = university.world.learner
    StudentIdentity.objects.create(organization=university.own.organization, student_key="S-1", account=sam)
    ask.post(f"/api/v1{ENROLLMENTS}", items(("s-1", "enrolled")))
    result(ask_roles.post(f"/api/v1{COURSE}", items(("S-1", "active"), course_staff=True)), 200, [("S-1", "active")])
    assert list(CourseEnrollment.objects.values_list("account_id", "mode", "is_active")) == [(sam.pk, "masters", True)]
    staff = CourseRole.objects.filter(account=sam, role="staff")
    assert staff.count() == 1
    ask_roles("PATCH", f"/api/v1{COURSE}", items(("S-1", "inactive"), course_staff=False))
    assert not CourseEnrollment.objects.get().is_active
    assert staff.count() == 0
    [first, *_] = changes().order_by("id")
    assert (first.source, first.student_key) == ("api", "s-1")


def test_a_key_active_through_another_program_is_a_conflict(ask: Api, university: University) -> None:
    root = Api(university.root)
    for program in (OWN, SECOND):
        root.post(f"/api/v1/programs/{program}/enrollments/", items(("S-1", "enrolled")))
    other = f"/api/v1/programs/{SECOND}/courses/{KEY}/enrollments/"
    result(root.post(other, items(("s-1", "active"))), 200, [("s-1", "active")])
    result(ask.post(f"/api/v1{COURSE}", items(("S-1", "active"))), 422, [("S-1", "conflict")])
    result(ask.post(f"/api/v1{COURSE}", items(("S-1", "inactive"))), 200, [("S-1", "inactive")])


def test_a_forbidden_move_is_an_illegal_operation(ask: Api, settings: Any) -> None:
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, forbidden_moves=frozenset({("ended", "enrolled")}))
    ask.post(f"/api/v1{ENROLLMENTS}", items(("S-1", "ended"), ("S-2", "ended")))
    answer = ask("PATCH", f"/api/v1{ENROLLMENTS}", items(("S-1", "enrolled"), ("S-2", "pending")))
    result(answer, 207, [("S-1", "illegal-operation"), ("S-2", "pending")])


def test_a_row_that_a_problem_of_ours_hit_is_an_internal_error(ask: Api) -> None:
    break_rows("programenrollment", "new.status = 'ended'")
    body = items(("S-1", "enrolled"), ("S-2", "ended"), ("S-3", "pending"))
    wanted = [("S-1", "enrolled"), ("S-2", "internal-error"), ("S-3", "pending")]
    result(ask.post(f"/api/v1{ENROLLMENTS}", body), 207, wanted)
    assert students() == [("S-1", "enrolled"), ("S-3", "pending")]
    result(ask.post(f"/api/v1{ENROLLMENTS}", items(("S-4", "ended"))), 422, [("S-4", "internal-error")])


def test_statements_do_not_grow_with_the_students(ask: Api) -> None:
    def statements(path: str, status: str, first: int, count: int) -> int:
        body = items(*((f"S-{n}", status) for n in range(first, first + count)))
        with CaptureQueriesContext(connection) as queries:
            assert ask.post(path, body).status_code == 200
        return len(queries)

    for path, status in ((f"/api/v1{ENROLLMENTS}", "enrolled"), (f"/api/v1{COURSE}", "active")):
        assert statements(path, status, 0, 2) == statements(path, status, 2, 25)


def test_the_longest_key_is_the_contracts() -> None:
    assert LONGEST_LINE == 255


@pytest.mark.parametrize("path", [f"/api/v1{ENROLLMENTS}", f"/api/v1{COURSE}"])
def test_keys_are_echoed_exactly_as_sent(path: str, ask: Api) -> None:
    good = "enrolled" if path.endswith(f"{OWN}/enrollments") else "active"
    ask.post(f"/api/v1{ENROLLMENTS}", items(*((key, "enrolled") for key in ("A", "B", "C"))))
    sent = [(" A ", good), ("\ufeffB\u200b", f"\u200b{good} "), ("c\t", good)]
    method = ask("PATCH", path, items(*sent)) if good == "enrolled" else ask.post(path, items(*sent))
    result(method, 200, [(key, good) for key, _ in sent])
    assert {key for key, _ in students()} == {"A", "B", "C"}


def test_two_spellings_are_one_student_under_the_first_as_sent(ask: Api) -> None:
    sent = items((" A", "enrolled"), ("a\u200b ", "enrolled"), ("B", "enrolled"))
    result(ask.post(f"/api/v1{ENROLLMENTS}", sent), 207, [(" A", "duplicated"), ("B", "enrolled")])


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("S\u200b1", "ZERO WIDTH SPACE (U+200B)"),
        ("S\u20601", "WORD JOINER (U+2060)"),
        ("S\ufeff1", "ZERO WIDTH NO-BREAK SPACE (U+FEFF)"),
        ("S\u200f1", "RIGHT-TO-LEFT MARK (U+200F)"),
        ("S\u200d1", "ZERO WIDTH JOINER (U+200D)"),
    ],
)
def test_an_invisible_character_within_a_key_is_named(key: str, name: str, ask: Api) -> None:
    for path in (ENROLLMENTS, COURSE):
        declined(ask.post(f"/api/v1{path}", items(("A", "enrolled"), (key, "enrolled"))), 400, name)
    assert not students()


def test_a_joiner_between_letters_is_part_of_a_key(ask: Api) -> None:
    key = "می\u200cخواهم"
    result(ask.post(f"/api/v1{ENROLLMENTS}", items((key, "enrolled"))), 200, [(key, "enrolled")])
    assert students() == [(key, "enrolled")]


def test_only_invisible_characters_are_blank(ask: Api) -> None:
    declined(ask.post(f"/api/v1{ENROLLMENTS}", items(("\u200b\u2060", "enrolled"))), 400, "#1 student_key")
    declined(ask.post(f"/api/v1{ENROLLMENTS}", items(("A", "\u200b"))), 400, "#1 status")
