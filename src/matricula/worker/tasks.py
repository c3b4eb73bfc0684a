"""What the worker does; each task is safe to run again, for a killed worker's tasks are."""

import asyncio
import uuid

import structlog
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_noop
from oauth2_provider.models import clear_expired
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from matricula.enrollments.tasks import ENROLLMENT_TASK, work_enrollment_chunk
from matricula.jobs.reads import find_job
from matricula.jobs.writes import RUN_JOB, complete_job, fail_job
from matricula.notices.delivery import deliver_due_mail

_log = structlog.get_logger("matricula.worker")
# a worker whose heart stopped beating this long ago is dead, and its jobs are taken over
STALLED_SECONDS = 15
HEARTBEAT_SECONDS = 5
# translated when it is read
_FAULT = gettext_noop("A fault of ours ended this task; what it had done stays done. Tell your operator its id.")
# mails between two looks at whether the worker shall stop
_MAIL_SLICE = 200
_WORK = {ENROLLMENT_TASK: work_enrollment_chunk}
_CONNECTION_LOST = RetryStrategy(
    max_attempts=20, wait=1, linear_wait=2, retry_exceptions={OperationalError, InterfaceError}
)


@app.task(name=RUN_JOB, retry=_CONNECTION_LOST, pass_context=True)
def run_job(context: JobContext, *, job_id: str) -> None:
    """Does a job chunk by chunk; each chunk, its results and its progress are one transaction."""
    job = find_job(uuid.UUID(job_id))
    if job is None:
        return
    try:
        while _WORK[job.kind](job):
            if context.should_abort():
                # the worker stops: the rest is for the next one
                run_job.defer(job_id=job_id)
                return
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _log.exception("job_failed", job=job_id, kind=job.kind)
        fail_job(job.id, _FAULT)
        return
    complete_job(job.id)


@app.task(name="matricula.deliver_mail", lock="deliver_mail", pass_context=True)
def deliver_mail(context: JobContext) -> None:
    """Sends the mail that is due; one run at a time, so that mails to one person keep their order."""
    while True:
        delivered = deliver_due_mail(_MAIL_SLICE)
        if delivered.sent + delivered.failed < _MAIL_SLICE:
            return
        if context.should_abort():
            deliver_mail.defer()
            return


@app.periodic(cron="*/1 * * * *")
@app.task(name="matricula.deliver_postponed_mail", queueing_lock="deliver_postponed_mail")
def deliver_postponed_mail(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Sends mail whose pause after a failure is over, and mail that an ended run left."""
    deliver_mail.defer()


@app.periodic(cron="*/1 * * * * */10")
@app.task(name="matricula.take_over_stalled", queueing_lock="take_over_stalled", pass_context=True)
async def take_over_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queues the jobs of killed workers again."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        _log.warning("job_taken_over", task=job.task_name, job=job.id)
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="matricula.forget_finished", queueing_lock="forget_finished", pass_context=True)
async def forget_finished(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Deletes the queue's own records of tasks that ended a week ago, and expired tokens and sessions."""
    await context.app.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=True)
    await asyncio.to_thread(_forget_expired)


def _forget_expired() -> None:
    clear_expired()
    call_command("clearsessions")


def run_worker(concurrency: int) -> None:
    """Runs until SIGINT or SIGTERM; jobs in hand are left at the end of their chunk and go on in the next worker."""

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
            async with worker_app.open_async():
                await worker_app.run_worker_async(
                    concurrency=concurrency,
                    name="matricula",
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    shutdown_graceful_timeout=0.1,
                    delete_jobs="successful",
                )

    asyncio.run(run())
