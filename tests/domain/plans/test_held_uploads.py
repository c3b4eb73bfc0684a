"""Uploads to a program that holds them: what exceeds a limit waits behind the job that the client knows."""

import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from matricula.batches import values
from matricula.batches.kinds import COURSE_STUDENTS, STUDENTS
from matricula.batches.planning import (
    PlanConflict,
    apply_plan,
    cancel_plan,
    continue_upload,
    exclude_rows,
    review_plan,
    start_upload,
)
from matricula.batches.plans.reads import PlanStatus, find_plan, find_result
from matricula.batches.plans.statuses import Decision, PlanState
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import run_here
from matricula.batches.values import Effect, Options
from matricula.history.integrity import list_differences
from matricula.jobs.reads import JobStatus, count_stalled, find_oldest_waiting, get_job
from matricula.jobs.writes import WriteUnfinished, queue_lost_jobs
from matricula.journal.statuses import API, UPLOAD
from matricula.journal.writes import new_operation
from matricula.models import Account, Job, OutgoingMail, Plan, Program
from matricula.worker.tasks import carry_out, queue_lost
from tests.canceled_jobs import cancel
from tests.conftest import KEY
from tests.domain.program_jobs import enroll, facts, result_of, stored, study
from tests.university import University

HEADER = "student_key,status\n"
AWAY = "".join(f"S-{n:02},canceled\n" for n in range(12))


@pytest.fixture(autouse=True)
def _held(university: University) -> None:
    university.writer()
    university.writer("other")
    Program.objects.filter(pk=facts().id).update(hold_uploads=True)


def uploader() -> int:
    return Account.objects.get(username="writer").pk


def upload(rows: str) -> uuid.UUID:
    stream = io.BytesIO((HEADER + rows).encode())
    return start_upload(STUDENTS, facts(), stream, Options(), actor_id=uploader(), source=UPLOAD)


def plan_of(job_id: uuid.UUID) -> PlanStatus:
    plan = find_plan(Plan.objects.get(job__options__upload=str(job_id)).pk)
    assert plan is not None
    return plan


def look(job_id: uuid.UUID) -> PlanStatus:
    """What the worker does first: the plan."""
    carry_out(get_job(plan_of(job_id).id))
    return plan_of(job_id)


def held(more: str = "") -> tuple[uuid.UUID, PlanStatus]:
    """An upload that cancels all of twelve students, and the plan that holds it."""
    enroll(*(f"S-{n:02}" for n in range(12)))
    job_id = upload(AWAY + more)
    plan = look(job_id)
    assert plan.state is PlanState.HELD
    return job_id, plan


def review(university: University, plan: PlanStatus, decision: Decision, note: str | None = None) -> None:
    reviewer = university.root.pk
    review_plan(
        plan.id,
        reviewer,
        decision,
        fingerprint=plan.fingerprint or "",
        note=note,
        operation=new_operation(reviewer, API, note),
    )


def shown(job: JobStatus) -> tuple[str, str | None, bool]:
    return job.state.value, job.error, job.waits_for is not None


def test_what_exceeds_nothing_ends_exactly_as_without(university: University) -> None:
    rows = "b,enrolled\na,pending\na,enrolled\nc,bogus\n"
    results = []
    for holds in (False, True):
        Program.objects.update(hold_uploads=holds)
        job_id = upload(rows)
        if holds:
            assert (get_job(job_id).state, get_job(job_id).total) == ("pending", 3)
            assert look(job_id).state is PlanState.APPLYING
        carry_out(get_job(job_id))
        job = get_job(job_id)
        results.append((result_of(job_id)[1], job.text, job.done, job.total, job.counts))
    assert results[0] == results[1]
    assert results[0][0] == b"student_key,status\r\na,duplicated\r\nb,enrolled\r\nc,invalid-status\r\n"
    plan = plan_of(job_id)
    assert plan.state is PlanState.APPLIED
    assert find_result(plan) == {"applied": 0, "unchanged": 1, "stale": 0, "refused": 2}
    assert stored() == [("b", "enrolled")]


def test_off_by_default(university: University) -> None:
    Program.objects.update(hold_uploads=False)
    enroll(*(f"S-{n:02}" for n in range(12)))
    job_id = upload(AWAY)
    carry_out(get_job(job_id))
    assert get_job(job_id).state == "completed" and not Plan.objects.exists()


def test_a_held_upload_waits_is_approved_and_then_written(university: University) -> None:
    job_id, plan = held("t,enrolled\nu,enrolled\nu,pending\nw,bogus\n")
    assert shown(get_job(job_id)) == ("running", None, True)
    assert {status for _, status in stored()} == {"enrolled"}
    assert [mail.to for mail in OutgoingMail.objects.filter(kind="plan_held")] == ["other@example.org"]
    with pytest.raises(WriteUnfinished):
        upload("x,enrolled\n")
    review(university, plan, Decision.APPROVED)
    assert plan_of(job_id).state is PlanState.APPLYING and plan_of(job_id).applied_by == job_id
    assert shown(get_job(job_id)) == ("running", None, False)
    # the worker's look of every minute comes too late
    continue_upload(plan.id)
    assert plan_of(job_id).state is PlanState.APPLYING and shown(get_job(job_id)) == ("running", None, False)
    carry_out(get_job(job_id))
    job = get_job(job_id)
    assert (job.state, job.text) == ("completed", "207")
    lines = result_of(job_id)[1].decode().splitlines()
    assert lines[1:] == [
        *(f"S-{n:02},canceled" for n in range(12)), "t,enrolled", "u,duplicated", "w,invalid-status"
    ]  # fmt: skip
    assert dict(stored()) == {**{f"S-{n:02}": "canceled" for n in range(12)}, "t": "enrolled"}
    assert find_result(plan_of(job_id)) == {"applied": 13, "unchanged": 0, "stale": 0, "refused": 2}
    assert not [d for d in list_differences() if "job" in d.what]
    # the slot is free
    upload("x,enrolled\n")


def test_who_changed_meanwhile_is_a_conflict_and_who_was_left_out_is_not_permitted(university: University) -> None:
    job_id, plan = held()
    exclude_rows(plan.id, [1], (), excluded=True)
    enroll_again("S-01")
    review(university, plan_of(job_id), Decision.APPROVED)
    carry_out(get_job(job_id))
    lines = result_of(job_id)[1].decode().splitlines()
    assert lines[1:4] == ["S-00,illegal-operation", "S-01,conflict", "S-02,canceled"]
    assert dict(stored())["S-00"] == "enrolled" and dict(stored())["S-01"] == "suspended"


def enroll_again(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update matricula_programenrollment set status = 'suspended' where student_key_folded = lower(%s)", [key]
        )
        assert cursor.rowcount == 1


@pytest.mark.parametrize("note", ["Half of the file is missing.", None])
def test_a_rejected_upload_fails_with_the_reason(note: str | None, university: University) -> None:
    job_id, plan = held()
    review(university, plan, Decision.REJECTED, note)
    assert shown(get_job(job_id))[:2] == (
        "failed",
        note or "The upload exceeded a limit, and a reviewer rejected it.",
    )
    assert {status for _, status in stored()} == {"enrolled"}
    upload("x,enrolled\n")


def test_a_canceled_plan_fails_it_and_a_canceled_upload_ends_the_plan(university: University) -> None:
    job_id, plan = held()
    cancel_plan(plan.id, new_operation(university.root.pk, API))
    assert shown(get_job(job_id))[0] == "failed"
    other = upload(AWAY)
    plan = look(other)
    cancel(other)
    with pytest.raises(PlanConflict):
        review(university, plan_of(other), Decision.APPROVED)
        apply_plan(plan.id, actor_id=None, source=API, fingerprint=plan.fingerprint or "", reason=None)
    queue_lost(0)
    assert plan_of(other).state is PlanState.CANCELED
    assert {status for _, status in stored()} == {"enrolled"}


def test_an_expired_plan_fails_the_upload_within_a_minute(university: University) -> None:
    job_id, plan = held()
    # before the transaction of the test, by whose time it is decided
    Plan.objects.filter(pk=plan.id).update(expires=timezone.now() - timedelta(days=1))
    queue_lost(0)
    assert shown(get_job(job_id))[:2] == (
        "failed",
        "The upload exceeded a limit and was not approved in time. Send it again.",
    )


def test_it_is_neither_lost_nor_stalled_while_it_waits(university: University) -> None:
    job_id, _ = held()
    long_ago = timezone.now() - timedelta(days=2)
    Job.objects.filter(pk=job_id).update(updated=long_ago, created=long_ago)
    assert job_id not in queue_lost_jobs([STUDENTS.job])
    assert count_stalled(5) == 0 and find_oldest_waiting() is None
    queue_lost(0)
    assert shown(get_job(job_id)) == ("running", None, True)
    assert plan_of(job_id).state is PlanState.HELD


def test_a_worker_that_is_killed_between_plan_and_upload_is_made_up_for(university: University) -> None:
    enroll(*(f"S-{n:02}" for n in range(12)))
    for rows, state in ((AWAY, "running"), ("x,enrolled\n", "pending")):
        job_id = upload(rows)
        # the worker dies here
        run_here(plan_of(job_id).id)
        assert shown(get_job(job_id)) == ("pending", None, True)
        queue_lost(0)
        assert get_job(job_id).state == state
        if state == "running":
            review(university, plan_of(job_id), Decision.REJECTED)
    assert plan_of(job_id).state is PlanState.APPLYING
    carry_out(get_job(job_id))
    assert get_job(job_id).text == "200"


def test_leaving_rows_out_doesn_t_apply_the_rest(university: University) -> None:
    job_id, plan = held("t,enrolled\n")
    exclude_rows(plan.id, (), [Effect.REMOVE], excluded=True)
    continue_upload(plan.id)
    plan = plan_of(job_id)
    assert plan.state is PlanState.READY and shown(get_job(job_id)) == ("running", None, True)
    reviewer = university.root.pk
    applied = apply_plan(plan.id, actor_id=reviewer, source=API, fingerprint=plan.fingerprint or "", reason=None)
    assert applied == job_id
    carry_out(get_job(job_id))
    assert dict(stored())["t"] == "enrolled" and dict(stored())["S-00"] == "enrolled"
    assert get_job(job_id).actor_id == uploader()


def test_students_of_course_runs(university: University) -> None:
    keys = [f"S-{n:02}" for n in range(12)]
    enroll(*keys)
    study(university.course.pk, *keys)
    rows = "".join(f"{KEY},{key},inactive\n" for key in [*keys, "nobody"]) + "unknown,S-01,active\n"
    stream = io.BytesIO(f"course_id,student_key,status\n{rows}".encode())
    actor_id = uploader()
    job_id = start_upload(COURSE_STUDENTS, facts(), stream, CourseStudentOptions(), actor_id=actor_id, source=UPLOAD)
    plan = look(job_id)
    assert plan.state is PlanState.HELD
    review(university, plan, Decision.APPROVED)
    carry_out(get_job(job_id))
    lines = result_of(job_id)[1].decode().splitlines()
    assert lines[1:] == [
        *(f"{KEY},{key},inactive" for key in keys), f"{KEY},nobody,not-in-program", "unknown,S-01,course-not-found"
    ]  # fmt: skip


def test_one_of_several_chunks(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "CHUNK", 5)
    job_id, plan = held("t,enrolled\nu,enrolled\nu,pending\nw,bogus\n")
    exclude_rows(plan.id, [7], (), excluded=True)
    review(university, plan_of(job_id), Decision.APPROVED)
    carry_out(get_job(job_id))
    lines = result_of(job_id)[1].decode().splitlines()
    assert lines[7] == "S-06,illegal-operation" and lines[13:] == ["t,enrolled", "u,duplicated", "w,invalid-status"]
    assert get_job(job_id).text == "207"
