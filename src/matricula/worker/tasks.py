"""What the worker does; each task is safe to run again, for a killed worker's tasks are."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_noop
from oauth2_provider.models import clear_expired
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from structlog.contextvars import bound_contextvars

from matricula.batches.kinds import DONE_BY_WORKERS, OF_FILES
from matricula.batches.planning import continue_upload
from matricula.batches.plans.uploads import list_undecided, upload_of
from matricula.batches.rights import permit_of_job
from matricula.batches.runs import run
from matricula.catalog.reads import find_program, list_program_keys
from matricula.enrollments.course.counts import compact_roster_counts
from matricula.enrollments.program.counts import fold_student_counts
from matricula.enrollments.program.exports import download_course_enrollments, download_program_enrollments
from matricula.enrollments.program.retention import delete_waiting_students
from matricula.feed.webhooks.writes import delete_old_deliveries
from matricula.foundation.files import StorageFailed, delete_leftovers
from matricula.foundation.tracing import span
from matricula.foundation.transactions import RightLost, acting, one_transaction
from matricula.grades.downloads import download_grades
from matricula.guessing.writes import delete_expired_attempts
from matricula.history.seals.writes import seal_journal
from matricula.history.snapshots.writes import FOLDER as SNAPSHOTS
from matricula.idempotency.writes import delete_expired_answers
from matricula.identity.sign_ups import delete_expired_sign_ups
from matricula.jobs import statuses
from matricula.jobs.downloads import Download, run_download
from matricula.jobs.heartbeat import fail_abandoned_jobs
from matricula.jobs.quota import StorageFull
from matricula.jobs.reads import JobStatus, find_job, is_writing
from matricula.jobs.retention import delete_expired_files, delete_expired_jobs
from matricula.jobs.turns import take_turn
from matricula.jobs.writes import RUN_JOB, fail_job, queue_job, queue_lost_jobs
from matricula.journal.parts import analyze_journal, make_parts
from matricula.journal.records import JournalElsewhere, PositionAhead
from matricula.listings.exports import download_list
from matricula.notices.delivery import deliver_due_mail
from matricula.notices.writes import DELIVER_MAIL, DELIVERY_LOCK, queue_delivery
from matricula.reports.writes import write_program_reports
from matricula.tabular.workbooks import TooManyRows
from matricula.tallies.counts import MAILS, add_counts
from matricula.worker.reads import WRITE_REPORTS

_log = structlog.get_logger("matricula.worker")
# a worker whose heart stopped beating this long ago is dead, and its jobs are taken over
STALLED_SECONDS = 15
# translated when it is read
_INTERNAL_ERROR = gettext_noop(
    "This task failed because of an internal error. Changes made before the failure were "
    "kept. Give your administrator the task ID."
)
_NO_STORAGE = gettext_noop(
    "The file storage didn't accept the result. Rows written before that were kept. Ask "
    "your administrator to check the storage, then start the job again."
)
_RIGHT_LOST = gettext_noop(
    "The person who started this no longer has the required permission. Changes made "
    "before that were kept. Someone with the permission can start the rest again."
)
_TOO_MANY_ROWS = gettext_noop(
    "An Excel workbook has room for 1,048,575 rows, and this list has more. Download it as CSV, or filter the list."
)
# mails between two looks at whether the worker shall stop
_MAIL_SLICE = 200
# changes in a minute: more than batches that run all day make, and little enough to slow none
_SEALED_BESIDE_BATCHES = 150_000
_DOWNLOADS: Mapping[str, Download] = {
    statuses.LIST_PROGRAM_ENROLLMENTS: download_program_enrollments,
    statuses.LIST_COURSE_RUN_ENROLLMENTS: download_course_enrollments,
    statuses.LIST_ALL_COURSE_RUN_ENROLLMENTS: download_course_enrollments,
    statuses.GET_COURSE_RUN_GRADES: download_grades,
    statuses.EXPORT_LIST: download_list,
}
_CONNECTION_LOST = RetryStrategy(
    max_attempts=20, wait=1, linear_wait=2, retry_exceptions={OperationalError, InterfaceError}
)
# the storage may answer again within the hour
_REPORT_FAILED = RetryStrategy(
    max_attempts=6, wait=60, linear_wait=240, retry_exceptions={OperationalError, InterfaceError, StorageFailed}
)


@app.task(name=RUN_JOB, retry=_CONNECTION_LOST, pass_context=True)
def run_job(context: JobContext, *, job_id: str) -> None:
    """Does the job whose turn it is, chunk by chunk; each chunk, its results and its progress are one transaction."""
    taken = take_turn(cast(int, context.job.id), uuid.UUID(job_id))
    job = find_job(taken)
    if job is None or job.state not in statuses.UNFINISHED:
        return
    try:
        if not carry_out(job, context.should_abort):
            # the worker stops: the rest is for the next one
            queue_job(job.id)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _fail(job, error)


def _fail(job: JobStatus, error: Exception) -> None:
    if isinstance(error, RightLost):
        _log.info("job_right_lost", job=str(job.id), kind=job.kind)
        fail_job(job.id, _RIGHT_LOST)
        return
    if isinstance(error, StorageFull):
        _log.warning("quota_used_up", job=str(job.id), kind=job.kind)
        fail_job(job.id, error.text)
        return
    if isinstance(error, TooManyRows):
        fail_job(job.id, _TOO_MANY_ROWS)
        return
    _log.exception("job_failed", job=str(job.id), kind=job.kind)
    fail_job(job.id, _NO_STORAGE if isinstance(error, StorageFailed) else _INTERNAL_ERROR)


def carry_out(job: JobStatus, stop: Callable[[], bool] = lambda: False) -> bool:
    """Does what is left of a job; False if ``stop`` came true before its end.

    Errors: ``RightLost``, as soon as the one who started it may no longer do this.
    """
    permit = permit_of_job(job)
    # lines that are logged for a job have its id, which is that of its operation too
    with (
        bound_contextvars(request=str(job.id)),
        span("job", matricula_job=str(job.id), matricula_kind=job.kind),
        acting(permit.hold if permit else None),
    ):
        is_done = _carry_out(job, stop)
    if is_done and upload_of(job):
        continue_upload(job.id)
    return is_done


def _carry_out(job: JobStatus, stop: Callable[[], bool]) -> bool:
    if download := _DOWNLOADS.get(job.kind):
        return run_download(job, download, stop)
    return run(job, stop)


@app.periodic(cron="*/1 * * * *")
@app.task(name="matricula.queue_lost", queueing_lock="queue_lost")
def queue_lost(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queue jobs that the queue no longer knows: left by a killed process, or rejected too often by the database.

    Fail those that no one can go on with: their rows were only in the file that a killed command had read.
    """
    ours = [*DONE_BY_WORKERS, *_DOWNLOADS]
    # also what a killed worker, an expired plan or a canceled upload left
    for plan_id in list_undecided():
        continue_upload(plan_id)
    for job_id in queue_lost_jobs(ours):
        _log.warning("job_queued_again", job=str(job_id))
    for job_id in fail_abandoned_jobs(ours):
        _log.warning("job_abandoned", job=str(job_id))


@app.task(name=DELIVER_MAIL, lock=DELIVERY_LOCK, queueing_lock=DELIVERY_LOCK, pass_context=True)
def deliver_mail(context: JobContext) -> None:
    """Sends the mail that is due; one run at a time, so that mails to one person keep their order."""
    while True:
        with span("mails"):
            delivered = deliver_due_mail(_MAIL_SLICE)
        add_counts(MAILS, {("mail", result): count for result, count in delivered.by_result().items()})
        if delivered.sent + delivered.failed < _MAIL_SLICE:
            return
        if context.should_abort():
            queue_delivery()
            return


@app.periodic(cron="*/1 * * * *")
@app.task(name="matricula.deliver_postponed_mail", queueing_lock="deliver_postponed_mail")
def deliver_postponed_mail(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Sends mail whose pause after a failure is over, and mail that an ended run left."""
    queue_delivery()


@app.periodic(cron="*/1 * * * * */10")
@app.task(name="matricula.take_over_stalled", queueing_lock="take_over_stalled", pass_context=True)
async def take_over_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queues the jobs of killed workers again."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        _log.warning("job_taken_over", task=job.task_name, job=job.id)
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="*/1 * * * * */10")
@app.task(name="matricula.settle_rosters", lock="settle_rosters", queueing_lock="settle_rosters")
def settle_rosters(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Keeps reading rosters and programs fast: their counts are exact at any time."""
    compact_roster_counts()
    fold_student_counts()


@app.periodic(cron="*/1 * * * *")
@app.task(name="matricula.seal_journal", lock="seal_journal", queueing_lock="seal_journal", pass_context=True)
def seal(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Seals what was committed since the last seal; what is left when the worker stops, the next run seals.

    Beside a batch that is being written it takes a few percent of a processor, and catches up afterwards.
    """
    try:
        seal_journal(context.should_abort, most=_SEALED_BESIDE_BATCHES if is_writing() else None)
    except (JournalElsewhere, PositionAhead) as error:
        # the feed reports the same to those who follow it
        _log.warning("sealing_paused", error=type(error).__name__)


@app.periodic(cron="17 3 * * *")
@app.task(name="matricula.forget_finished", queueing_lock="forget_finished", pass_context=True)
async def delete_finished(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Deletes the queue's own records of tasks that ended a week ago, and whatever else has expired."""
    await context.app.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=True)
    await asyncio.to_thread(_delete_expired)


@app.periodic(cron="29 1 * * *")
@app.task(name="matricula.tend_journal", retry=_CONNECTION_LOST, queueing_lock="tend_journal")
def tend_journal(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Makes the journal's parts of the next quarters, long before they are needed."""
    if made := make_parts():
        _log.info("journal_parts_made", parts=made)
    analyze_journal()


@app.periodic(cron="41 2 * * *")
@app.task(name="matricula.write_all_reports", queueing_lock="write_all_reports")
def write_all_reports(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queues the nightly reports, each program's for itself: one that fails keeps no other from being written."""
    for key in list_program_keys():
        with contextlib.suppress(AlreadyEnqueued), one_transaction():
            write_reports.configure(queueing_lock=f"reports {key}").defer(program_key=key)


@app.task(name=WRITE_REPORTS, retry=_REPORT_FAILED)
def write_reports(*, program_key: str) -> None:
    """Writes both reports about a program, dated today (UTC)."""
    program = find_program(program_key)
    if program is not None:
        write_program_reports(program, datetime.now(UTC).date())


@app.periodic(cron="23 * * * *")
@app.task(name="matricula.forget_attempts", queueing_lock="forget_attempts")
def delete_faded_attempts(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Deletes what the limiter of guessing no longer needs, and answers that are no longer replayed.

    An attack, or a busy client, can leave many rows in a day.
    """
    delete_expired_attempts()
    delete_expired_answers()


def _delete_expired() -> None:
    """Tokens and sessions; then what the settings MATRICULA_KEEP_..._DAYS no longer keep."""
    clear_expired()
    call_command("clearsessions")
    keep = settings.ENVIRONMENT
    _log.info(
        "deleted_expired",
        waiting_students=delete_waiting_students(keep.keep_waiting_days),
        sign_ups=delete_expired_sign_ups(keep.keep_sign_ups_days),
        webhook_deliveries=delete_old_deliveries(keep.keep_jobs_days),
    )
    # last: a storage that fails keeps nothing else from expiring, and its files are deleted the next night
    try:
        _log.info(
            "deleted_expired",
            files=delete_expired_files(keep.keep_files_days, OF_FILES),
            jobs=delete_expired_jobs(keep.keep_jobs_days),
            unfinished_snapshots=delete_leftovers(SNAPSHOTS),
        )
    except StorageFailed as failed:
        _log.error("storage_failed", error=str(failed))
