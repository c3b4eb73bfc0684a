"""Jobs: what was started, and how far it is (registrar-api: Jobs)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, cast

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext

from matricula.access.reads import Caller
from matricula.batches.rights import may_see_contents
from matricula.catalog.reads import program_keys
from matricula.foundation.files import signed_link
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus, find_job, list_unfinished_jobs
from matricula.rest import errors
from matricula.rest.checks import public_root
from matricula.rest.contracts.registrar import schemas
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.errors import BrokenRequest, Message

# state → the seed's word; that for a job that waits is a setting
_WORDS: Mapping[str, str] = {
    statuses.RUNNING: "In Progress",
    statuses.CANCELED: "Canceled",
    statuses.FAILED: "Failed",
    statuses.COMPLETED: "Succeeded",
}
_KINDS = statuses.READ_KINDS + statuses.WRITE_KINDS


def job_accepted(call: Call, job_id: uuid.UUID) -> HttpResponse:
    """202 JobAccepted, with the address of the job in the version of the request."""
    return answer_json(schemas.JobAccepted(job_id, f"{public_root(call)}{call.base}/jobs/{job_id}/"), 202)


def list_jobs(call: Call) -> HttpResponse:
    """200, an array: the caller's own unfinished jobs, the oldest first."""
    return answer_json(_statuses(call, list_unfinished_jobs(call.account_id)))


def get_job(call: Call) -> HttpResponse:
    """200 JobStatus. Errors: 404 for an unknown job, 403 for that of somebody else."""
    job = _find_job(call.path["job_id"])
    caller = cast(Caller, call.caller)
    if job.actor_id != caller.account_id and not caller.reads_all_jobs:
        raise BrokenRequest(errors.PERMISSION_DENIED, Message("Another user started this job."))
    return answer_json(_statuses(call, [job])[0])


def _find_job(text: str) -> JobStatus:
    try:
        job_id = uuid.UUID(text)
        job = find_job(job_id) if str(job_id) == text.lower() else None
    except ValueError:
        job = None
    if job is None or job.program_id is None or job.kind not in _KINDS:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no job with this ID."))
    return job


def _statuses(call: Call, jobs: Sequence[JobStatus]) -> list[schemas.JobStatus]:
    root = public_root(call)
    keys = program_keys({job.program_id for job in jobs if job.program_id is not None})
    return [
        schemas.JobStatus(
            job_id=job.id,
            name=_name(keys[cast(int, job.program_id)], job.kind),
            created=job.created.astimezone(UTC),
            state=cast(Any, _WORDS.get(job.state, settings.ENVIRONMENT.queued_word)),
            # another's job with the right to read all of them, or one's own while one may read what it is about
            result=signed_link(job.result, root) if job.result and may_see_contents(call.account_id, job) else None,
            text=gettext(job.error or "") if job.state == statuses.FAILED else job.text,
            progress=schemas.Progress(job.done, job.total),
        )
        for job in jobs
    ]


def _name(program_key: str, kind: str) -> str:
    return f"{program_key}:{'write' if kind in statuses.WRITE_KINDS else 'read'}:{kind}"
