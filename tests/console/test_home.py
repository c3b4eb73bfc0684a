"""The first page: what needs its reader, each with the list that has exactly these; and what they did last."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matricula.console.attention import Need
from matricula.feed.webhooks.secrets import encrypt, new_secret
from matricula.jobs.reads import get_job
from matricula.jobs.writes import fail_job
from matricula.models import Account, Job, LmsConnection, LmsDifference, Plan, Webhook
from matricula.worker.tasks import carry_out
from tests.batches import apply_check, start_enrollment_task, start_roster_check
from tests.conftest import World, make_account
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import enroll
from tests.university import OWN, University


def needs_of(reader: Reader) -> list[Need]:
    answer = reader.http.get("/")
    needs: list[Need] = answer.context["needs"]
    return needs


def listed(reader: Reader, need: Need, name: str) -> list[Any]:
    """What the page shows to which a need leads."""
    answer = reader.http.get(need.address)
    assert answer.status_code == 200
    return list(answer.context[name])


def troubled(world: World, actor: Account) -> uuid.UUID:
    """A job of which a row was rejected, and another one that failed."""
    partly, failed = (start_enrollment_task(world.course, ["sam", "nobody"], actor_id=actor.pk) for _ in range(2))
    carry_out(get_job(partly))
    fail_job(failed, "This task failed because of an internal error.")
    return failed


def hold(world: World, *who: str) -> uuid.UUID:
    plan = start_roster_check(world.course, *who, actor_id=world.instructor.pk)
    Plan.objects.filter(pk=plan).update(is_held=True)
    return plan


def test_nothing_needs_someone(instructor: Reader) -> None:
    assert needs_of(instructor) == []
    assert "Nothing right now. Plans to approve, failed jobs, and waiting students appear here." in instructor.get("/")


def test_plans_that_wait_are_counted_once_for_the_badge_the_first_page_and_the_list(world: World) -> None:
    held, _other = hold(world, "staff"), hold(world, "sam")
    start_roster_check(world.course, "elsewhere", actor_id=world.instructor.pk)
    staff = Reader(world.staff)
    [need] = needs_of(staff)
    assert (need.count, need.words) == (2, "plans are waiting for your approval")
    assert len(listed(staff, need, "plans")) == 2
    assert '<span class="corner">2<' in staff.part("/news/")
    # who made them can't approve them
    assert [need for need in needs_of(Reader(world.instructor)) if "approval" in need.words] == []
    staff.post(f"/plans/{held}/review/", decision="approved", fingerprint=Plan.objects.get(pk=held).fingerprint)
    [need] = needs_of(staff)
    assert (need.count, need.words, len(listed(staff, need, "plans"))) == (1, "plan is waiting for your approval", 1)
    [approved] = needs_of(Reader(world.instructor))
    assert approved.words == "plan of yours was approved"
    assert [shown.plan.id for shown in listed(Reader(world.instructor), approved, "plans")] == [held]


def test_jobs_that_failed_or_have_rejected_rows(world: World, instructor: Reader) -> None:
    failed = troubled(world, world.instructor)
    [need] = needs_of(instructor)
    assert (need.count, need.tone) == (2, "bad")
    assert {shown.job.id for shown in listed(instructor, need, "jobs")} >= {failed}
    assert len(listed(instructor, need, "jobs")) == 2
    Job.objects.filter(pk=failed).update(created=timezone.now() - timedelta(days=8))
    [need] = needs_of(instructor)
    assert (need.count, len(listed(instructor, need, "jobs"))) == (1, 1)


def test_who_may_see_all_jobs_sees_those_of_everyone(world: World, university: University) -> None:
    troubled(world, world.instructor)
    desk = Reader(university.holder("read_all_jobs", on="everywhere"))
    [need] = needs_of(desk)
    assert (need.count, len(listed(desk, need, "jobs"))) == (2, 2)


def test_plans_that_expire_soon(world: World, instructor: Reader) -> None:
    soon, _later = (start_roster_check(world.course, who, actor_id=world.instructor.pk) for who in ("staff", "sam"))
    Plan.objects.filter(pk=soon).update(expires=timezone.now() + timedelta(hours=9))
    [need] = needs_of(instructor)
    assert (need.count, need.words) == (1, "plan of yours expires soon")
    assert [shown.plan.id for shown in listed(instructor, need, "plans")] == [soon]


def test_students_who_wait_for_an_account(university: University) -> None:
    enroll("s-1", "s-2")
    registrar = Reader(university.writer())
    [need] = needs_of(registrar)
    assert (need.count, need.about) == (2, university.own.title)
    assert need.address == f"/programs/{OWN}/?account=waiting"
    assert len(registrar.http.get(need.address).context["students"].rows) == 2
    # who may only read can't give them one
    assert needs_of(Reader(university.holder("read_enrollments"))) == []


def test_webhooks_that_fail_are_their_owners_business(world: World, instructor: Reader) -> None:
    for owner, since in ((world.instructor, timezone.now()), (world.instructor, None), (world.staff, timezone.now())):
        Webhook.objects.create(
            id=uuid.uuid4(), owner=owner, url="https://hooks.example.org", created=timezone.now(),
            secret=encrypt(new_secret()), xact=0, entry=0, failing_since=since,
        )  # fmt: skip
    [need] = needs_of(instructor)
    assert (need.count, need.words, len(listed(instructor, need, "webhooks"))) == (1, "webhook is failing", 1)


def test_differences_with_the_lms_are_for_operators(world: World, university: University, instructor: Reader) -> None:
    lms = LmsConnection.objects.create(name="lms", url="http://lms", client_id="c", client_secret_env="LMS_SECRET")
    LmsDifference.objects.create(
        connection=lms, course_id=world.course.id, username="sam", kind="differs", here="audit", found=timezone.now()
    )
    [need] = needs_of(Reader(university.root))
    assert (need.count, need.words, need.about) == (1, "difference with the LMS", "lms")
    assert 'id="differences"' in Reader(university.root).get(need.address)
    assert needs_of(instructor) == []


def test_more_than_a_hundred_are_not_counted(world: World, instructor: Reader) -> None:
    Webhook.objects.bulk_create(
        Webhook(
            id=uuid.uuid4(), owner=world.instructor, url="https://hooks.example.org", created=timezone.now(),
            secret="x", xact=0, entry=0, failing_since=timezone.now(),
        )
        for _ in range(102)
    )  # fmt: skip
    [need] = needs_of(instructor)
    assert need.count == 101
    assert "100+ webhooks are failing" in words_of(instructor.get("/"))


def test_an_operator_of_an_empty_institution_sees_the_first_step(db: None) -> None:
    page = Reader(make_account("first", is_superuser=True, is_staff=True)).get("/")
    assert "Start with your institution" in page and 'href="/access/"' in page


def test_what_the_reader_did_last_can_be_undone_from_there(world: World, instructor: Reader) -> None:
    start_roster_check(world.course, "staff", actor_id=world.instructor.pk)
    check = start_roster_check(world.course, "elsewhere", actor_id=world.instructor.pk)
    done = apply_check(get_job(check), source="console", reason="a late place")
    apply_check(get_job(start_roster_check(world.course, "sam", actor_id=world.staff.pk)), source="console", reason="x")
    # plans that were made are no work, and what others did is theirs
    [work] = instructor.http.get("/").context["recent"]
    assert (work.operation.id, work.about, work.may_undo) == (done, world.course.title, True)
    assert f'href="/operations/{done}/undo/"' in instructor.get("/")
    plan = instructor.post(f"/operations/{done}/undo/", reason="wrong")
    instructor.apply(plan, reason="wrong")
    for job in Job.objects.filter(state="pending"):
        carry_out(get_job(job.pk))
    undo, work = instructor.http.get("/").context["recent"]
    assert (work.is_undone, work.may_undo, undo.operation.reverts) == (True, False, done)


def test_courses_have_their_modes_as_a_picture(world: World, instructor: Reader) -> None:
    world.enroll("sam", mode="audit")
    world.enroll("staff", mode="verified")
    page = instructor.get("/")
    assert 'aria-label="audit: 1, verified: 1"' in page and page.count("<rect") == 2


@pytest.mark.parametrize("who", ["instructor", "root"])
def test_the_number_of_statements_does_not_grow(world: World, university: University, who: str) -> None:
    reader = Reader(world.instructor if who == "instructor" else university.root)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            reader.get("/")
        return len(captured)

    def work(*people: str) -> None:
        for person in people:
            hold(world, person)
            apply_check(
                get_job(start_roster_check(world.course, person, actor_id=reader.account_id)),
                source="console",
                reason="x",
            )
        troubled(world, Account.objects.get(pk=reader.account_id))
        enroll(*(f"{person}-key" for person in people))

    work("sam", "staff")
    count()
    few = count()
    work("elsewhere", *(make_account(f"more{n}").username for n in range(4)))
    assert count() == few
