"""How much result files may take up together (MATRICULA_FILES_QUOTA), in a folder as in a bucket."""

import uuid
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from matricula.foundation.files import StorageFailed
from matricula.foundation.transactions import one_transaction
from matricula.jobs.models import Job
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import DOWNLOAD_KINDS, UNFINISHED

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
# with the snapshots, which stay when jobs go, and are written by a package above this one
_USED = """
select coalesce(sum(file_bytes), 0)::bigint,
    coalesce(sum(file_bytes) filter (where actor_id = %(actor)s and is_read), 0)::bigint
from (
    select file_bytes, actor_id, kind = any(%(reads)s) as is_read from matricula_job
    where file_bytes > 0 and id is distinct from %(job)s
    union all
    select file_bytes, actor_id, true from matricula_snapshot
) files
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


def within_room(actor_id: int | None, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a file that belongs to no job, as far as there is room. Errors: ``StorageFull``."""
    size = checked = 0
    for block in blocks:
        size += len(block)
        if size >= checked + _STEP:
            with one_transaction():
                claim_room(actor_id, size)
            checked = size
        yield block


def claim_room(actor_id: int | None, size: int) -> None:
    """Passes if there is room for such a file, and holds that until the transaction ends: its row has to be written.

    Errors: ``StorageFull``.
    """
    _check_room(actor_id, size, is_download=True, job_id=None)


def _check_room(actor_id: int | None, size: int, *, is_download: bool, job_id: uuid.UUID | None) -> None:
    quota = settings.ENVIRONMENT.files_quota
    with connection.cursor() as cursor:
        # of two files for which there is room for one, one gets it
        cursor.execute("select pg_advisory_xact_lock(%s, 0)", [_LOCK])
        if not quota:
            return
        cursor.execute(_USED, {"actor": actor_id, "reads": list(DOWNLOAD_KINDS), "job": job_id})
        used, used_by_caller = cursor.fetchone()
    if is_download and used_by_caller + size > quota * _OF_ONE_CALLER:
        raise StorageFull(_FULL_FOR_CALLER)
    if used + size > quota * (_OF_DOWNLOADS if is_download else 1):
        raise StorageFull(_FULL)


def _count(job: JobStatus, size: int) -> None:
    with one_transaction():
        _check_room(job.actor_id, size, is_download=job.kind in DOWNLOAD_KINDS, job_id=job.id)
        Job.objects.filter(pk=job.id, state__in=UNFINISHED).update(file_bytes=size)
