"""Plans on the wire: made, shown, reviewed, applied (record-api: Plans)."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http.response import HttpResponseBase

from matricula.batches.engine import run_slices
from matricula.batches.kinds import OF_FILES
from matricula.batches.rights import may_read_about
from matricula.batches.runs import finish, run_chunk, run_here
from matricula.jobs.reads import get_job
from matricula.jobs.retention import delete_expired_files, delete_expired_jobs
from matricula.models import CourseEnrollment, CourseRole, FeatureGrant, Job, JobSlice, Plan
from matricula.rest.contracts.record.schemas import ROWS_IN_A_REQUEST
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account, write
from tests.university import EXTERNAL, OWN, University
from tests.wire.answers import content, refused

PLANS = "/api/record/v1/plans"
ABOUT = {"kind": "course_enrollments", "course": KEY}
STUDENTS = {"kind": "program_enrollments", "program": OWN}
IN_COURSES = {"kind": "program_course_enrollments", "program": OWN}


def named(*identifiers: str) -> list[dict[str, Any]]:
    return [{"identifier": each} for each in identifiers]


def made(ask: Api, rows: list[dict[str, Any]], status: int = 201, about: Any = None, **more: Any) -> dict[str, Any]:
    answer = ask.post(PLANS, {**(about or ABOUT), "rows": rows, **more})
    assert answer.status_code == status, content(answer)
    plan: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert answer.headers["Location"] == plan["plan_url"]
    return plan


def seen(ask: Api, plan: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = ask.get(f"{plan['plan_url']}{query}")
    assert answer.status_code == 200, content(answer)
    return dict(answer.json())  # type: ignore[attr-defined]


def rows_of(ask: Api, plan: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = ask.get(f"{plan['plan_url']}/rows{query}")
    assert answer.status_code == 200, content(answer)
    return list(answer.json()["results"])  # type: ignore[attr-defined]


def act(ask: Api, plan: dict[str, Any], action: str, **body: Any) -> HttpResponseBase:
    return ask.post(f"{plan['plan_url']}/{action}", body)


def applied(ask: Api, plan: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = act(ask, plan, "apply", fingerprint=seen(ask, plan)["fingerprint"], **body)
    assert answer.status_code == 200, content(answer)
    return dict(answer.json())  # type: ignore[attr-defined]


def active(world: World) -> set[str]:
    return {e.account.username for e in CourseEnrollment.objects.filter(course_id=world.course.id, is_active=True)}


def crowd(world: World, number: int = 12) -> list[str]:
    names = [f"learner{n:02}" for n in range(number)]
    for name in names:
        make_account(name)
    write(world.course, "enroll", *names)
    return names


def form(parts: dict[str, tuple[str, str | None, str]]) -> tuple[bytes, str]:
    """Field → content, file name, type; and the type of the whole."""
    lines = []
    for name, (text, file_name, kind) in parts.items():
        file_part = f'; filename="{file_name}"' if file_name else ""
        lines.append(
            f'--x\r\nContent-Disposition: form-data; name="{name}"{file_part}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n'
        )
    return ("".join(lines) + "--x--\r\n").encode(), "multipart/form-data; boundary=x"


def upload(about: Any, text: str, name: str = "roster.csv") -> tuple[bytes, str]:
    return form({"plan": (json.dumps(about), None, "application/json"), "file": (text, name, "text/csv")})


def test_the_example_of_the_contract(world: World) -> None:
    write(world.course, "enroll", "sam")
    ask = Api(world.instructor)
    make_account("kim")
    rows = [{"identifier": "kim"}, {"identifier": "sam", "mode": "verified"}, {"identifier": "ghost"}]
    plan = made(ask, rows, defaults={"reason": "start of term"})
    assert plan["plan_url"] == f"http://testserver{PLANS}/{plan['plan_id']}"
    assert {k: plan[k] for k in ("kind", "course", "program", "name", "scope", "state", "created_by")} == {
        "kind": "course_enrollments", "course": KEY, "program": None, "name": "3 rows", "scope": "rows",
        "state": "ready", "created_by": "instructor",
    }  # fmt: skip
    assert plan["progress"] == {"current": 3, "total": 3}
    assert plan["counts"] == {"add": 1, "change": 1, "remove": 0, "unchanged": 0, "refused": 1}
    assert plan["words"] == {"enrolled": 1, "mode_changed": 1, "unknown_username": 1}
    assert [limit["name"] for limit in plan["limits"]] == ["removals", "changes", "refused"]
    assert plan["limits"][0] == {
        "name": "removals", "limit": {"percent": 20, "rows": 10}, "value": {"percent": 0, "rows": 0}, "exceeded": False,
    }  # fmt: skip
    assert len(plan["fingerprint"]) == 64
    assert [plan[k] for k in ("reviews", "undo_of", "operation_id", "result", "error")] == [[], None, None, None, None]
    assert active(world) == {"sam"}
    first, second, third = rows_of(ask, plan)
    assert first == {
        "row": 1, "key": "kim", "course_id": None, "action": "enroll", "outcome": "add", "word": "enrolled",
        "before": {"enrolled": False, "allowed": False}, "after": {"enrolled": True, "allowed": False, "mode": "audit"},
        "refusal": None, "state": "planned", "change_ids": [],
    }  # fmt: skip
    assert (second["outcome"], second["word"], second["after"]["mode"]) == ("change", "mode_changed", "verified")
    assert (third["outcome"], third["state"]) == ("refused", "refused") and third["refusal"]
    plan = applied(ask, plan)
    assert plan["state"] == "applied"
    assert plan["result"] == {"applied": 2, "unchanged": 0, "stale": 0, "refused": 1}
    assert active(world) == {"sam", "kim"}
    operation = seen(ask, {"plan_url": f"/api/record/v1/operations/{plan['operation_id']}"})
    assert (operation["reason"], operation["kind"], operation["source"]) == ("start of term", "plan", "api")
    changes = seen(ask, {"plan_url": f"{operation['operation_url']}/changes"})["results"]
    assert [row["change_ids"] for row in rows_of(ask, plan)] == [
        [changes[0]["change_id"]],
        [changes[1]["change_id"]],
        [],
    ]


def test_a_second_apply_answers_with_the_first(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam"))
    first = applied(ask, plan)
    again = act(ask, plan, "apply", fingerprint="x")
    assert again.status_code == 200
    assert again.json() == first  # type: ignore[attr-defined]


def test_rows_of_a_list_that_are_wrong_by_themselves(world: World) -> None:
    ask = Api(world.instructor)
    rows: list[dict[str, Any]] = [
        {"identifier": ""},
        {"identifier": "sam\x00"},
        {"identifier": "x" * 11_000_000},
        {"identifier": "staff", "mode": "gold"},
        {"identifier": "admin", "action": "explode"},
        {"identifier": "learner", "reason": "\x07"},
        {"identifier": "sam@example.org"},
        {"identifier": " SAM "},
        {"identifier": "elsewhere", "action": "unenroll"},
        {"identifier": "new@example.org", "auto_enroll": True},
    ]
    plan = made(ask, rows)
    assert plan["counts"] == {"add": 2, "change": 0, "remove": 0, "unchanged": 1, "refused": 7}
    found = rows_of(ask, plan)
    assert [row["row"] for row in found] == [*range(1, 11)]
    assert [row["state"] for row in found[:6]] == ["refused"] * 6
    assert all(row["refusal"] and len(row["key"]) <= 255 for row in found[:6])
    assert found[7]["word"] == "duplicated" and "7" in found[7]["refusal"]
    words = [row["word"] for row in found]
    assert {word: words.count(word) for word in words} == plan["words"]
    assert rows_of(ask, plan, "?outcome=unchanged")[0]["key"] == "elsewhere"
    plan = applied(ask, plan)
    assert plan["result"] == {"applied": 2, "unchanged": 1, "stale": 0, "refused": 7}
    states = [row["state"] for row in rows_of(ask, plan)]
    assert states == ["refused"] * 6 + ["applied", "refused", "applied", "applied"]
    assert [len(row["change_ids"]) for row in rows_of(ask, plan)] == [0] * 6 + [1, 0, 0, 1]


BROKEN: dict[str, tuple[Any, tuple[str, ...]]] = {
    "unknown kind": ({**ABOUT, "kind": "grades", "rows": named("sam")}, ("kind",)),
    "an undo is not asked for here": ({**ABOUT, "kind": "undo", "rows": named("sam")}, ("kind",)),
    "no kind": ({"course": KEY, "rows": named("sam")}, ("kind",)),
    "course and program": ({**ABOUT, "program": OWN, "rows": named("sam")}, ("program",)),
    "a program with a course": ({**STUDENTS, "course": KEY, "rows": []}, ("rows",)),
    "no course": ({"kind": "course_enrollments", "rows": named("sam")}, ("course",)),
    "bad course key": ({**ABOUT, "course": "North", "rows": named("sam")}, ("course",)),
    "course key with a nul": ({**ABOUT, "course": "course-v1:A+B\x00+C", "rows": named("sam")}, ("course",)),
    "no rows": (ABOUT, ("rows",)),
    "rows null": ({**ABOUT, "rows": None}, ("rows",)),
    "empty list": ({**ABOUT, "rows": []}, ("rows",)),
    "empty list of all": ({**ABOUT, "rows": [], "scope": "all"}, ("rows",)),
    "rows are no objects": ({**ABOUT, "rows": ["sam"]}, ("rows",)),
    "a row without its key": ({**ABOUT, "rows": [{"identifier": "sam"}, {"mode": "honor"}]}, ("rows",)),
    "a row of the wrong type": ({**ABOUT, "rows": [{"identifier": 5}]}, ("rows",)),
    "unknown scope": ({**ABOUT, "rows": named("sam"), "scope": "some"}, ("scope",)),
    "unknown mode for all": ({**ABOUT, "rows": named("sam"), "defaults": {"mode": "gold"}}, ("defaults.mode",)),
    "unknown action for all": ({**ABOUT, "rows": named("sam"), "defaults": {"action": "x"}}, ("defaults",)),
    "bad reason": ({**ABOUT, "rows": named("sam"), "defaults": {"reason": "\x00"}}, ("defaults.reason",)),
    "bad name": ({**ABOUT, "rows": named("sam"), "name": "a\x00b"}, ("name",)),
    "long name": ({**ABOUT, "rows": named("sam"), "name": "x" * 256}, ("name",)),
    "too many rows": ({**ABOUT, "rows": named("s") * (ROWS_IN_A_REQUEST + 1)}, ("rows",)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_requests_make_no_plan(case: str, university: University) -> None:
    body, fields = BROKEN[case]
    refused(Api(university.root).post(PLANS, body), 400, *fields)
    assert not Job.objects.exists() and not Plan.objects.exists()


def test_bodies_that_are_no_plan(world: World) -> None:
    ask = Api(world.instructor)
    refused(ask.post(PLANS, "{"), 400)
    refused(ask.post(PLANS, "[]"), 400)
    refused(ask.post(PLANS, "identifier=sam", content_type="text/plain"), 415)
    refused(ask.post(PLANS, b"x" * (17 * 1024 * 1024)), 413)


def test_who_is_named_may_be_the_whole_roster(world: World) -> None:
    names = crowd(world)
    ask = Api(world.instructor)
    plan = made(ask, named("sam", names[0].upper(), "nobody@", names[1]), scope="all")
    assert plan["state"] == "ready"
    assert plan["counts"] == {"add": 1, "change": 0, "remove": 10, "unchanged": 2, "refused": 1}
    assert [limit["name"] for limit in plan["limits"] if limit["exceeded"]] == []


def held(world: World, ask: Api) -> dict[str, Any]:
    crowd(world)
    plan = made(ask, named("sam"), scope="all")
    assert plan["state"] == "held", plan
    assert [limit["name"] for limit in plan["limits"] if limit["exceeded"]] == ["removals"]
    return plan


def conflict(answer: HttpResponseBase, text: str = "") -> None:
    error = refused(answer, 409)
    assert error["error_code"] == "CONFLICT"
    assert text in error["user_message"]


def test_a_held_plan_is_approved_by_someone_else(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.staff)
    plan = held(world, ask)
    seal = {"fingerprint": plan["fingerprint"]}
    conflict(act(ask, plan, "apply", **seal), "holds this plan")
    refused(act(ask, plan, "approve", **seal), 403)
    refused(act(Api(world.instructor), plan, "approve", **seal), 403)
    conflict(act(other, plan, "approve", fingerprint="0" * 64), "fingerprint")
    refused(act(other, plan, "approve"), 400, "fingerprint")
    refused(act(other, plan, "approve", note="\x00", **seal), 400, "note")
    answer = act(other, plan, "approve", note="checked", **seal)
    assert answer.status_code == 200
    approved = answer.json()  # type: ignore[attr-defined]
    assert approved["state"] == "approved"
    [review] = approved["reviews"]
    assert (review["by"], review["decision"], review["note"]) == ("staff", "approved", "checked")
    conflict(act(other, plan, "approve", **seal))
    conflict(act(other, plan, "reject", **seal))
    assert applied(ask, plan)["result"]["applied"] == 13
    assert active(world) == {"sam"}
    conflict(act(ask, plan, "cancel"))
    conflict(act(other, plan, "approve", **seal))
    conflict(act(ask, plan, "exclude", rows=[1]))


def test_a_rejected_plan_is_final(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.staff)
    plan = held(world, ask)
    seal = {"fingerprint": plan["fingerprint"]}
    assert act(other, plan, "reject", **seal).json()["state"] == "rejected"  # type: ignore[attr-defined]
    for action in ("apply", "approve", "reject"):
        conflict(act(other, plan, action, **seal), "rejected")
    for action, body in {"cancel": {}, "exclude": {"rows": [1]}, "include": {"rows": [1]}}.items():
        conflict(act(other, plan, action, **body))
    assert "sam" not in active(world)


def test_what_is_ready_needs_no_review_and_canceled_plans_are_over(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.staff)
    plan = made(ask, named("sam"))
    seal = {"fingerprint": plan["fingerprint"]}
    conflict(act(other, plan, "approve", **seal))
    conflict(act(other, plan, "reject", **seal))
    canceled = act(other, plan, "cancel")
    assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")  # type: ignore[attr-defined]
    for action in ("apply", "approve", "reject"):
        conflict(act(other, plan, action, **seal), "canceled")
    conflict(act(ask, plan, "cancel"))
    assert not active(world)


def test_expired_plans_are_over(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam"))
    Plan.objects.filter(pk=plan["plan_id"]).update(expires="2020-01-01T00:00:00Z")
    assert seen(ask, plan)["state"] == "expired"
    conflict(act(ask, plan, "apply", fingerprint=plan["fingerprint"]), "expired")
    conflict(act(ask, plan, "cancel"))


def test_another_fingerprint_applies_nothing(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam"))
    conflict(act(ask, plan, "apply", fingerprint="0" * 64), "fingerprint")
    refused(act(ask, plan, "apply"), 400, "fingerprint")
    refused(act(ask, plan, "apply", fingerprint=plan["fingerprint"], on_stale="x"), 400, "on_stale")
    refused(act(ask, plan, "apply", fingerprint=plan["fingerprint"], reason="\x00"), 400, "reason")
    assert not active(world)
    assert made(ask, named("sam"))["fingerprint"] == plan["fingerprint"]


def test_rows_that_changed_since_stop_the_plan_or_are_left_out(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "staff"))
    write(world.course, "enroll", "sam", mode="verified")
    answer = act(ask, plan, "apply", fingerprint=plan["fingerprint"])
    error = answer.json()  # type: ignore[attr-defined]
    assert (answer.status_code, error["error_code"], error["stale"]) == (409, "CONFLICT", 1)
    assert [(row["key"], row["state"]) for row in error["rows"]] == [("sam", "stale")]
    assert active(world) == {"sam"} and seen(ask, plan)["state"] == "ready"
    plan = applied(ask, plan, on_stale="skip")
    assert plan["result"] == {"applied": 1, "unchanged": 0, "stale": 1, "refused": 0}
    assert [row["state"] for row in rows_of(ask, plan)] == ["stale", "applied"]
    assert [row["key"] for row in rows_of(ask, plan, "?state=stale")] == ["sam"]
    assert CourseEnrollment.objects.get(username_key="sam").mode == "verified"


def test_rows_are_left_out_and_taken_in_again(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "staff", "ghost"))
    answer = act(ask, plan, "exclude", rows=[1], outcomes=["refused"])
    other = answer.json()  # type: ignore[attr-defined]
    assert other["counts"] == {"add": 1, "change": 0, "remove": 0, "unchanged": 0, "refused": 0}
    assert other["fingerprint"] != plan["fingerprint"]
    assert [row["state"] for row in rows_of(ask, plan)] == ["excluded", "planned", "excluded"]
    assert [row["row"] for row in rows_of(ask, plan, "?state=excluded")] == [1, 3]
    assert [row["row"] for row in rows_of(ask, plan, "?state=planned")] == [2]
    assert rows_of(ask, plan, "?state=refused") == []
    answer = act(ask, plan, "include", rows=[1], outcomes=["refused"])
    assert answer.json()["fingerprint"] == plan["fingerprint"]  # type: ignore[attr-defined]
    for body in ({}, {"rows": []}, {"rows": [4]}, {"rows": [0]}, {"rows": [2**40]}, {"rows": ["1"]}, {"rows": [True]}):
        refused(act(ask, plan, "exclude", **body), 400, "rows")
    refused(act(ask, plan, "exclude", outcomes=["removed"]), 400, "outcomes")
    act(ask, plan, "exclude", rows=[1])
    applied(ask, plan)
    assert active(world) == {"staff"}


def test_pages_and_filters_of_rows(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "ghost", "staff", "wraith", "admin"))
    first = seen(ask, {"plan_url": f"{plan['plan_url']}/rows?page_size=2"})
    assert [row["key"] for row in first["results"]] == ["sam", "ghost"]
    keys = []
    cursor: Any = 0
    while cursor is not None:
        page = seen(ask, {"plan_url": f"{plan['plan_url']}/rows?page_size=2&cursor={cursor}"})
        keys += [row["key"] for row in page["results"]]
        cursor = page["cursor"]
    assert keys == ["sam", "ghost", "staff", "wraith", "admin"]
    assert [row["key"] for row in rows_of(ask, plan, "?outcome=refused&page_size=1000")] == ["ghost", "wraith"]
    assert rows_of(ask, plan, "?state=applied") == rows_of(ask, plan, "?cursor=999999999999999") == []
    queries = {"fmt": "xml", "page_size": "0", "cursor": "x", "outcome": "gone", "state": "done"}
    for name, value in (*queries.items(), ("page_size", "1001"), ("cursor", "-1"), ("fmt", "\x00")):
        refused(ask.get(f"{plan['plan_url']}/rows?{name}={value}"), 400, name)


def test_all_rows_as_a_file(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "ghost", "=1+1"))
    answer = ask.get(f"{plan['plan_url']}/rows?fmt=csv&page_size=1")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    found = [*csv.DictReader(io.StringIO(content(answer).decode()))]
    assert [row["key"] for row in found] == ["sam", "ghost", "'=1+1"]
    assert json.loads(found[0]["after"]) == {"enrolled": True, "allowed": False, "mode": "audit"}
    head = ask("HEAD", f"{plan['plan_url']}/rows?fmt=csv")
    assert head.status_code == 200 and content(head) == b""


def test_plans_are_listed_with_filters(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.staff)
    plans = [made(ask, named("sam")), made(other, named("sam")), made(ask, named("staff"))]
    ids = [plan["plan_id"] for plan in reversed(plans)]

    def listed(query: str) -> list[str]:
        return [plan["plan_id"] for plan in seen(ask, {"plan_url": f"{PLANS}{query}"})["results"]]

    assert listed("") == listed(f"?course={KEY.replace('+', '%2B')}") == ids
    assert listed("?mine=true") == [ids[0], ids[2]]
    applied(ask, plans[0])
    assert (listed("?state=applied"), listed("?state=ready"), listed("?state=held")) == ([ids[2]], ids[:2], [])
    page = seen(ask, {"plan_url": f"{PLANS}?page_size=2"})
    assert [plan["plan_id"] for plan in page["results"]] == ids[:2]
    assert seen(ask, {"plan_url": f"{PLANS}?page_size=2&cursor={page['cursor']}"})["cursor"] is None
    queries = {"state": "done", "page_size": "101", "cursor": "x", "mine": "x", "course": "x"}
    for name, value in (*queries.items(), ("cursor", str(uuid.UUID(int=1))), ("state", "")):
        refused(ask.get(f"{PLANS}?{name}={value}"), 400, name)
    refused(ask.get(f"{PLANS}?course={OTHER_KEY.replace('+', '%2B')}"), 404)
    refused(ask.get(f"{PLANS}?program=no-such"), 404)
    assert Api(world.elsewhere).get(PLANS).json() == {"results": [], "cursor": None}  # type: ignore[attr-defined]


def test_a_file_of_learners(world: World) -> None:
    ask = Api(world.instructor)
    text = "identifier,mode\r\nsam,verified\r\nghost,\r\nstaff,gold\r\nSAM@example.org,\r\n"
    body, kind = upload({**ABOUT, "defaults": {"reason": "why"}}, text)
    answer = ask.post(PLANS, body, content_type=kind)
    assert answer.status_code == 201, content(answer)
    plan = answer.json()  # type: ignore[attr-defined]
    assert plan["name"] == "roster.csv"
    assert [(row["row"], row["key"], row["outcome"]) for row in rows_of(ask, plan)] == [
        (2, "sam", "add"), (3, "ghost", "refused"), (4, "staff", "refused"), (5, "SAM@example.org", "refused"),
    ]  # fmt: skip
    assert "2" in rows_of(ask, plan)[3]["refusal"]
    plan = applied(ask, plan)
    operation = seen(ask, {"plan_url": f"/api/record/v1/operations/{plan['operation_id']}"})
    assert (operation["file"], operation["reason"]) == ("roster.csv", "why")
    chunked = ask.chunked("POST", PLANS, body, kind)
    assert chunked.status_code == 201, content(chunked)


BROKEN_FORMS: dict[str, tuple[tuple[bytes, str], int, tuple[str, ...]]] = {
    "no table": (upload(ABOUT, "\x00\x01\x02"), 400, ("file",)),
    "missing column": (upload(ABOUT, "name,mode\r\nsam,honor\r\n"), 400, ("file",)),
    "open quote": (upload(ABOUT, 'identifier\r\n"sam\r\n'), 400, ("file",)),
    "a row of 10 MB": (upload(ABOUT, "identifier\r\n" + "x" * 10_000_000), 400, ("file",)),
    "empty file of all": (upload({**ABOUT, "scope": "all"}, "identifier\r\n"), 400, ("file",)),
    "rows beside a file": (upload({**ABOUT, "rows": []}, "identifier\r\nsam\r\n"), 400, ("rows",)),
    "unknown kind": (upload({**ABOUT, "kind": "x"}, "identifier\r\nsam\r\n"), 400, ("kind",)),
    "unknown mode": (upload({**ABOUT, "defaults": {"mode": "x"}}, "identifier\r\nsam\r\n"), 400, ("defaults.mode",)),
    "no plan": (form({"file": ("identifier\r\nsam\r\n", "a.csv", "text/csv")}), 400, ("plan",)),
    "no file": (form({"plan": (json.dumps(ABOUT), None, "application/json")}), 400, ()),
    "broken plan": (form({"plan": ("{", None, "x/y"), "file": ("identifier\r\nsam", "a.csv", "text/csv")}), 400, ()),
    "plan is no object": (form({"plan": ("[]", None, "x/y"), "file": ("identifier", "a.csv", "text/csv")}), 400, ()),
    "no form": ((b"x", "multipart/form-data; boundary=x"), 400, ()),
    "no boundary": ((b"x", "multipart/form-data"), 400, ()),
}


@pytest.mark.parametrize("case", BROKEN_FORMS)
def test_broken_files_make_no_plan(case: str, world: World) -> None:
    (body, kind), status, fields = BROKEN_FORMS[case]
    refused(Api(world.instructor).post(PLANS, body, content_type=kind), status, *fields)
    assert not Job.objects.exists() and not Plan.objects.exists()


def test_plans_of_students(university: University) -> None:
    ask = Api(university.writer())
    rows = [
        {"student_key": "S-1", "status": "enrolled"},
        {"student_key": "s-1", "status": "pending"},
        {"student_key": "S-2", "status": "graduated"},
        {"student_key": "x" * 300, "status": "enrolled"},
        {"student_key": "S-3", "status": "\x00"},
    ]
    plan = made(ask, rows, about=STUDENTS)
    assert (plan["program"], plan["course"]) == (OWN, None)
    assert plan["counts"] == {"add": 1, "change": 0, "remove": 0, "unchanged": 0, "refused": 4}
    found = rows_of(ask, plan)
    assert (found[0]["before"], found[0]["after"], found[0]["word"]) == ({}, {"status": "enrolled"}, "enrolled")
    assert [row["word"] for row in found[1:3]] == ["duplicated", "invalid-status"]
    assert found[1]["before"] == found[1]["after"] == {}
    plan = applied(ask, plan)
    [change] = rows_of(ask, plan)[0]["change_ids"]
    again = made(ask, [{"student_key": "S-1", "status": "canceled"}], about=STUDENTS)
    [row] = rows_of(ask, again)
    assert (row["outcome"], row["before"], row["after"]) == ("remove", {"status": "enrolled"}, {"status": "canceled"})
    changes = seen(ask, {"plan_url": f"/api/record/v1/operations/{plan['operation_id']}/changes"})["results"]
    assert [each["change_id"] for each in changes] == [change]
    assert changes[0]["person"] == {"username": None, "email": None, "student_key": "S-1"}


def test_plans_of_students_in_course_runs(university: University) -> None:
    ask = Api(university.writer())
    applied(ask, made(ask, [{"student_key": "S-1", "status": "enrolled"}], about=STUDENTS))
    rows = [
        {"course_id": EXTERNAL, "student_key": "S-1", "status": "active"},
        {"course_id": "course-v1:No+Such+Run", "student_key": "S-1", "status": "active"},
        {"course_id": KEY, "student_key": "S-1", "status": "inactive"},
        {"course_id": KEY, "student_key": "S-9", "status": "active"},
        {"course_id": KEY, "student_key": "S-2", "status": "active", "course_staff": True},
    ]
    plan = made(ask, rows, about=IN_COURSES)
    found = rows_of(ask, plan)
    assert [row["outcome"] for row in found] == ["add", "refused", "refused", "refused", "refused"]
    assert (found[0]["course_id"], found[0]["after"]) == (EXTERNAL, {"status": "active", "course_staff": False})
    assert [row["word"] for row in found[1:4]] == ["course-not-found", "duplicated", "not-in-program"]
    assert "course_roles" in found[4]["refusal"]
    plan = applied(ask, plan)
    assert [len(row["change_ids"]) for row in rows_of(ask, plan)] == [1, 0, 0, 0, 0]


def test_course_staff_needs_the_feature_until_it_is_written(university: University) -> None:
    writer = university.writer("roles", course_roles=True)
    ask = Api(writer)
    applied(ask, made(ask, [{"student_key": "S-1", "status": "enrolled"}], about=STUDENTS))
    row = {"course_id": KEY, "student_key": "S-1", "status": "active", "course_staff": True}
    plan = made(ask, [row], about=IN_COURSES)
    assert rows_of(ask, plan)[0]["after"] == {"status": "active", "course_staff": True}
    FeatureGrant.objects.filter(account=writer).delete()
    refused(act(ask, plan, "apply", fingerprint=plan["fingerprint"]), 403)
    FeatureGrant.objects.create(feature="course_roles", account=writer)
    assert applied(ask, plan)["result"]["applied"] == 1


def test_a_large_plan_is_made_and_applied_by_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "staff", "admin"), 202)
    assert (plan["state"], plan["fingerprint"], plan["counts"]["add"]) == ("planning", None, 0)
    assert rows_of(ask, plan) == []
    for action, body in {
        "apply": {"fingerprint": "x"},
        "approve": {"fingerprint": "x"},
        "exclude": {"rows": [1]},
    }.items():
        conflict(act(ask, plan, action, **body), "planning")
    run_here(uuid.UUID(plan["plan_id"]))
    plan = seen(ask, plan)
    assert (plan["state"], plan["counts"]["add"]) == ("ready", 3)
    answer = act(ask, plan, "apply", fingerprint=plan["fingerprint"])
    assert (answer.status_code, answer.json()["state"]) == (202, "applying")  # type: ignore[attr-defined]
    assert answer.json()["result"] is None  # type: ignore[attr-defined]
    assert act(ask, plan, "apply", fingerprint="x").status_code == 202
    assert {row["state"] for row in rows_of(ask, plan)} == {"planned"}
    run_here(uuid.UUID(seen(ask, plan)["operation_id"]))
    assert seen(ask, plan)["result"] == {"applied": 3, "unchanged": 0, "stale": 0, "refused": 0}


def test_a_plan_is_canceled_while_it_is_made_or_applied(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "staff", "admin"), 202)
    assert act(Api(world.staff), plan, "cancel").json()["state"] == "canceled"  # type: ignore[attr-defined]
    assert not Job.objects.filter(state__in=["pending", "running"]).exists()
    plan = made(ask, named("sam", "staff", "admin"), 202)
    run_here(uuid.UUID(plan["plan_id"]))
    plan = seen(ask, plan)
    assert act(ask, plan, "apply", fingerprint=plan["fingerprint"]).status_code == 202
    job = get_job(uuid.UUID(seen(ask, plan)["operation_id"]))
    assert run_chunk(job)
    canceled = act(ask, plan, "cancel").json()  # type: ignore[attr-defined]
    assert canceled["state"] == "canceled"
    assert canceled["result"] == {"applied": 2, "unchanged": 0, "stale": 0, "refused": 0}
    assert active(world) == {"sam", "staff"}
    assert [row["state"] for row in rows_of(ask, plan)] == ["applied", "applied", "planned"]
    assert [row["key"] for row in rows_of(ask, plan, "?state=planned")] == ["admin"]
    assert [row["key"] for row in rows_of(ask, plan, "?state=applied")] == ["sam", "staff"]
    conflict(act(ask, plan, "cancel"))


def test_uploads_and_plans_of_a_program_wait_for_each_other(university: University) -> None:
    ask = Api(university.writer())
    plan = made(ask, [{"student_key": "S-1", "status": "enrolled"}], about=STUDENTS)
    body, kind = form({"file": ("student_key,status\r\nS-2,enrolled\r\n", "a.csv", "text/csv")})
    started = ask.post(f"/api/v1/programs/{OWN}/enrollments/upload/", body, content_type=kind)
    assert started.status_code == 202
    conflict(act(ask, plan, "apply", fingerprint=plan["fingerprint"]), "still writing")
    assert seen(ask, plan)["state"] == "ready"
    run_here(uuid.UUID(started.json()["job_id"]))  # type: ignore[attr-defined]
    assert applied(ask, plan)["result"]["applied"] == 1


def test_a_plan_whose_rows_have_expired_is_still_shown(world: World) -> None:
    ask = Api(world.instructor)
    plan = applied(ask, made(ask, named("sam", "ghost")))
    Job.objects.all().update(updated="2020-01-01T00:00:00Z")
    delete_expired_files(30, OF_FILES)
    assert seen(ask, plan) == plan
    assert rows_of(ask, plan) == []
    delete_expired_jobs(30)
    refused(ask.get(plan["plan_url"]), 404)
    operation = seen(ask, {"plan_url": f"/api/record/v1/operations/{plan['operation_id']}"})
    assert operation["undoable"] is True


def test_ids_that_are_no_plan(world: World) -> None:
    ask = Api(world.instructor)
    for path in ("", "/rows"):
        refused(ask.get(f"{PLANS}/x{path}"), 400, "plan_id")
        refused(ask.get(f"{PLANS}/{uuid.UUID(int=1)}{path}"), 404)
        assert ask.get(f"{made(ask, named('sam'))['plan_url']}{path}/").status_code == 200
    job = Api(world.instructor).post("enrollments", {"identifiers": ["sam", "staff"]}).json()  # type: ignore[attr-defined]
    refused(ask.get(f"{PLANS}/{job['task_id']}"), 404)
    refused(ask.get(f"{PLANS}/{job['task_id']}/nothing"), 404)


def test_who_lost_the_right_meanwhile_makes_no_plan(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Api(world.instructor)
    looked: Callable[..., Any] = may_read_about

    def withdrawn(*given: Any) -> bool:
        found = looked(*given)
        CourseRole.objects.filter(account=world.instructor).delete()
        return bool(found)

    monkeypatch.setattr("matricula.rest.contracts.record.requested.may_read_about", withdrawn)
    refused(ask.post(PLANS, {**ABOUT, "rows": named("sam")}), 403)
    assert not Job.objects.exists() and not Plan.objects.exists()


def test_a_file_may_be_larger_than_uploads_of_other_contracts(world: World, settings: Any) -> None:
    ask = Api(world.instructor)
    body, kind = upload(ABOUT, "identifier,reason\r\n" + f"sam,{'x' * 9_000}\r\n" * 700)
    assert len(body) > settings.ENVIRONMENT.upload_limit
    assert ask.post(PLANS, body, content_type=kind).status_code == 201


def test_a_file_beyond_all_limits_is_413(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.rest.contracts.record.plans.LARGEST_FILE", 10)
    body, kind = upload(ABOUT, "identifier\r\nsam\r\n")
    refused(Api(world.instructor).post(PLANS, body, content_type=kind), 413)


def test_what_a_dead_worker_had_written_of_a_canceled_plan_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outcomes of a large plan are collected at its end, which a worker that is dead doesn't reach."""
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    monkeypatch.setattr("matricula.batches.engine.LARGE", 2)
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "staff", "admin", "new@example.org", "ghost"), 202)
    # the other connections would not see what this test has not committed
    assert run_slices(get_job(uuid.UUID(plan["plan_id"])), connections=1)
    finish(get_job(uuid.UUID(plan["plan_id"])))
    plan = seen(ask, plan)
    assert act(ask, plan, "apply", fingerprint=plan["fingerprint"]).status_code == 202
    job = get_job(uuid.UUID(seen(ask, plan)["operation_id"]))
    asked = iter([False, True])
    # people with accounts are a slice; who is invited is another one
    assert not run_slices(job, lambda: next(asked), connections=1)
    assert JobSlice.objects.filter(job=job.id, codes=None).exists()
    canceled = act(ask, plan, "cancel").json()  # type: ignore[attr-defined]
    written = len(active(world))
    assert canceled["result"] == {"applied": written, "unchanged": 0, "stale": 0, "refused": 1}
    states = [row["state"] for row in rows_of(ask, plan)]
    assert 0 < states.count("applied") == written < 4
