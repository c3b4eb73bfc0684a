"""How far a job is, and what came out."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from matricula.jobs.models import TROUBLED, Job
from matricula.jobs.statuses import (
    CHECK,
    DOWNLOAD_KINDS,
    ENDED,
    FAILED,
    PENDING,
    READ_KINDS,
    RUNNING,
    UNFINISHED,
    WRITE_KINDS,
    JobState,
)
from matricula.journal.statuses import Source

# no worker can do anything about it
_WAITS = Q(options__has_key="waits_for")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as its owner sees it."""

    id: uuid.UUID
    kind: str
    state: JobState
    actor_id: int | None
    source: Source
    course_id: int | None
    options: dict[str, Any]
    total: int
    done: int
    counts: dict[str, int]
    error: str | None
    created: datetime
    updated: datetime
    program_id: int | None
    # the name of the result file in the file storage
    result: str | None
    # the word for the whole result: 200, 207, 422, 204
    text: str | None

    @property
    def waits_for(self) -> str | None:
        """The id of the plan that decides whether an upload may be written."""
        return self.options.get("waits_for")

    @property
    def only_reads(self) -> bool:
        """True for a download, and for a check of what would be written."""
        return self.kind in DOWNLOAD_KINDS or self.kind.startswith(CHECK)


def find_job(job_id: uuid.UUID, *, course_id: int | None = None) -> JobStatus | None:
    """The job with this id (and of this course run, where one is named), or None."""
    jobs = Job.objects.filter(pk=job_id)
    if course_id is not None:
        jobs = jobs.filter(course_id=course_id)
    job = jobs.first()
    return job_status(job) if job else None


def get_job(job_id: uuid.UUID) -> JobStatus:
    """A job as it is now."""
    return job_status(Job.objects.get(pk=job_id))


def is_writing() -> bool:
    """True while a batch is being written: a job that moved within the last minute."""
    lately = timezone.now() - timedelta(minutes=1)
    return (
        Job.objects.filter(state=RUNNING, updated__gt=lately).exclude(_WAITS).exclude(kind__in=DOWNLOAD_KINDS).exists()
    )


def find_unfinished_download(
    kind: str, actor_id: int, *, program_id: int | None, course_id: int | None, options: dict[str, Any]
) -> uuid.UUID | None:
    """The caller's unfinished job that writes this very file, or None."""
    about = {"course_id": course_id, "program_id": program_id}
    jobs = Job.objects.filter(**about, kind=kind, actor_id=actor_id, options=options, state__in=UNFINISHED)
    return jobs.values_list("pk", flat=True).first()


def unfinished_among(job_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the jobs that have not ended."""
    return {*Job.objects.filter(pk__in=job_ids, state__in=UNFINISHED).values_list("pk", flat=True)}


def list_unfinished_jobs(actor_id: int) -> list[JobStatus]:
    """An account's own jobs about programs that are still to be done, the oldest first."""
    jobs = Job.objects.filter(
        actor_id=actor_id, state__in=UNFINISHED, kind__in=READ_KINDS + WRITE_KINDS, program__isnull=False
    )
    return [job_status(job) for job in jobs.order_by("created", "id")]


def list_unfinished_jobs_of_course(course_id: int) -> list[JobStatus]:
    """The jobs about a course run, and about no program, that are still to be done, the oldest first."""
    jobs = Job.objects.filter(course_id=course_id, program__isnull=True, state__in=UNFINISHED)
    return [job_status(job) for job in jobs.order_by("created", "id")]


def list_jobs(
    *,
    actor_id: int | None = None,
    states: Collection[str] | None = None,
    left_out: Collection[str] = (),
    troubled_since: datetime | None = None,
    offset: int = 0,
    limit: int = 100,
) -> list[JobStatus]:
    """The latest jobs of an account, or of everyone, in some states, but for the kinds that are left out.

    ``troubled_since``: only those that were begun since then and that failed, or of which rows were rejected.
    """
    jobs = _jobs(actor_id, left_out, troubled_since)
    if states is not None:
        jobs = jobs.filter(state__in=states)
    return [job_status(job) for job in jobs.order_by("-created", "id")[offset : offset + limit]]


def count_troubled(*, actor_id: int | None, left_out: Collection[str], since: datetime, most: int) -> int:
    """How many of these jobs ``list_jobs`` lists as troubled since a moment; no more than ``most`` are counted."""
    return _jobs(actor_id, left_out, since)[:most].count()


def _jobs(actor_id: int | None, left_out: Collection[str], troubled_since: datetime | None) -> "QuerySet[Job]":
    jobs = Job.objects.exclude(kind__in=left_out)
    if actor_id is not None:
        jobs = jobs.filter(actor_id=actor_id)
    if troubled_since is not None:
        jobs = jobs.filter(TROUBLED, created__gte=troubled_since)
    return jobs


def list_result_files() -> list[str]:
    """The names of all result files that are kept."""
    return list(Job.objects.filter(result__isnull=False).order_by("pk").values_list("result", flat=True))  # type: ignore[arg-type]


def list_kinds(ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, str]:
    """Job → its kind, of those that are still there."""
    return dict(Job.objects.filter(pk__in=ids).values_list("pk", "kind")) if ids else {}


def list_ended(actor_id: int, since: datetime, limit: int) -> list[JobStatus]:
    """An account's jobs that a worker ended after a moment, the latest first; what ended within a request was seen."""
    jobs = Job.objects.filter(actor_id=actor_id, started__isnull=False, state__in=ENDED, updated__gt=since)
    return [job_status(job) for job in jobs.order_by("-updated", "id")[:limit]]


def job_status(job: Job) -> JobStatus:
    """A row as it is shown."""
    return JobStatus(
        job.id,
        job.kind,
        JobState(job.state),
        job.actor_id,
        Source(job.source),
        job.course_id,
        job.options,
        job.total if job.total is not None else job.done,
        job.done,
        job.counts,
        job.error,
        job.created,
        job.updated,
        job.program_id,
        job.result,
        job.text,
    )


def count_by_kind() -> dict[tuple[str, str], int]:
    """(Kind, state) → how many jobs are kept."""
    counted = Job.objects.values_list("kind", "state").annotate(times=Count("pk")).order_by()
    return {(kind, state): times for kind, state, times in counted}


def count_failed() -> int:
    """How many jobs an internal error has ended."""
    return Job.objects.filter(state=FAILED).count()


def count_unfinished() -> int:
    """How many jobs wait or run."""
    return Job.objects.exclude(_WAITS).filter(state__in=UNFINISHED).count()


def find_oldest_waiting() -> datetime | None:
    """Since when the job has waited that has waited longest, or None if no job waits."""
    return (
        Job.objects.exclude(_WAITS).filter(state=PENDING).order_by("created").values_list("created", flat=True).first()
    )


def count_stalled(minutes: int) -> int:
    """How many running jobs have shown neither progress nor a sign of life for so long."""
    limit = timezone.now() - timedelta(minutes=minutes)
    alive = Coalesce("heartbeat", "updated")
    return (
        Job.objects.exclude(_WAITS).alias(alive=alive).filter(state=RUNNING, updated__lt=limit, alive__lt=limit).count()
    )
