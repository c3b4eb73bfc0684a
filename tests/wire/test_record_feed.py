"""The feed on the wire (record-api: Feed)."""

import base64
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from matricula.access.statuses import NAMES_IN_DOWNLOADS
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.models import FeatureGrant
from tests.conftest import KEY, OTHER_KEY, Api, World, as_superuser, write
from tests.university import ABROAD, OWN, University
from tests.wire.answers import content, refused

CHANGES = "/api/record/v1/changes"
pytestmark = pytest.mark.usefixtures("final_at_once")


def page(ask: Api, **query: Any) -> dict[str, Any]:
    answer = ask.get(f"{CHANGES}?{urlencode(query)}")
    assert answer.status_code == 200, content(answer)
    return dict(answer.json())  # type: ignore[attr-defined]


def after(ask: Api, cursor: str, **query: Any) -> list[dict[str, Any]]:
    """All that comes behind a cursor, in small pages."""
    found, more = list[dict[str, Any]](), True
    while more:
        one = page(ask, after=cursor, limit=2, **query)
        found, cursor, more = found + one["changes"], one["cursor"], one["more"]
    return found


def now(ask: Api) -> str:
    one = page(ask, after="now")
    assert (one["changes"], one["more"]) == ([], False)
    return str(one["cursor"])


def test_the_example_of_the_contract(world: World) -> None:
    ask = Api(world.instructor)
    begun = now(ask)
    world.enroll("sam", reason="start of term", operation=new_operation(world.instructor.pk, API))
    [change] = after(ask, begun)
    record = change["data"].pop("record")
    assert change.pop("id") == str(record["change_id"])
    assert change.pop("time") == record.pop("at")[:19] + "Z"
    operation = change["data"].pop("operation_id")
    assert change == {
        "specversion": "1.0", "source": "http://testserver", "subject": "course_enrollment",
        "type": "org.openedx.learning.course.enrollment.created.v1", "datacontenttype": "application/json",
        "data": {
            "subject": "course_enrollment",
            "person": {"username": "sam", "email": "sam@example.org", "student_key": None},
            "course": KEY, "program": None, "before": {}, "after": {"mode": "audit", "is_active": True},
            "actor": "instructor", "reason": "start of term",
        },
    }  # fmt: skip
    assert record == {
        "change_id": record["change_id"], "subject": "course_enrollment", "account_id": world.learner.pk, "email": None,
        "student_key": None, "course": world.course.id, "program": None, "operation_id": operation, "source": "api",
        "actor_id": world.instructor.pk, "transition": "from unenrolled to enrolled", "before": {},
        "after": {"v": 2, "enrollment": {"mode": "audit", "is_active": True}}, "reason": "start of term",
    }  # fmt: skip


def test_types_follow_what_became_of_the_enrollment(world: World) -> None:
    ask = Api(world.admin)
    begun = now(ask)
    world.enroll("sam", "new@example.org")
    world.enroll("sam", mode="verified")
    world.unenroll("sam")
    world.enroll("sam")
    assert [
        (change["type"].rpartition("org.")[2], change["data"]["person"]["username"]) for change in after(ask, begun)
    ] == [
        ("openedx.learning.course.enrollment.created.v1", "sam"),
        ("matricula.pre_enrollment.changed.v1", None),
        ("openedx.learning.course.enrollment.changed.v1", "sam"),
        ("openedx.learning.course.unenrollment.completed.v1", "sam"),
        ("openedx.learning.course.enrollment.created.v1", "sam"),
    ]


def about(changes: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    return [(c["subject"], c["data"]["course"], c["data"]["program"]) for c in changes]


def test_everyone_follows_their_own_part(university: University, world: World) -> None:
    root = Api(university.root)
    begun = now(root)
    writer = Api(university.writer())
    write(world.course, "enroll", "sam")
    write(world.other, "enroll", "sam")
    rows = [{"student_key": "S-1", "status": "enrolled"}]
    plan = writer.post("/api/record/v1/plans", {"kind": "program_enrollments", "program": OWN, "rows": rows}).json()  # type: ignore[attr-defined]
    writer.post(f"{plan['plan_url']}/apply", {"fingerprint": plan["fingerprint"]})
    here, there = ("course_enrollment", KEY, None), ("course_enrollment", OTHER_KEY, None)
    student = ("program_enrollment", None, OWN)
    everything = after(root, begun)
    assert [one for one in about(everything) if one in {here, there, student}] == [here, there, student]
    assert about(after(Api(world.instructor), begun)) == [here]
    assert about(after(Api(world.elsewhere), begun)) == [there]
    assert about(after(Api(world.admin), begun)) == [here, there]
    assert about(after(Api(world.learner), begun)) == []
    assert [one for one in about(after(writer, begun)) if one[0] != "job"] == [student]
    # filters
    assert about(after(root, begun, course=KEY)) == [here]
    assert about(after(root, begun, program=OWN, subject="program_enrollment")) == [student]
    assert {one[0] for one in about(after(root, begun, subject="job"))} == {"job"}
    assert [c["data"]["after"]["state"] for c in after(root, begun, subject="job", program=OWN)]
    # what one may not see is not there
    refused(Api(world.elsewhere).get(f"{CHANGES}?course={quote(KEY)}"), 404)
    refused(writer.get(f"{CHANGES}?program={ABROAD}"), 404)


def test_names_of_students_are_for_those_who_may_see_them(university: University, world: World) -> None:
    account = university.writer()
    ask = Api(account)
    begun = now(ask)
    body = [{"student_key": "S-1", "status": "enrolled"}]
    plan = ask.post("/api/record/v1/plans", {"kind": "program_enrollments", "program": OWN, "rows": body}).json()  # type: ignore[attr-defined]
    ask.post(f"{plan['plan_url']}/apply", {"fingerprint": plan["fingerprint"]})
    [change] = after(ask, begun, subject="program_enrollment")
    assert change["data"]["person"] == {"username": None, "email": None, "student_key": "S-1"}
    assert change["data"]["record"] is None
    FeatureGrant.objects.create(feature=NAMES_IN_DOWNLOADS, account=account)
    [change] = after(ask, begun, subject="program_enrollment")
    assert change["data"]["record"]["student_key"] == "S-1"


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


NO_CURSORS = (
    "x", "-1", "\x00", "Now", "\N{SNOWMAN}", "a" * 5000, _encoded("1.1"), _encoded("2.1.1"), _encoded("1.1.-1"),
    _encoded("1.01.1"), _encoded("1.1.1") + "=", _encoded(f"1.{2**63}.1"),
)  # fmt: skip
INVALID = (
    ("limit=0", "limit"), ("limit=1001", "limit"), ("wait=31", "wait"), ("wait=-1", "wait"), ("wait=x", "wait"),
    ("subject=people", "subject"), ("course=x", "course"),
    *((urlencode({"after": text}), "after") for text in NO_CURSORS),
)  # fmt: skip


def test_what_is_no_cursor_or_no_filter_is_named(world: World) -> None:
    ask = Api(world.admin)
    assert len(INVALID) > len(NO_CURSORS)
    for query, field in INVALID:
        refused(ask.get(f"{CHANGES}?{query}"), 400, field)


def test_a_cursor_of_before_a_restore_is_no_place(world: World) -> None:
    """The feed of a database that was put back to an earlier moment has not come so far."""
    error = refused(Api(world.admin).get(f"{CHANGES}?after={_encoded(f'1.{2**63 - 1}.1')}"), 400, "after")
    assert "restored" in error["field_errors"]["after"]["user_message"]


def test_in_another_server_the_feed_is_paused(world: World) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(
            "create or replace function matricula_journal_server() returns bigint language sql stable return 7::bigint"
        )
    for query in ("", "?after=now", f"?after={_encoded('1.1.1')}"):
        answer = Api(world.admin).get(f"{CHANGES}{query}")
        assert "matricula migrate" in refused(answer, 503)["user_message"]
        assert answer.headers["Retry-After"] == "60"


def test_a_page_has_the_same_number_of_statements(world: World, django_assert_num_queries: Any) -> None:
    ask = Api(world.admin)
    begun = now(ask)
    for count in (1, 30):
        write(world.course, "enroll", *[f"new{n}@example.org" for n in range(count)])
        # who is calling, the programs they read, the changes, the names of people and of course runs, redactions
        with django_assert_num_queries(6):
            assert page(ask, after=begun)["changes"]
