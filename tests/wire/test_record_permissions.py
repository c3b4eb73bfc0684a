"""Who may do what in the Record API: every address, every method, every kind of caller (record-api: Who may)."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from matricula.models import CourseEnrollment, Seal
from matricula.rest.contracts.record.guard import (
    LOGGED_IN,
    SEES_COURSE,
    SEES_OPERATION,
    SEES_PLAN,
    SEES_PROGRAM,
    SEES_SNAPSHOT,
    WRITES_OPERATION,
    WRITES_PLAN,
)
from matricula.rest.contracts.record.urls import BASE, RECORD_ADDRESSES
from tests.conftest import KEY, Api, World
from tests.university import OWN, University
from tests.wire.answers import content, refused
from tests.wire.test_permissions import BY_SCOPE, CALLERS, NOBODY, OTHERS, Ask, caller
from tests.wire.test_record_retirements import TABLE as RETIREMENTS
from tests.wire.test_record_webhooks import TABLE as WEBHOOKS

PLAN, OPERATION = "/plans/{plan_id}", "/operations/{operation_id}"
WHY_COURSE, WHY_PROGRAM = "/courses/{course_key}/why", "/programs/{program_key}/why"
OF_COURSE, OF_PROGRAM_KEY, SNAPSHOT = "/courses/{course_key}", "/programs/{program_key}", "/snapshots/{snapshot_id}"
BETWEEN = "?from=2020-01-01T00:00:00Z"
QUERIES = {
    WHY_COURSE: "?person=sam",
    WHY_PROGRAM: "?student_key=S-1",
    OF_COURSE + "/difference": BETWEEN,
    OF_PROGRAM_KEY + "/difference": BETWEEN,
}
# path, method → who may
TABLE = {
    ("/plans", "GET"): LOGGED_IN,
    ("/plans", "POST"): LOGGED_IN,
    (PLAN, "GET"): SEES_PLAN,
    (PLAN + "/rows", "GET"): SEES_PLAN,
    (PLAN + "/exclude", "POST"): WRITES_PLAN,
    (PLAN + "/include", "POST"): WRITES_PLAN,
    (PLAN + "/approve", "POST"): WRITES_PLAN,
    (PLAN + "/reject", "POST"): WRITES_PLAN,
    (PLAN + "/apply", "POST"): WRITES_PLAN,
    (PLAN + "/cancel", "POST"): WRITES_PLAN,
    ("/operations", "GET"): LOGGED_IN,
    (OPERATION, "GET"): SEES_OPERATION,
    (OPERATION + "/changes", "GET"): SEES_OPERATION,
    (OPERATION + "/undo", "POST"): WRITES_OPERATION,
    ("/changes", "GET"): LOGGED_IN,
    ("/seals", "GET"): LOGGED_IN,
    ("/seals/latest", "GET"): LOGGED_IN,
    (WHY_COURSE, "GET"): SEES_COURSE,
    (WHY_PROGRAM, "GET"): SEES_PROGRAM,
    (OF_COURSE + "/roster", "GET"): SEES_COURSE,
    (OF_PROGRAM_KEY + "/roster", "GET"): SEES_PROGRAM,
    (OF_COURSE + "/difference", "GET"): SEES_COURSE,
    (OF_PROGRAM_KEY + "/difference", "GET"): SEES_PROGRAM,
    (OF_COURSE + "/digest", "GET"): SEES_COURSE,
    ("/snapshots", "GET"): LOGGED_IN,
    ("/snapshots", "POST"): LOGGED_IN,
    (SNAPSHOT, "GET"): SEES_SNAPSHOT,
    (SNAPSHOT + "/rows", "GET"): SEES_SNAPSHOT,
}
FINGERPRINT = "0" * 64
BODIES: dict[str, Any] = {
    "exclude": {"rows": [1]},
    "include": {"rows": [1]},
    "approve": {"fingerprint": FINGERPRINT},
    "reject": {"fingerprint": FINGERPRINT},
    "apply": {"fingerprint": FINGERPRINT},
    "undo": {"reason": "why"},
}
ABOUT = {"kind": "course_enrollments", "course": KEY, "rows": [{"identifier": "sam"}]}
OF_PROGRAM = {"kind": "program_enrollments", "program": OWN, "rows": [{"student_key": "S-1", "status": "enrolled"}]}


def body_of(path: str, method: str, plan: Any = ABOUT) -> str:
    if method != "POST":
        return ""
    if path == "/snapshots":
        return json.dumps({name: plan[name] for name in ("course", "program") if name in plan})
    return json.dumps(plan if path == "/plans" else BODIES.get(path.rpartition("/")[2], {}))


def address(path: str, ids: dict[str, str]) -> str:
    return BASE + path.format(**{"course_key": KEY, "program_key": OWN, **ids}) + QUERIES.get(path, "")


def stored(ask: Api, plan: Any) -> dict[str, str]:
    """A plan that waits, and the operation of one that was applied; there is a seal, too."""
    make_seal()
    waiting, done = (ask.post(f"{BASE}/plans", plan).json() for _ in range(2))  # type: ignore[attr-defined]
    answer = ask.post(f"{done['plan_url']}/apply", {"fingerprint": done["fingerprint"]})
    assert answer.status_code == 200, content(answer)
    kept = ask.post(f"{BASE}/snapshots", json.loads(body_of("/snapshots", "POST", plan)))
    assert kept.status_code == 201, content(kept)
    return {
        "plan_id": waiting["plan_id"],
        "operation_id": answer.json()["operation_id"],  # type: ignore[attr-defined]
        "snapshot_id": kept.json()["snapshot_id"],  # type: ignore[attr-defined]
    }


def make_seal(day: int = 1) -> Seal:
    at, place = datetime(2026, 11, day, tzinfo=UTC), {"first_change_id": day, "last_change_id": day, "last_xact": day}
    return Seal.objects.create(**place, at=at, changes=1, digest=bytes(32), earliest=at, latest=at)


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    return stored(Api(world.instructor), ABOUT)


def test_the_table_is_the_address_table() -> None:
    found = {(a.template.removeprefix(BASE), m): e.permission for a in RECORD_ADDRESSES for m, e in a.methods.items()}
    assert found == TABLE | WEBHOOKS | RETIREMENTS


def with_head() -> list[tuple[str, str, str]]:
    rows = [(path, method, who) for (path, method), who in TABLE.items()]
    return rows + [(path, "HEAD", who) for path, method, who in rows if method == "GET"]


def expected(name: str, path: str, method: str, who: str) -> int | None:
    """The status of a refusal; None: the caller gets beyond the guard."""
    if name in NOBODY:
        return 401
    if name in BY_SCOPE and BY_SCOPE[name] != ("write" if method == "POST" else "read"):
        return 403
    if who is SEES_PROGRAM:
        # there is none here; its readers are in test_roles_on_a_program
        return 404
    if name in OTHERS:
        return None if who is LOGGED_IN and method != "POST" else 404
    return None


@pytest.mark.parametrize("name", CALLERS)
def test_every_address_and_caller(name: str, world: World, ids: dict[str, str]) -> None:
    ask: Ask = caller(name, world)
    rows = with_head()
    assert len(rows) > len(TABLE)
    for path, method, who in rows:
        answer = ask(method, address(path, ids), body_of(path, method))
        wanted = expected(name, path, method, who)
        seen = (path, method, answer.status_code)
        if wanted is None:
            assert answer.status_code in {200, 201, 202, 409} or seen == (PLAN + "/approve", "POST", 403), seen
        else:
            assert seen == (path, method, wanted)
            if method != "HEAD":
                refused(answer, wanted)
        assert ("WWW-Authenticate" in answer.headers) == (wanted == 401)


@pytest.mark.parametrize("name", [*NOBODY, *OTHERS, "only read", "no scope", "session without csrf"])
def test_who_is_refused_changes_nothing(name: str, world: World, ids: dict[str, str]) -> None:
    ask, own = caller(name, world), Api(world.instructor)
    before = [own.get(address(path, ids)).json() for path in (PLAN, OPERATION)]  # type: ignore[attr-defined]
    for (path, method), _ in TABLE.items():
        if method == "POST":
            body = json.dumps({"fingerprint": before[0]["fingerprint"], "rows": [1]})
            ask(method, address(path, ids), body)
    assert [own.get(address(path, ids)).json() for path in (PLAN, OPERATION)] == before  # type: ignore[attr-defined]
    assert CourseEnrollment.objects.filter(is_active=True).count() == 1


HOLDS = {"read_metadata": 0, "read_reports": 0, "read_all_jobs": 0, "read_enrollments": 1, "read_write_enrollments": 2}


@pytest.mark.parametrize("role", HOLDS)
def test_roles_on_a_program(role: str, university: University) -> None:
    """What one may not see is not there; what one may see but not write is forbidden."""
    ids = stored(Api(university.writer("first")), OF_PROGRAM)
    ask = Api(university.holder(role))
    rows = with_head()
    assert len(rows) > len(TABLE)
    for path, method, who in rows:
        status = ask(method, address(path, ids), body_of(path, method, OF_PROGRAM)).status_code
        # a snapshot changes nothing of what it is about: who may read that may make one
        writes = method == "POST" and path != "/snapshots"
        if who is SEES_COURSE:
            assert status == 404, (path, method, status)
            continue
        if HOLDS[role] == 2 or (HOLDS[role] == 1 and not writes) or (who is LOGGED_IN and method != "POST"):
            assert status in {200, 201, 409}, (path, method, status)
        else:
            assert status == (403 if HOLDS[role] else 404), (path, method, status)


def test_methods_and_addresses_that_there_are_not(world: World, ids: dict[str, str]) -> None:
    ask = Api(world.instructor)
    for path in {path for path, _ in TABLE}:
        answer = ask("DELETE", address(path, ids), "")
        refused(answer, 405)
        allowed = {method for known, method in TABLE if known == path}
        assert set(answer.headers["Allow"].split(", ")) == allowed | ({"HEAD"} if "GET" in allowed else set())
    refused(ask.get(f"{BASE}/nothing"), 404)
    refused(ask.get(f"{BASE}/plans/{uuid.UUID(int=1)}/rows/1"), 404)
