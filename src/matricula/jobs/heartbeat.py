"""Signs of life of jobs whose rows only the command has that reads the file, and the end of those that stopped.

Jobs whose rows or whose question is stored need none: anyone who comes later can do the rest (``queue_lost_jobs``).
"""

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from matricula.jobs import statuses
from matricula.jobs.models import Job
from matricula.jobs.writes import end_job

BEAT_SECONDS = 10
# two minutes in all, with the minute between two looks
DEAD_SECONDS = 55
_log = structlog.get_logger(__name__)
# translated when it is read
ABANDONED = gettext_noop(
    "The command that ran this job has stopped responding. Rows written before that were kept. Import the file again."
)


@contextmanager
def beating(job_id: uuid.UUID) -> Iterator[None]:
    """Keep a job's sign of life fresh, from a thread with a connection of its own, until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(job_id, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(job_id: uuid.UUID, ended: threading.Event) -> None:
    try:
        while not ended.wait(BEAT_SECONDS):
            try:
                beat(job_id)
            except (DatabaseError, InterfaceError) as error:
                # the command itself meets what is wrong; here it must only not stop for good
                _log.warning("no_heartbeat", job=str(job_id), error=type(error).__name__)
                connection.close()
    finally:
        connection.close()


_BEAT = """
update matricula_job set heartbeat = now() where id = (
    select id from matricula_job where id = %s and state = any(%s) for no key update skip locked
)
"""


def beat(job_id: uuid.UUID) -> None:
    """Say that the process that does the job lives. A job whose row is locked is being written to: it needs no sign."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [job_id, list(statuses.UNFINISHED)])


def fail_abandoned_jobs(done_by_worker: Sequence[str]) -> list[uuid.UUID]:
    """Fail unfinished jobs that no worker can take over and whose command gives no sign of life; return their ids.

    ``done_by_worker``: the kinds of jobs that workers do.
    """
    limit = timezone.now() - timedelta(seconds=DEAD_SECONDS)
    dead = (
        Job.objects.annotate(alive=Coalesce("heartbeat", "updated"))
        .filter(~Q(kind__in=done_by_worker), state__in=statuses.UNFINISHED, alive__lt=limit, updated__lt=limit)
        .values_list("pk", flat=True)
    )
    ended = []
    for job_id in dead:
        # asked again with the row locked: the command may have come back in between
        still = Q(updated__lt=limit) & (Q(heartbeat__isnull=True) | Q(heartbeat__lt=limit))
        if end_job(job_id, still, state=statuses.FAILED, error=ABANDONED):
            ended.append(job_id)
    return ended
