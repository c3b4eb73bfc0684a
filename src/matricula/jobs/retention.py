"""What is kept of finished jobs, and for how long (MATRICULA_KEEP_FILES_DAYS, MATRICULA_KEEP_JOBS_DAYS)."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from matricula.foundation.files import delete_file, delete_leftovers
from matricula.foundation.transactions import one_transaction
from matricula.jobs.downloads import FOLDER
from matricula.jobs.models import Job, JobChunk, JobSlice
from matricula.jobs.statuses import UNFINISHED

_BATCH = 500


def delete_expired_files(days: int, of_files: Sequence[str]) -> int:
    """Deletes result files, and the rows of uploads, of jobs that ended so many days ago; of how many jobs. 0: never.

    The jobs stay, without a result. ``of_files``: the kinds of jobs whose rows are the content of files.
    """
    deleted = 0
    while batch := list(_with_files(days, of_files).values_list("pk", "result")[:_BATCH]):
        _delete_files(batch)
        ids = [pk for pk, _ in batch]
        with one_transaction():
            JobChunk.objects.filter(job__in=ids, job__kind__in=of_files).delete()
            Job.objects.filter(pk__in=ids).update(result=None, file_bytes=0)
        deleted += len(batch)
    if days:
        delete_leftovers(FOLDER)
    return deleted


def delete_expired_jobs(days: int) -> int:
    """Deletes jobs that ended so many days ago, with their files, rows and results; how many. 0: never."""
    deleted = 0
    while batch := list(_ended(days).values_list("pk", "result")[:_BATCH]):
        _delete_files(batch)
        ids = [pk for pk, _ in batch]
        with one_transaction():
            JobSlice.objects.filter(job__in=ids).delete()
            JobChunk.objects.filter(job__in=ids).delete()
            Job.objects.filter(pk__in=ids).delete()
        deleted += len(batch)
    return deleted


def count_due(files_days: int, jobs_days: int, of_files: Sequence[str], grace_days: int = 2) -> int:
    """How many jobs, or files of jobs, should have been deleted ``grace_days`` ago and are still there."""
    return _with_files(files_days, of_files, grace_days).count() + _ended(jobs_days, grace_days).count()


def _ended(days: int, grace_days: int = 0) -> "QuerySet[Job]":
    if not days:
        return Job.objects.none()
    cutoff = timezone.now() - timedelta(days=days + grace_days)
    return Job.objects.exclude(state__in=UNFINISHED).filter(updated__lt=cutoff)


def _with_files(days: int, of_files: Sequence[str], grace_days: int = 0) -> "QuerySet[Job]":
    rows = Exists(JobChunk.objects.filter(job=OuterRef("pk")))
    return _ended(days, grace_days).filter(Q(result__isnull=False) | (Q(kind__in=of_files) & rows))


def _delete_files(jobs: Sequence[tuple[uuid.UUID, str | None]]) -> None:
    for _, name in jobs:
        if name is not None:
            delete_file(name)
