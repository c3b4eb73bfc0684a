"""How much result files may take up together (MATRICULA_FILES_QUOTA), in a folder as in a bucket."""

import uuid
from collections.abc import Iterable, Iterator
from math import inf
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext_noop

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.files import StorageFailed
from matricula.foundation.transactions import one_transaction
from matricula.jobs.models import Job
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import DOWNLOAD_KINDS, UNFINISHED

_LOCK = 7312
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


class _Room(NamedTuple):
    """How many bytes there are for a file: of those of its caller, and of all."""

    of_caller: float
    of_all: float

    def check(self, size: int) -> None:
        """Pass if the file may be so large. Errors: ``StorageFull``."""
        if size > self.of_caller:
            raise StorageFull(_FULL_FOR_CALLER)
        if size > self.of_all:
            raise StorageFull(_FULL)


# No statement between two blocks: they may be those of a COPY, whose connection would wait for itself. So what there is
# room for is asked before the first one; what was written meanwhile, after the last


def within_quota(job: JobStatus, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a job's file, counted towards the quota before the file is there. Errors: ``StorageFull``."""
    room, size = _find_room(job.actor_id, is_download=job.kind in DOWNLOAD_KINDS, job_id=job.id), 0
    for block in blocks:
        size += len(block)
        room.check(size)
        yield block
    _count(job, size)


def within_room(actor_id: int | None, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a file that belongs to no job, as far as there is room. Errors: ``StorageFull``."""
    room, size = _find_room(actor_id, is_download=True, job_id=None), 0
    for block in blocks:
        size += len(block)
        room.check(size)
        yield block


def claim_room(actor_id: int | None, size: int) -> None:
    """Passes if there is room for such a file, and holds that until the transaction ends: its row has to be written.

    Errors: ``StorageFull``.
    """
    _check_room(actor_id, size, is_download=True, job_id=None)


def _check_room(actor_id: int | None, size: int, *, is_download: bool, job_id: uuid.UUID | None) -> None:
    # of two files for which there is room for one, one gets it
    execute("select pg_advisory_xact_lock(%s, 0)", [_LOCK])
    _find_room(actor_id, is_download=is_download, job_id=job_id).check(size)


def _find_room(actor_id: int | None, *, is_download: bool, job_id: uuid.UUID | None) -> _Room:
    quota = settings.ENVIRONMENT.files_quota
    if not quota:
        return _Room(inf, inf)
    [(used, by_caller)] = fetch_all(_USED, {"actor": actor_id, "reads": list(DOWNLOAD_KINDS), "job": job_id})
    if is_download:
        return _Room(quota * _OF_ONE_CALLER - by_caller, quota * _OF_DOWNLOADS - used)
    return _Room(inf, quota - used)


def _count(job: JobStatus, size: int) -> None:
    with one_transaction():
        _check_room(job.actor_id, size, is_download=job.kind in DOWNLOAD_KINDS, job_id=job.id)
        Job.objects.filter(pk=job.id, state__in=UNFINISHED).update(file_bytes=size)
