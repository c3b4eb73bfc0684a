"""Starting jobs and moving them on."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from matricula.jobs import statuses
from matricula.jobs.models import Job, JobChunk

RUN_JOB = "matricula.run_job"
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Chunk:
    """One transaction's share of a job."""

    number: int
    input: list[Any]


def start_job(
    kind: str,
    *,
    actor_id: int | None,
    source: str,
    course_id: int | None,
    options: Mapping[str, Any],
    items: Sequence[Any],
    chunk_size: int,
) -> uuid.UUID:
    """Stores a job with its input and queues it for the worker, in one transaction."""
    with transaction.atomic():
        job = _add_job(kind, actor_id, source, course_id, options, len(items), statuses.PENDING)
        chunks = [items[start : start + chunk_size] for start in range(0, len(items), chunk_size)]
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into matricula_jobchunk (job_id, number, input) "
                "select %s, n, input from unnest(%s::jsonb[]) with ordinality c(input, n)",
                [job.id, [_json.encode(chunk).decode() for chunk in chunks]],
            )
        app.configure_task(RUN_JOB, allow_unknown=True).defer(job_id=str(job.id))
    return job.id


def record_job(
    kind: str, *, actor_id: int | None, source: str, course_id: int | None, options: Mapping[str, Any]
) -> uuid.UUID:
    """Stores a job that the calling command itself carries out."""
    return _add_job(kind, actor_id, source, course_id, options, None, statuses.RUNNING).id


def _add_job(
    kind: str,
    actor_id: int | None,
    source: str,
    course_id: int | None,
    options: Mapping[str, Any],
    total: int | None,
    state: str,
) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind=kind,
        state=state,
        actor_id=actor_id,
        source=source,
        course_id=course_id,
        options=dict(options),
        total=total,
        created=now,
        updated=now,
    )


def lock_next_chunk(job_id: uuid.UUID) -> Chunk | None:
    """Holds the job until the transaction ends and gives its next undone chunk; None if there is none left.

    Two workers that run one job by mistake thus do its chunks in turn, each once.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state not in {statuses.PENDING, statuses.RUNNING}:
        return None
    chunk = JobChunk.objects.filter(job_id=job_id, results__isnull=True).order_by("number").first()
    return Chunk(chunk.number, chunk.input) if chunk else None


def finish_chunk(job_id: uuid.UUID, chunk: Chunk, results: Sequence[Any], counts: Mapping[str, int]) -> None:
    """Stores the results of a chunk and moves the job on, in the transaction that did the work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update matricula_jobchunk set results = %s::jsonb where job_id = %s and number = %s",
            [_json.encode(results).decode(), job_id, chunk.number],
        )
    advance_job(job_id, len(chunk.input), counts)


def advance_job(job_id: uuid.UUID, done: int, counts: Mapping[str, int]) -> None:
    """Adds to what a job has done and counted."""
    job = Job.objects.select_for_update().get(pk=job_id)
    job.state = statuses.RUNNING
    job.done += done
    job.counts = {word: job.counts.get(word, 0) + counts.get(word, 0) for word in sorted({*job.counts, *counts})}
    job.updated = timezone.now()
    job.save(update_fields=["state", "done", "counts", "updated"])


def complete_job(job_id: uuid.UUID) -> None:
    """Everything is done."""
    Job.objects.filter(pk=job_id, state__in=[statuses.PENDING, statuses.RUNNING]).update(
        state=statuses.COMPLETED, updated=timezone.now()
    )


def fail_job(job_id: uuid.UUID, error: str) -> None:
    """A fault of ours ended the job; ``error`` tells its owner, without a stack trace."""
    Job.objects.filter(pk=job_id, state__in=[statuses.PENDING, statuses.RUNNING]).update(
        state=statuses.FAILED, error=error, updated=timezone.now()
    )
