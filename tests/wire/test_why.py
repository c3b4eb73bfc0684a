"""Why is this person (not) in this course run or program? (record-api: Why)"""

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from matricula.batches.planning import make_undo
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.operations import find_operation
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, FeatureGrant
from matricula.worker.tasks import carry_out
from tests.batches import (
    apply_check,
    start_enrollment_task,
    start_roster_check,
    start_roster_file_check,
    start_upload_check,
)
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account, write
from tests.domain.program_jobs import upload
from tests.university import OWN, University, facts

BASE = "/api/record/v1"


def why(ask: Api, person: str, key: str = KEY, **headers: str) -> dict[str, Any]:
    answer = ask.get(f"{BASE}/courses/{key}/why?{urlencode({'person': person})}", **headers)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def why_student(ask: Api, key: str, program: str = OWN) -> dict[str, Any]:
    answer = ask.get(f"{BASE}/programs/{program}/why?{urlencode({'student_key': key})}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def acting(world: World) -> Any:
    return new_operation(world.instructor.pk, "console", course_id=world.course.id)


def test_someone_who_is_enrolled(world: World, api: Api) -> None:
    write(world.course, "enroll", "sam", mode="audit", reason="start of term", operation=acting(world))
    found = why(api, "sam")
    assert found["case"] == "enrolled" and found["state"] == {"enrolled": True, "allowed": False, "mode": "audit"}
    assert found["sentence"].startswith("Sam Learner has been enrolled as audit since ")
    assert found["sentence"].endswith(": instructor made this change in the console (reason: “start of term”).")
    [change] = found["chain"]
    assert (change["actor"], change["source"], change["reason"]) == ("instructor", "console", "start of term")
    assert change["after"] == {"mode": "audit", "is_active": True} and change["operation_url"].endswith(
        change["operation_id"]
    )
    assert found["person"] == {"username": "sam", "email": "sam@example.org", "student_key": None}
    for other in ("SAM", " sam@example.org ", "Sam@Example.org"):
        assert why(api, other) == found


def test_each_step_of_a_life(world: World, api: Api) -> None:
    steps = [
        ("enroll", {"mode": "audit"}, "enrolled"),
        ("enroll", {"mode": "verified"}, "enrolled_in_another_mode"),
        ("unenroll", {}, "ended"),
        ("enroll", {"mode": "honor"}, "enrolled"),
    ]
    for count, (action, fields, case) in enumerate(steps, 1):
        write(world.course, action, "sam", reason=f"step {count}", operation=acting(world), **fields)
        found = why(api, "sam")
        assert found["case"] == case and f"“step {count}”" in found["sentence"]
        assert [change["reason"] for change in found["chain"]] == [f"step {n}" for n in range(count, 0, -1)]


def test_invitations(world: World, api: Api) -> None:
    write(world.course, "enroll", "new@example.org", auto_enroll=True, operation=acting(world))
    found = why(api, "New@example.org")
    assert found["case"] == "invited_to_be_enrolled" and "when there is an account with this email" in found["sentence"]
    assert found["state"] == {"enrolled": False, "allowed": True, "auto_enroll": True}
    [waiting] = found["waiting"]
    assert (waiting["kind"], waiting["email"], waiting["actor"]) == ("invitation", "new@example.org", "instructor")
    make_account("newcomer", email="new@example.org")
    assert why(api, "newcomer")["case"] == "enrolled"
    assert [c["transition"] for c in why(api, "newcomer")["chain"]][-1] == "from unenrolled to allowed to enroll"

    write(world.course, "enroll", "other@example.org", operation=acting(world))
    assert why(api, "other@example.org")["case"] == "invited_without_account"
    write(world.course, "unenroll", "other@example.org", operation=acting(world))
    found = why(api, "other@example.org")
    assert found["case"] == "withdrawn" and found["state"] == {} and not found["waiting"]
    write(world.course, "enroll", "later", auto_enroll=True)
    assert why(api, "later")["case"] == "invited_to_be_enrolled_once_active"


@pytest.mark.parametrize(
    ("person", "case"),
    [
        ("nobody", "unknown_username"),
        ("nobody@example.org", "unknown_address"),
        ("sam", "never"),
        ("later", "never_not_active"),
        ("sa\u200bm", "twin_without_invisible_characters"),
        ("S\u00e0m@example.org", "unknown_address"),
    ],
)
def test_people_of_whom_nothing_is_recorded(world: World, api: Api, person: str, case: str) -> None:
    found = why(api, person)
    assert found["case"] == case and (found["state"] == {}) == (case not in {"never", "never_not_active"})
    assert found["chain"] == found["refused"] == found["waiting"] == []


def test_two_accounts_and_twins(world: World, api: Api) -> None:
    make_account("kim@example.org", email="other@example.org")
    make_account("kim", email="kim@example.org")
    found = why(api, "kim@example.org")
    assert found["case"] == "two_accounts" and [one["kind"] for one in found["conflicts"]] == ["two_accounts"]
    # neither is in the course run: whose they are is not this reader's to know
    assert found["conflicts"][0]["other"] is None
    assert {one["other"] for one in why(Api(world.admin), "kim@example.org")["conflicts"]} == {"kim", "kim@example.org"}

    make_account("ines", email="in\u00e9s@example.org")
    found = why(api, "IN\u00c9S@example.org")
    assert found["case"] == "twin"
    assert [(one["kind"], one["other"]) for one in found["conflicts"]] == [("differs_by_case", "in\u00e9s@example.org")]
    found = why(api, "sam\u200b@example.org")
    [conflict] = found["conflicts"]
    assert (conflict["kind"], conflict["other"]) == ("invisible_characters", "sam@example.org")
    assert "ZERO WIDTH SPACE" in conflict["text"]
    assert why(api, "s\u0430m")["conflicts"] == []
    write(world.course, "enroll", "sam")
    found = why(api, "s\u0430m")
    assert [(one["kind"], one["other"]) for one in found["conflicts"]] == [("looks_like", "sam")]
    assert found["case"] == "twin"


def test_rejected_rows(world: World, api: Api) -> None:
    job_id = start_enrollment_task(
        world.course, ["sam", "gone", "em\u200bma@example.org"], actor_id=world.instructor.pk
    )
    assert carry_out(get_job(job_id))
    found = why(api, "GONE")
    assert found["case"] == "rejected" and found["state"] == {}
    [refused] = found["refused"]
    assert (refused["operation_id"], refused["key"], refused["row"]) == (str(job_id), "gone", 2)
    assert refused["actor"] == "instructor" and "There is no account with this username" in refused["reason"]
    # as it was in the list, with a character that no one sees
    [refused] = why(api, "emma@example.org")["refused"]
    assert refused["key"] == "em\u200bma@example.org" and "ZERO WIDTH SPACE" in refused["reason"]
    # elsewhere nothing was tried
    assert why(Api(world.elsewhere), "gone", OTHER_KEY)["refused"] == []


def test_a_row_of_a_plan_is_rejected_once(world: World, api: Api) -> None:
    file = io.BytesIO(b"email,mode\nsam@example.org,verified\nnot-an-address@,audit\nkim@x.org,nonsense\n")
    check_id = start_roster_file_check(world.course, file, actor_id=world.instructor.pk)
    assert why(api, "sam")["case"] == "planned"
    [waiting] = why(api, "sam")["waiting"]
    assert (waiting["kind"], waiting["plan_id"]) == ("plan", str(check_id))
    done = apply_check(get_job(check_id), source="console", reason="spring")
    carry_out(get_job(done))
    found = why(api, "sam@example.org")
    assert found["case"] == "enrolled" and found["waiting"] == []
    for person, reason in (("not-an-address@", "isn't valid"), ("kim@x.org", "doesn't have this mode")):
        [refused] = why(api, person)["refused"]
        assert refused["plan_id"] == str(check_id) and refused["operation_id"] == str(done)
        assert reason in refused["reason"]


def test_a_plan_that_was_rejected(world: World, api: Api) -> None:
    check_id = start_roster_check(world.course, "sam", actor_id=world.instructor.pk)
    from matricula.models import Plan

    Plan.objects.filter(pk=check_id).update(expires="2020-01-01T00:00:00Z")
    found = why(api, "sam")
    [refused] = found["refused"]
    assert (refused["word"], found["case"], found["waiting"]) == ("plan_expired", "rejected", [])


@pytest.fixture
def student(university: University) -> University:
    """S-1 is sam, active in the course run through the program; W-1 waits for an account."""
    world = university.world
    operation = new_operation(world.admin.pk, "upload", "intake", program_id=facts().id)
    link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", world.learner.pk)])
    requests = [ProgramRequest(key, "enrolled") for key in ("S-1", "W-1")]
    write_program_enrollments(operation, facts(), Verb.CREATE, requests)
    seats = [ProgramCourseRequest(world.course.id, key, "active") for key in ("S-1", "W-1")]
    write_program_course_enrollments(operation, facts(), Verb.CREATE, seats)
    return university


def reader_of(university: University, *, names: bool, manages: bool = True) -> Api:
    account = university.holder("read_enrollments", name=f"reader-{names}")
    if manages:
        CourseRole.objects.create(account=account, course=university.course, role="staff")
    if names:
        FeatureGrant.objects.create(feature="names_in_downloads", account=account)
    return Api(account)


def test_through_a_program(student: University) -> None:
    ask = reader_of(student, names=True)
    found = why(ask, "sam")
    assert found["case"] == "enrolled_through_program" and "through the program Computer Science" in found["sentence"]
    assert found["through"] == [{"program": OWN, "student_key": "S-1", "status": "enrolled", "course_status": "active"}]
    assert {change["subject"] for change in found["chain"]} == {
        "course_enrollment", "program_course_enrollment", "program_enrollment",
    }  # fmt: skip
    assert why(ask, "s-1")["sentence"] == found["sentence"]
    found = why(ask, "w-1")
    assert found["case"] == "student_waits" and found["waiting"][0]["student_key"] == "W-1"


def test_nothing_of_programs_that_the_reader_may_not_read(student: University) -> None:
    """Neither the lists nor the sentence say what a student's key or status is, or that there is a program."""
    api = Api(student.world.instructor)
    found = why(api, "sam")
    assert found["case"] == "enrolled" and found["through"] == found["waiting"] == []
    assert [change["subject"] for change in found["chain"]] == ["course_enrollment"]
    text = json.dumps(found)
    for secret in ("S-1", "Computer Science", OWN, "intake (", "program_"):
        assert secret not in text.replace('program_enrollment": null', "")
    assert "intake" not in found["sentence"]
    for key in ("S-1", "W-1"):
        found = why(api, key)
        assert found["case"] == "unknown_username" and found["chain"] == found["through"] == found["waiting"] == []
        assert found["conflicts"] == []


def test_a_plan_of_the_program_that_waits(student: University) -> None:
    world = student.world
    file = io.BytesIO(f"course_id,student_key,status\n{student.extra.key},S-1,active\n".encode())
    check_id = start_upload_check(file, facts(), actor_id=world.admin.pk, file="late.csv")
    CourseRole.objects.create(account=world.instructor, course=student.extra, role="staff")
    ask = reader_of(student, names=True)
    CourseRole.objects.create(account=Account.objects.get(username="reader-True"), course=student.extra, role="staff")
    found = why(ask, "sam", student.extra.key)
    assert (found["case"], found["waiting"][0]["plan_id"]) == ("planned", str(check_id))
    # in the other course run nothing waits, and others see nothing of it
    assert why(ask, "sam")["waiting"] == []
    assert why(Api(world.instructor), "sam", student.extra.key)["waiting"] == []
    assert why(Api(world.instructor), "S-1", student.extra.key)["case"] == "unknown_username"


def test_an_undo_of_a_course_run_says_nothing_of_programs(student: University) -> None:
    """A plan that takes an operation back has rows about the student, under the key."""
    world = student.world
    operation = acting(world)
    write(world.course, "unenroll", "sam", operation=operation)
    record = find_operation(operation.id)
    assert record is not None
    check_id = make_undo(record, None, reason="x", name="Undo", actor_id=world.instructor.pk, source=CONSOLE)
    ask = Api(world.instructor)
    assert [one["plan_id"] for one in why(ask, "sam")["waiting"]] == [str(check_id)]
    found = why(ask, "S-1")
    assert found["case"] == "unknown_username" and found["waiting"] == []
    write(world.course, "enroll", "sam", mode="verified", operation=acting(world))
    check_id = make_undo(record, None, reason="x", name="Undo", actor_id=world.instructor.pk, source=CONSOLE)
    assert [one["word"] for one in why(ask, "sam")["refused"]] == ["conflict"]
    assert why(ask, "S-1")["refused"] == []


def test_who_may_not_know_whose_a_key_is(student: University) -> None:
    ask = reader_of(student, names=False)
    by_name, by_key = why(ask, "sam"), why(ask, "S-1")
    assert "S-1" not in json.dumps(by_name) and by_name["case"] == "enrolled"
    told = json.dumps(by_key)
    assert "sam" not in told and "Learner" not in told and by_key["through"][0]["student_key"] == "S-1"
    assert by_key["case"] == "student_active" and by_key["state"] == {"enrolled": True, "allowed": False}


def test_students_of_a_program(student: University) -> None:
    ask = reader_of(student, names=True, manages=False)
    found = why_student(ask, " s-1")
    assert found["case"] == "student" and found["state"] == {"status": "enrolled", "account_exists": True}
    assert (
        "Sam Learner has had the status “enrolled”" in found["sentence"] and "(reason: “intake”)" in found["sentence"]
    )
    assert [change["subject"] for change in found["chain"]] == ["program_enrollment", "student_key"]
    found = why_student(ask, "W-1")
    assert found["case"] == "student_unlinked" and [one["kind"] for one in found["waiting"]] == ["student"]
    write_program_enrollments(
        new_operation(None, "api", "fees"), facts(), Verb.UPDATE, [ProgramRequest("S-1", "ended")]
    )
    assert why_student(ask, "S-1")["case"] == "left_program"
    assert why_student(ask, "S-2")["case"] == "unknown_key"
    found = why_student(ask, "S\u200b-1")
    assert found["case"] == "twin_without_invisible_characters" and found["conflicts"][0]["other"] == "S-1"
    assert why_student(ask, "\uff33-1")["case"] == "unknown_key_with_twin"
    job_id = upload("student_key,status\nX-1,enroled\n")
    assert carry_out(get_job(job_id))
    found = why_student(ask, "x-1")
    assert found["case"] == "rejected_in_program" and found["refused"][0]["word"] == "invalid-status"
    blind = why_student(reader_of(student, names=False, manages=False), "S-1")
    assert "sam" not in json.dumps(blind) and "Learner" not in json.dumps(blind)


@pytest.mark.parametrize("query", ["", "?person=", "?person=%20", "?person=" + "x" * 300])
def test_bad_questions(world: World, api: Api, query: str) -> None:
    answer = api.get(f"{BASE}/courses/{KEY}/why{query}")
    assert answer.status_code == 400 and "person" in json.loads(answer.content)["field_errors"]


def test_in_spanish(world: World, api: Api) -> None:
    sentence = why(api, "nobody@example.org", **{"Accept-Language": "es"})["sentence"]
    assert sentence.startswith("Ninguna cuenta tiene")
