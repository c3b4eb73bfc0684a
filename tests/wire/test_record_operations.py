"""Operations, their changes and how they are taken back, on the wire (record-api: Operations and undo)."""

import csv
import io
import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.http.response import HttpResponseBase

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.statuses import CourseRole as Role
from matricula.batches.runs import run_here
from matricula.journal.statuses import COMMAND
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, CourseRole, FeatureGrant, OutgoingMail, PreEnrollment, ProgramEnrollment
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account, write
from tests.university import OWN, University
from tests.wire.answers import content, refused
from tests.wire.test_record_plans import active, applied, conflict, form, made, named, rows_of, seen

OPERATIONS = "/api/record/v1/operations"
STUDENTS = {"kind": "program_enrollments", "program": OWN}


def listed(ask: Api, query: str = "") -> list[dict[str, Any]]:
    answer = ask.get(f"{OPERATIONS}{query}")
    assert answer.status_code == 200, content(answer)
    return list(answer.json()["results"])  # type: ignore[attr-defined]


def got(ask: Api, operation_id: Any, rest: str = "") -> dict[str, Any]:
    answer = ask.get(f"{OPERATIONS}/{operation_id}{rest}")
    assert answer.status_code == 200, content(answer)
    return dict(answer.json())  # type: ignore[attr-defined]


def changes(ask: Api, operation_id: Any, query: str = "") -> list[dict[str, Any]]:
    return list(got(ask, operation_id, f"/changes{query}")["results"])


def undo(ask: Api, operation_id: Any, **body: Any) -> HttpResponseBase:
    return ask.post(f"{OPERATIONS}/{operation_id}/undo", body)


def planned(ask: Api, operation_id: Any, **body: Any) -> dict[str, Any]:
    answer = undo(ask, operation_id, **body)
    assert answer.status_code == 201, content(answer)
    plan: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert answer.headers["Location"] == plan["plan_url"]
    return plan


def enrolled(ask: Api, *identifiers: str) -> str:
    """The operation that enrolls them."""
    return str(applied(ask, made(ask, named(*identifiers)), reason="start of term")["operation_id"])


def test_the_example_of_the_contract(world: World) -> None:
    ask = Api(world.instructor)
    id_ = enrolled(ask, "sam")
    operation = got(ask, id_)
    assert operation.pop("at") <= operation.pop("ended")
    assert operation == {
        "operation_id": id_, "operation_url": f"http://testserver{OPERATIONS}/{id_}", "kind": "plan", "source": "api",
        "actor": "instructor", "reason": "start of term", "course": KEY, "program": None, "job_id": id_, "file": None,
        "counts": {"course_enrollment": 1}, "undo_of": None, "undone_by": [], "undoable": True,
    }  # fmt: skip
    [change] = changes(ask, id_)
    assert isinstance(change.pop("change_id"), int)
    assert change.pop("at").endswith("Z")
    assert change == {
        "subject": "course_enrollment",
        "person": {"username": "sam", "email": "sam@example.org", "student_key": None},
        "course": KEY, "program": None, "transition": "from unenrolled to enrolled", "before": {},
        "after": {"mode": "audit", "is_active": True}, "reason": "start of term",
    }  # fmt: skip


def test_states_of_invitations_are_flat(world: World) -> None:
    ask = Api(world.instructor)
    id_ = enrolled(ask, "new@example.org")
    [change] = changes(ask, id_)
    assert change["person"] == {"username": None, "email": "new@example.org", "student_key": None}
    assert change["after"] == {"mode": None, "allowed": True, "auto_enroll": False, "bound": False}
    [row] = rows_of(ask, planned(ask, id_, reason="wrong"))
    assert (row["key"], row["outcome"], row["before"], row["after"]) == (
        "new@example.org", "remove", change["after"], {},
    )  # fmt: skip


def test_an_operation_is_undone_and_the_undo_too(world: World) -> None:
    write(world.course, "enroll", "staff", mode="verified")
    ask = Api(world.instructor)
    id_ = enrolled(ask, "sam", "new@example.org", "staff")
    plan = planned(ask, id_, reason="wrong file")
    assert (plan["kind"], plan["undo_of"], plan["course"], plan["state"]) == ("undo", id_, KEY, "ready")
    assert plan["counts"]["remove"] == 2
    assert active(world) == {"sam", "staff"}
    plan = applied(ask, plan)
    assert active(world) == {"staff"} and not PreEnrollment.objects.exists()
    undone = got(ask, plan["operation_id"])
    assert (undone["kind"], undone["undo_of"], undone["reason"]) == ("undo", id_, "wrong file")
    first = got(ask, id_)
    assert first["undone_by"] == [plan["operation_id"]]
    assert isinstance(first["undoable"], str)
    conflict(undo(ask, id_), "already undone")
    assert [len(row["change_ids"]) for row in rows_of(ask, plan)] == [1] * len(rows_of(ask, plan))
    applied(ask, planned(ask, plan["operation_id"]))
    assert active(world) == {"sam", "staff"} and PreEnrollment.objects.count() == 1


def test_some_changes_are_undone(world: World) -> None:
    ask = Api(world.instructor)
    id_ = enrolled(ask, "sam", "staff", "admin")
    chosen = [change["change_id"] for change in changes(ask, id_) if change["person"]["username"] == "staff"]
    plan = planned(ask, id_, changes=chosen)
    assert [row["key"] for row in rows_of(ask, plan)] == ["staff"]
    applied(ask, plan)
    assert active(world) == {"sam", "admin"}
    assert got(ask, id_)["undoable"] is True
    other = changes(ask, enrolled(ask, "elsewhere"))[0]["change_id"]
    for wrong in ([other], [2**62], [2**64], [0], [], ["1"], "some", [True], 5, None):
        refused(undo(ask, id_, changes=wrong), 400, "changes")
    refused(undo(ask, id_, reason="\x00"), 400, "reason")
    refused(undo(ask, id_, reason=5), 400, "reason")


def test_what_someone_changed_since_is_a_conflict(world: World) -> None:
    ask = Api(world.instructor)
    id_ = enrolled(ask, "sam", "staff")
    later = enrolled_in(Api(world.staff), "sam", "verified")
    plan = planned(ask, id_)
    assert plan["words"]["conflict"] == 1
    [row] = rows_of(ask, plan, "?outcome=refused")
    assert (row["key"], row["word"], row["state"]) == ("sam", "conflict", "refused")
    assert "staff" in row["refusal"] and later in row["refusal"]
    applied(ask, plan)
    assert active(world) == {"sam"}


def enrolled_in(ask: Api, identifier: str, mode: str) -> str:
    rows = [{"identifier": identifier, "mode": mode}]
    return str(applied(ask, made(ask, rows))["operation_id"])


def test_single_requests_are_operations_that_can_be_undone(world: World) -> None:
    ask = Api(world.instructor)
    id_ = str(uuid.uuid4())
    answer = ask.post("enrollments", {"identifiers": ["sam"]}, **{"X-Request-Id": id_})
    [operation] = listed(ask)
    assert (operation["kind"], operation["course"], operation["undoable"]) == ("request", KEY, True)
    assert answer.headers.get("X-Request-Id", operation["operation_id"]) == operation["operation_id"]
    applied(ask, planned(ask, operation["operation_id"]))
    assert active(world) == set()


def test_what_changed_nothing_gives_a_plan_without_rows(world: World) -> None:
    ask = Api(world.instructor)
    made(ask, named("sam"))
    [operation] = listed(ask)
    assert (operation["kind"], operation["counts"]) == ("plan", {})
    assert "nothing" in operation["undoable"]
    plan = planned(ask, operation["operation_id"])
    assert (plan["progress"], plan["counts"]["refused"]) == ({"current": 0, "total": 0}, 0)
    assert rows_of(ask, plan) == []
    assert applied(ask, plan)["result"] == {"applied": 0, "unchanged": 0, "stale": 0, "refused": 0}


def test_what_is_still_running_is_undone_later(world: World) -> None:
    ask = Api(world.instructor)
    task = ask.post("enrollments", {"identifiers": ["sam", "staff"]}).json()  # type: ignore[attr-defined]
    operation = got(ask, task["task_id"])
    assert "running" in operation["undoable"]
    conflict(undo(ask, task["task_id"]), "running")
    run_here(uuid.UUID(task["task_id"]))
    assert got(ask, task["task_id"])["undoable"] is True
    applied(ask, planned(ask, task["task_id"]))
    assert active(world) == set()


def test_operations_of_others_are_not_there(world: World) -> None:
    id_ = enrolled(Api(world.instructor), "sam")
    for who in (world.elsewhere, world.learner):
        ask = Api(who)
        for path in ("", "/changes"):
            refused(ask.get(f"{OPERATIONS}/{id_}{path}"), 404)
        refused(undo(ask, id_), 404)
        assert listed(ask) == []
    ask = Api(world.instructor)
    refused(ask.get(f"{OPERATIONS}/{uuid.UUID(int=1)}"), 404)
    refused(ask.get(f"{OPERATIONS}/x"), 400, "operation_id")
    refused(undo(ask, "x"), 400, "operation_id")


def roles(*pairs: tuple[Any, Any]) -> str:
    """The operation that gives people roles in course runs: it is about several."""
    operation = new_operation(None, COMMAND)
    requests = [CourseRoleRequest(Role.BETA_TESTER, account.pk, course.id) for account, course in pairs]
    write_grants(operation, requests, granted=True)
    return str(operation.id)


def test_of_an_operation_over_several_each_sees_the_own_part(university: University) -> None:
    world = university.world
    id_ = roles((world.learner, world.course), (world.learner, world.other), (world.admin, world.course))
    ask, elsewhere, root = Api(world.instructor), Api(world.elsewhere), Api(university.root)
    assert [len(changes(who, id_)) for who in (ask, elsewhere, root)] == [2, 1, 3]
    assert [got(who, id_)["counts"]["course_role"] for who in (ask, elsewhere, root)] == [2, 1, 3]
    assert [o["operation_id"] for o in listed(ask)] == [o["operation_id"] for o in listed(elsewhere)] == [id_]
    assert [o["operation_id"] for o in listed(ask, f"?course={quote(KEY)}")] == [id_]
    refused(Api(world.learner).get(f"{OPERATIONS}/{id_}"), 404)
    for who in (ask, elsewhere):
        refused(undo(who, id_), 403)
        assert "permission" in got(who, id_)["undoable"]
    # with the right on each of them
    CourseRole.objects.create(account=world.instructor, course_id=world.other.id, role="staff")
    assert got(ask, id_)["undoable"] is True
    plan = planned(ask, id_)
    assert (plan["course"], plan["program"], plan["counts"]["refused"]) == (None, None, 0)
    refused(elsewhere.get(plan["plan_url"]), 404)
    refused(elsewhere.post(f"{plan['plan_url']}/apply", {"fingerprint": plan["fingerprint"]}), 404)
    assert {row["course_id"] for row in rows_of(ask, plan)} == {KEY, OTHER_KEY}
    applied(ask, plan)
    assert not CourseRole.objects.filter(role="beta_tester").exists()


def test_an_operation_over_one_course_run_is_undone_there(world: World) -> None:
    id_ = roles((world.learner, world.course))
    ask = Api(world.instructor)
    plan = planned(ask, id_)
    assert plan["course"] == KEY
    applied(ask, plan)
    assert not CourseRole.objects.filter(role="beta_tester").exists()


def linked(university: University) -> str:
    """The operation that puts a student with an account into a course run of the program."""
    from matricula.models import StudentIdentity

    sam = university.world.learner
    StudentIdentity.objects.create(organization=university.own.organization, student_key="S-1", account=sam)
    ask = Api(university.writer("first"))
    applied(ask, made(ask, [{"student_key": "S-1", "status": "enrolled"}], about=STUDENTS))
    rows = [{"course_id": KEY, "student_key": "S-1", "status": "active"}]
    plan = applied(ask, made(ask, rows, about={"kind": "program_course_enrollments", "program": OWN}))
    return str(plan["operation_id"])


def test_managers_of_a_course_run_see_no_student_keys(university: University) -> None:
    id_ = linked(university)
    ask = Api(university.world.instructor)
    [change] = changes(ask, id_)
    assert (change["subject"], change["program"]) == ("course_enrollment", None)
    assert change["person"] == {"username": "sam", "email": "sam@example.org", "student_key": None}
    assert got(ask, id_)["counts"] == {"course_enrollment": 1}
    for path in ("", "/changes", "/changes?fmt=csv"):
        assert b"S-1" not in content(ask.get(f"{OPERATIONS}/{id_}{path}"))
    refused(undo(ask, id_), 403)


def test_names_of_students_are_for_those_who_may_see_them(university: University) -> None:
    id_ = linked(university)
    reader = university.holder("read_write_enrollments")
    CourseRole.objects.create(account=reader, course_id=university.world.course.id, role="staff")
    ask = Api(reader)
    for path in (f"{OPERATIONS}/{id_}/changes", f"{OPERATIONS}/{id_}/changes?fmt=csv"):
        assert b"S-1" in content(ask.get(path)) and b"sam" not in content(ask.get(path))
    plan = planned(ask, id_)
    assert b"sam" not in content(ask.get(f"{plan['plan_url']}/rows"))
    FeatureGrant.objects.create(feature="names_in_downloads", account=reader)
    people = [change["person"] for change in changes(Api(reader), id_)]
    assert {"username": "sam", "email": "sam@example.org", "student_key": "S-1"} in people
    assert b"sam" in content(Api(reader).get(f"{plan['plan_url']}/rows"))


def test_who_reads_a_program_sees_its_operations_and_undoes_none(university: University) -> None:
    ask = Api(university.writer("first"))
    plan = applied(ask, made(ask, [{"student_key": "S-1", "status": "enrolled"}], about=STUDENTS))
    reader = Api(university.holder("read_enrollments"))
    assert got(reader, plan["operation_id"])["program"] == OWN
    assert listed(reader, f"?program={OWN}")[0]["operation_id"] == plan["operation_id"]
    refused(undo(reader, plan["operation_id"]), 403)
    applied(ask, planned(ask, plan["operation_id"]))
    assert not ProgramEnrollment.objects.exists()


def test_requests_of_a_few_students_are_operations_of_the_program(university: University) -> None:
    ask = Api(university.writer("first"))
    ask.post(f"/api/v1/programs/{OWN}/enrollments/", [{"student_key": "S-1", "status": "enrolled"}])
    [operation] = listed(ask)
    assert (operation["program"], operation["counts"]) == (OWN, {"program_enrollment": 1})
    [row] = rows_of(ask, planned(ask, operation["operation_id"]))
    assert (row["key"], row["before"], row["after"]) == ("S-1", {"status": "enrolled"}, {})


def test_uploads_are_undone(university: University) -> None:
    ask = Api(university.writer("first"))
    body, kind = form({"file": ("student_key,status\r\nS-1,enrolled\r\nS-2,pending\r\n", "a.csv", "text/csv")})
    job = ask.post(f"/api/v1/programs/{OWN}/enrollments/upload/", body, content_type=kind).json()  # type: ignore[attr-defined]
    run_here(uuid.UUID(job["job_id"]))
    plan = applied(ask, planned(ask, job["job_id"]))
    assert plan["result"] == {"applied": 2, "unchanged": 0, "stale": 0, "refused": 0}
    assert not ProgramEnrollment.objects.exists()


def test_operations_are_listed_with_filters(world: World) -> None:
    ask, other = Api(world.instructor), Api(world.staff)
    first, second = enrolled(ask, "sam"), enrolled(other, "admin")
    write(world.course, "enroll", "staff")

    def ids(query: str) -> list[str]:
        return [each["operation_id"] for each in listed(ask, query)]

    everything = ids("?page_size=100")
    assert {first, second} < {*everything} and len(everything) == 5
    assert ids(f"?course={quote(KEY)}") == everything
    assert second in ids("?actor=STAFF") and first not in ids("?actor=staff")
    assert ids("?actor=nobody") == ids("?source=upload") == []
    assert ids("?since=2020-01-01T00:00:00Z&until=2999-01-01T00:00:00%2B02:00") == everything
    assert ids("?since=2999-01-01T00:00:00Z") == ids("?until=2020-01-01T00:00:00Z") == []
    page = seen(ask, {"plan_url": f"{OPERATIONS}?page_size=3"})
    rest = seen(ask, {"plan_url": f"{OPERATIONS}?page_size=3&cursor={page['cursor']}"})
    assert [o["operation_id"] for o in (*page["results"], *rest["results"])] == everything and rest["cursor"] is None
    wrong = {"since": "2020-01-01T00:00:00", "until": "yesterday", "source": "x", "page_size": "0", "course": "x"}
    for name, value in (*wrong.items(), ("cursor", "x"), ("cursor", str(uuid.UUID(int=1))), ("actor", "%00")):
        refused(ask.get(f"{OPERATIONS}?{name}={value}"), 400, name)
    refused(ask.get(f"{OPERATIONS}?course={quote(OTHER_KEY)}"), 404)
    refused(ask.get(f"{OPERATIONS}?program=x"), 404)


def test_changes_come_in_pages_and_as_a_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Api(world.instructor)
    id_ = enrolled(ask, "sam", "staff", "admin")
    page = got(ask, id_, "/changes?page_size=2")
    rest = got(ask, id_, f"/changes?page_size=2&cursor={page['cursor']}")
    found = [*page["results"], *rest["results"]]
    assert (found, rest["cursor"]) == (changes(ask, id_), None)
    monkeypatch.setattr("matricula.rest.contracts.record.operations._AT_ONCE", 2)
    rows = [*csv.DictReader(io.StringIO(content(ask.get(f"{OPERATIONS}/{id_}/changes?fmt=csv")).decode()))]
    assert [row["username"] for row in rows] == [change["person"]["username"] for change in found]
    assert [json.loads(row["after"]) for row in rows] == [change["after"] for change in found]
    assert [row["at"] for row in rows] == [change["at"] for change in found]
    for name, value in {"fmt": "xml", "page_size": "1001", "cursor": "x"}.items():
        refused(ask.get(f"{OPERATIONS}/{id_}/changes?{name}={value}"), 400, name)


def test_54_people_enrolled_by_mistake_are_taken_out_again(world: World) -> None:
    people = [f"learner{n}" for n in range(54)]
    for name in people:
        make_account(name)
    write(world.course, "enroll", *people[:4], mode="verified")
    ask = Api(world.instructor)
    id_ = enrolled(ask, *people)
    assert len(active(world)) == 54
    plan = planned(ask, id_, reason="wrong course")
    if plan["state"] == "held":
        answer = Api(world.staff).post(f"{plan['plan_url']}/approve", {"fingerprint": plan["fingerprint"]})
        assert answer.status_code == 200
    applied(ask, plan)
    assert active(world) == {*people[:4]}
    assert {e.mode for e in CourseEnrollment.objects.filter(is_active=True)} == {"verified"}


def test_emails_are_counted_and_not_taken_back(world: World) -> None:
    ask = Api(world.instructor)
    plan = made(ask, named("sam", "new@example.org"), defaults={"email_students": True})
    id_ = applied(ask, plan)["operation_id"]
    assert planned(ask, id_)["emails_sent"] == 0
    assert OutgoingMail.objects.filter(operation=id_).update(due=None, sent="2026-01-01T00:00:00Z") == 2
    assert planned(ask, id_)["emails_sent"] == 2
    undone = applied(ask, planned(ask, id_))
    assert not OutgoingMail.objects.filter(operation=undone["operation_id"]).exists()


def test_conflicts_of_students_say_who_changed_them_last(university: University) -> None:
    ask, other = Api(university.writer("first")), Api(university.writer("second"))
    rows = [{"student_key": f"S-{n}", "status": "enrolled"} for n in range(3)]
    id_ = applied(ask, made(ask, rows, about=STUDENTS))["operation_id"]
    for status in ("pending", "suspended"):
        plan = made(other, [{"student_key": "s-1", "status": status}], about=STUDENTS)
        later = applied(other, plan)["operation_id"]
    found = rows_of(ask, planned(ask, id_))
    assert [row["word"] for row in found] == ["restored", "conflict", "restored"]
    assert found[1]["key"] == "S-1"
    assert "second" in found[1]["refusal"] and later in found[1]["refusal"]
