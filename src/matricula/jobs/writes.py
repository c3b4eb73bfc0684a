"""Starting jobs and moving them on."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from matricula.foundation.transactions import one_transaction
from matricula.jobs import statuses
from matricula.jobs.entries import ENDED, STARTED, job_entry, job_state, own_operation
from matricula.jobs.limits import check_job_limit, lock_jobs_of
from matricula.jobs.models import Job
from matricula.jobs.reads import job_status
from matricula.jobs.slices import count_last_slices
from matricula.journal.statuses import Source
from matricula.journal.writes import Operation, add_entries, end_operation

RUN_JOB = "matricula.run_job"
# in the queue, short tasks such as mail and taking over what a killed worker left go before jobs
_BEHIND_OTHERS = -10
_ONE_UNFINISHED_WRITE = "job_one_unfinished_write_for_program"


class WriteUnfinished(Exception):
    """Another job that writes this program's enrollments is unfinished."""


class JobCanceled(Exception):
    """The job was canceled, or taken for dead, meanwhile; what it had committed stays."""


def start_job(
    kind: str,
    *,
    actor_id: int | None,
    source: Source,
    course_id: int | None,
    options: Mapping[str, Any],
    program_id: int | None = None,
) -> uuid.UUID:
    """Stores a job without rows and queues it for the worker, in one transaction. Errors: ``TooManyJobs``."""
    with one_transaction():
        if actor_id is not None:
            lock_jobs_of(actor_id)
        job_id = add_job(
            kind, actor_id=actor_id, source=source, course_id=course_id, program_id=program_id, options=options
        )
        queue_job(job_id)
    return job_id


def add_job(
    kind: str,
    *,
    actor_id: int | None,
    source: Source,
    course_id: int | None,
    program_id: int | None,
    options: Mapping[str, Any],
) -> uuid.UUID:
    """Stores a job; its rows and the queue are the caller's, in one transaction.

    A job that writes the enrollments of the same program, and that another transaction is just storing, is waited for.
    Errors: ``TooManyJobs``, ``WriteUnfinished``.
    """
    with _one_write_for_a_program():
        return _add_job(kind, actor_id, source, course_id, program_id, options, 0, statuses.PENDING).id


@contextmanager
def _one_write_for_a_program() -> Iterator[None]:
    try:
        with one_transaction():
            yield
    except IntegrityError as error:
        if _ONE_UNFINISHED_WRITE in str(error):
            raise WriteUnfinished from None
        raise


def update_job(job_id: uuid.UUID, **found: Any) -> None:
    """Stores what was found while the input was read: total, options."""
    Job.objects.filter(pk=job_id).update(**found)


def queue_job(job_id: uuid.UUID, **found: Any) -> None:
    """Hands a job to the worker once the transaction is committed; ``found`` is stored first: total, options."""
    if found:
        update_job(job_id, **found)
    app.configure_task(RUN_JOB, allow_unknown=True, priority=_BEHIND_OTHERS).defer(job_id=str(job_id))


_LOST = """
select j.id from matricula_job j
where j.state = any(%s) and j.kind = any(%s) and j.updated < now() - interval '1 minute'
  and not j.options ? 'waits_for' and not exists (
    select 1 from procrastinate_jobs q
    where q.task_name = %s and q.status in ('todo', 'doing') and q.args ->> 'job_id' = j.id::text
)
for no key update of j skip locked
"""


def queue_lost_jobs(kinds: Sequence[str]) -> list[uuid.UUID]:
    """Queues unfinished jobs of these kinds that the queue does not know any more; which.

    One that waits for a plan to be approved is not lost.
    """
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute(_LOST, [list(statuses.UNFINISHED), list(kinds), RUN_JOB])
        lost = [job_id for (job_id,) in cursor.fetchall()]
        for job_id in lost:
            queue_job(job_id)
    return lost


def record_job(
    kind: str, *, actor_id: int | None, source: Source, course_id: int | None, options: Mapping[str, Any]
) -> uuid.UUID:
    """Store a job that the calling command itself does, row by row; see ``jobs/heartbeat.py``."""
    return _add_job(kind, actor_id, source, course_id, None, options, None, statuses.RUNNING).id


def _add_job(
    kind: str,
    actor_id: int | None,
    source: Source,
    course_id: int | None,
    program_id: int | None,
    options: Mapping[str, Any],
    total: int | None,
    state: str,
) -> Job:
    if actor_id is not None and state == statuses.PENDING:
        check_job_limit(actor_id, source)
    now = timezone.now()
    return Job.objects.create(
        kind=kind,
        state=state,
        actor_id=actor_id,
        source=source,
        course_id=course_id,
        program_id=program_id,
        options=dict(options),
        total=total,
        created=now,
        updated=now,
    )


def record_start(operation: Operation) -> None:
    """Records that a job was started, under its own operation, in the transaction that stored it."""
    job = Job.objects.get(pk=operation.id)
    add_entries(operation, [job_entry(operation, job, STARTED, None)])


def record_decision(job_id: uuid.UUID, operation: Operation, word: str) -> None:
    """Records what someone decided about a job that looks at rows, in the transaction of the decision."""
    job = Job.objects.get(pk=job_id)
    add_entries(operation, [job_entry(operation, job, word, job_state(job))])


def begin_job(job_id: uuid.UUID) -> bool:
    """Marks a job without chunks as running; False if there is nothing left to do."""
    with one_transaction():
        return bool(
            Job.objects.filter(pk=job_id, state__in=statuses.UNFINISHED).update(
                state=statuses.RUNNING, updated=timezone.now()
            )
        )


def lock_unfinished_job(job_id: uuid.UUID) -> bool:
    """Holds the job until the transaction ends; False if it has ended."""
    return Job.objects.select_for_update().get(pk=job_id).state in statuses.UNFINISHED


def advance_job(job_id: uuid.UUID, done: int, counts: Mapping[str, int]) -> None:
    """Adds to what a job has done and counted. Errors: ``JobCanceled``."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state not in statuses.UNFINISHED:
        raise JobCanceled
    job.state = statuses.RUNNING
    job.done += done
    job.counts = {word: job.counts.get(word, 0) + counts.get(word, 0) for word in sorted({*job.counts, *counts})}
    job.updated = timezone.now()
    job.save(update_fields=["state", "done", "counts", "updated"])


def complete_job(job_id: uuid.UUID, *, result: str | None = None, text: str | None = None, **found: Any) -> bool:
    """Everything is done; ``result`` names the file with what came out. False if the job had ended otherwise."""
    return end_job(job_id, state=statuses.COMPLETED, result=result, text=text, **found)


def fail_job(job_id: uuid.UUID, error: str) -> bool:
    """An internal error ended the job; ``error`` is for its owner, without a stack trace. False if it had ended."""
    return end_job(job_id, state=statuses.FAILED, error=error, file_bytes=0)


def end_job(job_id: uuid.UUID, still: Q | None = None, /, **fields: Any) -> bool:
    """Ends an unfinished job for which ``still`` is true when its row is locked; False if it has ended, or is not."""
    with one_transaction():
        job = Job.objects.select_for_update().filter(still or Q(), pk=job_id, state__in=statuses.UNFINISHED).first()
        if job is None:
            return False
        count_last_slices(job)
        before = job_state(job)
        for name, value in fields.items():
            setattr(job, name, value)
        job.updated = timezone.now()
        job.save(update_fields=[*fields, "updated"])
        if not job_status(job).only_reads:
            operation = own_operation(job)
            add_entries(operation, [job_entry(operation, job, ENDED, before)])
            end_operation(job_id)
    return True
