"""What is new for the reader: jobs and plans that ended since they last looked. The session keeps what they saw."""

import uuid
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from matricula.access.reads import Caller
from matricula.jobs.reads import JobStatus, list_ended

SHOWN = 10
_LOOKED, _SEEN = "looked", "seen_jobs"
# so many that were opened one by one are remembered
_REMEMBERED = 50


def list_new(request: HttpRequest, caller: Caller) -> list[JobStatus]:
    """The reader's jobs that a worker ended since they last opened the list of jobs, without those they opened."""
    seen = request.session.get(_SEEN, ())
    ended = list_ended(caller.account_id, _looked(request), SHOWN + len(seen))
    return [job for job in ended if str(job.id) not in seen][:SHOWN]


def _looked(request: HttpRequest) -> datetime:
    if _LOOKED not in request.session:
        # in this session everything is new from its first page on
        request.session[_LOOKED] = timezone.now().isoformat()
    return datetime.fromisoformat(request.session[_LOOKED])


def look(request: HttpRequest) -> None:
    """The reader opened the list: nothing before is new."""
    request.session[_LOOKED] = timezone.now().isoformat()
    request.session.pop(_SEEN, None)


def see(request: HttpRequest, job_id: uuid.UUID) -> None:
    """The reader opened the page of a job that has ended."""
    seen = request.session.get(_SEEN, [])
    if str(job_id) not in seen:
        request.session[_SEEN] = [*seen, str(job_id)][-_REMEMBERED:]
