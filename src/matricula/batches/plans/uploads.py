"""Uploads that wait for their plan: the job that the uploader knows, and the rows that the plan looks at.

The job that writes has ``waits_for`` (the plan) among its options until it may go on; the job that plans has
``upload`` (the job that writes). See docs/decisions/0032.
"""

import uuid

from django.utils.translation import gettext_noop

from matricula.batches import values
from matricula.batches.plans.models import PlanReview
from matricula.batches.plans.reads import PlanStatus
from matricula.batches.plans.statuses import Decision, PlanState
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import UNFINISHED
from matricula.jobs.writes import fail_job, lock_unfinished_job, update_job

_STATEMENTS = read_statements(__file__)
# translated when they are read
_OVER = {
    PlanState.REJECTED: gettext_noop("The upload exceeded a limit, and a reviewer rejected it."),
    PlanState.CANCELED: gettext_noop("The plan for this upload was canceled. Nothing was written."),
    PlanState.EXPIRED: gettext_noop("The upload exceeded a limit and was not approved in time. Send it again."),
    PlanState.FAILED: gettext_noop("The upload couldn't be checked because of an internal error. Send it again."),
}


def copy_upload(job_id: uuid.UUID, plan_id: uuid.UUID) -> None:
    """Gives the plan the rows of the upload, numbered from 1, as the upload marked them where the file repeats one."""
    execute(_STATEMENTS["copy_upload"](), {"job": job_id, "plan": plan_id, "size": values.CHUNK})


def upload_of(job: JobStatus) -> uuid.UUID | None:
    """The job that goes on once the plan that this job makes lets it; None for other plans."""
    told = job.options.get("upload")
    return uuid.UUID(told) if told else None


def find_waiting(plan_id: uuid.UUID) -> JobStatus | None:
    """The unfinished job that waits for the plan, held until the transaction ends; None if none does."""
    job_id = upload_of(get_job(plan_id))
    if job_id is None or not lock_unfinished_job(job_id):
        return None
    job = get_job(job_id)
    return job if job.options.get("waits_for") == str(plan_id) else None


def release(job: JobStatus, plan_id: uuid.UUID | None = None) -> None:
    """Lets a job go on with the rows that it has; ``plan_id``: with those of this plan, which it is to get."""
    options = {name: value for name, value in job.options.items() if name != "waits_for"}
    if plan_id is not None:
        options["plan"] = str(plan_id)
        execute(_STATEMENTS["delete_rows"](), {"job": job.id})
    update_job(job.id, options=options)


def is_over(plan: PlanStatus) -> bool:
    """True for a plan that lets no job go on any more."""
    return plan.state in _OVER


def end_waiting(job: JobStatus, plan: PlanStatus) -> None:
    """Fails a job whose plan is over, with the reason: the reviewer's, where there is one."""
    note = None
    if plan.state is PlanState.REJECTED:
        reviews = PlanReview.objects.filter(plan_id=plan.id, fingerprint=plan.fingerprint, decision=Decision.REJECTED)
        note = reviews.values_list("note", flat=True).first()
    fail_job(job.id, note or plan.error or _OVER[plan.state])


def list_undecided() -> list[uuid.UUID]:
    """Plans for which an upload waits, and open plans of uploads that have ended otherwise."""
    return [plan_id for (plan_id,) in fetch_all(_STATEMENTS["undecided"](), {"unfinished": list(UNFINISHED)})]
