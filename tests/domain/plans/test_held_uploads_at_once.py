"""Held uploads with several connections: planned and written set by set, and let go on by many at once."""

import io
from collections import Counter
from functools import partial

from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.batches.kinds import STUDENTS
from matricula.batches.planning import continue_upload, exclude_rows, review_plan, start_upload
from matricula.batches.plans.reads import find_plan
from matricula.batches.plans.statuses import Decision, PlanState
from matricula.batches.runs import run_here
from matricula.batches.values import Options
from matricula.jobs.reads import get_job
from matricula.jobs.writes import RUN_JOB
from matricula.journal.statuses import API, UPLOAD
from matricula.journal.writes import new_operation
from matricula.models import JobSlice, Plan, Program, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.conftest import make_world
from tests.domain.program_jobs import enroll, facts, result_of
from tests.domain.races import together
from tests.university import make_university

ROWS = 5_100


def test_it_is_planned_approved_and_written_in_slices(own_database: None) -> None:
    university = make_university(make_world())
    writer, reviewer = university.writer().pk, university.root.pk
    Program.objects.filter(pk=facts().id).update(hold_uploads=True)
    keys = [f"S-{n:04}" for n in range(ROWS)]
    enroll(*keys)
    rows = "".join(f"{key},canceled\n" for key in keys) + "S-0007,ended\n"
    stream = io.BytesIO(f"student_key,status\n{rows}".encode())
    job_id = start_upload(STUDENTS, facts(), stream, Options(), actor_id=writer, source=UPLOAD)
    plan_id = Plan.objects.get().pk
    carry_out(get_job(plan_id))
    exclude_rows(plan_id, [2, ROWS], (), excluded=True)
    plan = find_plan(plan_id)
    assert plan and plan.state is PlanState.HELD
    assert plan.effects == {"add": 0, "change": 0, "remove": ROWS - 3, "unchanged": 0, "refused": 1}
    ProgramEnrollment.objects.filter(student_key="S-0003").update(status="pending")
    review_plan(
        plan_id, reviewer, Decision.APPROVED, fingerprint=plan.fingerprint or "", note=None,
        operation=new_operation(reviewer, API),
    )  # fmt: skip
    assert carry_out(get_job(job_id))
    job, file = result_of(job_id)
    words = dict(line.split(",") for line in file.decode().splitlines()[1:])
    assert [*words] == keys
    assert {key: word for key, word in words.items() if word != "canceled"} == {
        "S-0001": "illegal-operation",
        "S-0003": "conflict",
        "S-0007": "duplicated",
        f"S-{ROWS - 1}": "illegal-operation",
    }
    assert job.text == "207" and not JobSlice.objects.exists()
    stored = Counter(ProgramEnrollment.objects.values_list("status", flat=True))
    assert stored == {"canceled": ROWS - 4, "enrolled": 3, "pending": 1}


def test_of_many_that_let_it_go_on_at_once_one_does(own_database: None) -> None:
    university = make_university(make_world())
    writer = university.writer().pk
    Program.objects.filter(pk=facts().id).update(hold_uploads=True)
    stream = io.BytesIO(b"student_key,status\nS-1,enrolled\n")
    job_id = start_upload(STUDENTS, facts(), stream, Options(), actor_id=writer, source=UPLOAD)
    plan_id = Plan.objects.get().pk
    run_here(plan_id)
    together(*[partial(continue_upload, plan_id)] * 8)
    queued = ProcrastinateJob.objects.filter(task_name=RUN_JOB, args__job_id=str(job_id))
    assert queued.count() == 1
    assert Plan.objects.get().applied_by_id == job_id and Plan.objects.get().canceled is None
    assert get_job(job_id).waits_for is None
