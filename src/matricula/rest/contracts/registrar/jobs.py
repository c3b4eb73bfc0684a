"""Jobs: what was started, and how far it is (registrar-api: Jobs)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext

from matricula.batches.rights import may_see_contents
from matricula.catalog.reads import program_keys
from matricula.disclosures.links import links_to
from matricula.jobs import statuses
from matricula.jobs.downloads import linked_result
from matricula.jobs.reads import JobStatus, find_job, list_unfinished_jobs
from matricula.rest import errors
from matricula.rest.checks import public_root
from matricula.rest.contracts.registrar import schemas
from matricula.rest.disclosing import recipient_of
from matricula.rest.endpoint import AnyCall, PlainCall, answer_json
from matricula.rest.errors import BrokenRequest, Message

# state → the seed's word; that for a job that waits is a setting
_WORDS: Mapping[statuses.JobState, schemas.JobWord] = {
    statuses.RUNNING: schemas.JobWord.IN_PROGRESS,
    statuses.CANCELED: schemas.JobWord.CANCELED,
    statuses.FAILED: schemas.JobWord.FAILED,
    statuses.COMPLETED: schemas.JobWord.SUCCEEDED,
}
_KINDS = statuses.READ_KINDS + statuses.WRITE_KINDS


def job_accepted(call: AnyCall, job_id: uuid.UUID) -> HttpResponse:
    """202 JobAccepted, with the address of the job in the version of the request."""
    return answer_json(schemas.JobAccepted(job_id, f"{public_root(call)}{call.base}/jobs/{job_id}/"), 202)


def list_jobs(call: PlainCall) -> HttpResponse:
    """200, an array: the caller's own unfinished jobs, the oldest first."""
    return answer_json(_statuses(call, list_unfinished_jobs(call.account_id)))


def get_job(call: PlainCall) -> HttpResponse:
    """200 JobStatus. Errors: 404 for an unknown job, 403 for that of someone else."""
    job = _find_job(call.path["job_id"])
    caller = call.signed_in
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


def _statuses(call: AnyCall, jobs: Sequence[JobStatus]) -> list[schemas.JobStatus]:
    root = public_root(call)
    of_programs = [(job, job.program_id) for job in jobs if job.program_id is not None]
    keys = program_keys({program_id for _, program_id in of_programs})
    # another's job with the right to read all of them, or one's own while one may read what it is about
    visible = [job for job in jobs if job.result and may_see_contents(call.account_id, job)]
    links = {job.id: _link(call, job, root) for job in visible}
    return [
        schemas.JobStatus(
            job_id=job.id,
            name=_name(keys[program_id], job.kind),
            created=job.created.astimezone(UTC),
            state=_WORDS.get(job.state) or schemas.JobWord(settings.ENVIRONMENT.queued_word),
            result=links.get(job.id),
            text=_text(job, root),
            progress=schemas.Progress(job.done, job.total),
        )
        for job, program_id in of_programs
    ]


def _link(call: AnyCall, job: JobStatus, root: str) -> str:
    [link] = links_to([linked_result(job)], root, recipient_of(call, needs_reason=False))
    return link


def _text(job: JobStatus, root: str) -> str | None:
    if job.state == statuses.FAILED:
        return gettext(job.error or "")
    if job.state == statuses.RUNNING and job.waits_for:
        return gettext("This upload exceeds a limit and is waiting for approval: %(address)s") % {
            "address": f"{root}/plans/{job.waits_for}/"
        }
    return job.text


def _name(program_key: str, kind: str) -> str:
    return f"{program_key}:{'write' if kind in statuses.WRITE_KINDS else 'read'}:{kind}"
