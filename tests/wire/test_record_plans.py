"""Plans on the wire: made, shown, reviewed, applied (record-api: Plans)."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http.response import HttpResponseBase

from matricula.batches.runs import run_here
from matricula.models import CourseEnrollment, CourseRole, FeatureGrant, Job, Plan
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
    return {
        e.account.username for e in CourseEnrollment.objects.filter(course_id=world.course.id, is_active=True)
    }


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
    assert [row["change_ids"] for row in rows_of(ask, plan)] == [[changes[0]["change_id"]], [changes[1]["change_id"]], []]


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
    ask, other = Api(world.instructor), Api(world.staff)
    plan = made(ask, named("sam", names[0].upper(), "nobody@", names[1]), scope="all")
    assert plan["state"] == "held"
    assert plan["counts"] == {"add": 1, "change": 0, "remove": 10, "unchanged": 2, "refused": 1}
    assert [limit["name"] for limit in plan["limits"] if limit["exceeded"]] == []


def held(world: World, ask: Api) -> dict[str, Any]:
    crowd(world)
    plan = made(ask, named("sam"), scope="all")
    assert plan["state"] == "held", plan
    assert [limit["name"] for limit in plan["limits"] if limit["exceeded"]] == ["removals"]
    return plan
