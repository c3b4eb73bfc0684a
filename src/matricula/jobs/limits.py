"""How many unfinished jobs a caller may have (MATRICULA_JOB_LIMIT)."""

from django.conf import settings
from django.db import connection

from matricula.jobs.models import Job
from matricula.jobs.statuses import UNFINISHED
from matricula.journal.statuses import COMMAND, Source

# seconds after which a caller with too many jobs may try again
RETRY_SECONDS = 30
_LOCK = 7310


class TooManyJobs(Exception):
    """The caller has as many unfinished jobs as allowed; ``limit``."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} unfinished jobs")
        self.limit = limit


def lock_jobs_of(actor_id: int) -> None:
    """Let the other jobs that this caller starts wait until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, (%s::bigint %% 2147483647)::int)", [_LOCK, actor_id])


def check_job_limit(actor_id: int, source: Source) -> None:
    """Raise ``TooManyJobs``. What a command does itself is neither limited nor counted."""
    if source == COMMAND:
        return
    limit = settings.ENVIRONMENT.job_limit
    unfinished = Job.objects.filter(actor_id=actor_id, state__in=UNFINISHED).exclude(source=COMMAND)
    if unfinished.count() >= limit:
        raise TooManyJobs(limit)
