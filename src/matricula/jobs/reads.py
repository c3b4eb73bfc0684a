"""How far a job is, and what came out."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.jobs.models import Job, JobChunk
from matricula.jobs.statuses import FAILED


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as its owner sees it."""

    id: uuid.UUID
    kind: str
    state: str
    actor_id: int | None
    source: str
    course_id: int | None
    options: dict[str, Any]
    total: int
    done: int
    counts: dict[str, int]
    error: str | None
    created: datetime
    updated: datetime


def find_job(job_id: uuid.UUID, *, course_id: int | None = None) -> JobStatus | None:
    """The job with this id (and of this course run, where one is named), or None."""
    jobs = Job.objects.filter(pk=job_id)
    if course_id is not None:
        jobs = jobs.filter(course_id=course_id)
    job = jobs.first()
    if job is None:
        return None
    return JobStatus(
        job.id,
        job.kind,
        job.state,
        job.actor_id,
        job.source,
        job.course_id,
        job.options,
        job.total if job.total is not None else job.done,
        job.done,
        job.counts,
        job.error,
        job.created,
        job.updated,
    )


def list_results(job_id: uuid.UUID) -> Iterator[Any]:
    """The results of a job, in the order of its input, read chunk by chunk."""
    for results in (
        JobChunk.objects.filter(job_id=job_id).order_by("number").values_list("results", flat=True).iterator()
    ):
        yield from results or ()


def count_failed() -> int:
    """How many jobs a fault of ours has ended."""
    return Job.objects.filter(state=FAILED).count()
