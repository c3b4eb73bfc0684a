"""How much result files may take up together (MATRICULA_FILES_QUOTA), in a folder as in a bucket."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from matricula.foundation.files import StorageFailed
from matricula.foundation.transactions import one_transaction
from matricula.jobs.models import Job
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import READ_KINDS, UNFINISHED

_LOCK = 7312
# a file that grows is counted again each time it has grown by so many bytes
_STEP = 4 * 1024 * 1024
# Downloads leave room for the results of uploads, and one caller's leave room for others.
_OF_DOWNLOADS, _OF_ONE_CALLER = 0.9, 0.5
_FULL = gettext_noop(
    "The result doesn't fit into the file storage because its quota is used up. Try again "
    "when older result files have expired, or ask your administrator to raise "
    "MATRICULA_FILES_QUOTA."
)
_FULL_FOR_CALLER = gettext_noop(
    "Your result files have used up your share of the file storage. Try again when older "
    "ones have expired, or ask your administrator to raise MATRICULA_FILES_QUOTA."
)
_USED = """
select coalesce(sum(file_bytes), 0)::bigint,
    coalesce(sum(file_bytes) filter (where actor_id = %(actor)s and kind = any(%(reads)s)), 0)::bigint
from matricula_job where file_bytes > 0 and id <> %(job)s
"""


class StorageFull(StorageFailed):
    """The quota leaves no room for the file; ``text`` is for the owner of the job, untranslated."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def within_quota(job: JobStatus, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a job's file, counted towards the quota before the file is there. Errors: ``StorageFull``."""
    size = counted = 0
    for block in blocks:
        size += len(block)
        if size >= counted + _STEP:
            _count(job, size)
            counted = size
        yield block
    _count(job, size)


def _count(job: JobStatus, size: int) -> None:
    quota = settings.ENVIRONMENT.files_quota
    is_download = job.kind in READ_KINDS
    with one_transaction(), connection.cursor() as cursor:
        # of two files for which there is room for one, one gets it
        cursor.execute("select pg_advisory_xact_lock(%s, 0)", [_LOCK])
        cursor.execute(_USED, {"actor": job.actor_id, "reads": list(READ_KINDS), "job": job.id})
        used, used_by_caller = cursor.fetchone()
        if quota:
            if is_download and used_by_caller + size > quota * _OF_ONE_CALLER:
                raise StorageFull(_FULL_FOR_CALLER)
            if used + size > quota * (_OF_DOWNLOADS if is_download else 1):
                raise StorageFull(_FULL)
        Job.objects.filter(pk=job.id, state__in=UNFINISHED).update(file_bytes=size)
