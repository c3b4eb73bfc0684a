"""``matricula check``."""

import warnings
from collections.abc import Iterator
from datetime import timedelta

import typer

# a job that waits so long, beside workers, has too few of them
WAITING_MINUTES = 10
STALLED_MINUTES = 30
# a change is in the feed within a second, but for older transactions
HELD_MINUTES = 10
FAILED_TIMES = 3
# a receiver that is started again is no reason to worry
FAILING_MINUTES = 10
# changes are sealed each minute, but behind a large batch
UNSEALED_MINUTES = 30
RETIREMENT_DAYS = 2


def check_migrations() -> int:
    """0 if every change of the tables has its migration."""
    import django
    from django.core.management import call_command

    django.setup()
    # it would like to ask the database, and needs none
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    try:
        call_command("makemigrations", check_changes=True, dry_run=True)
    except SystemExit:
        return 1
    return 0


def check_service(*, deep: bool = False) -> int:
    """Says what needs attention; 0 if nothing does. ``deep``: computes all that is derived once more."""
    lines = list(_problems(deep))
    for line in lines:
        typer.echo(line)
    typer.echo(f"{_counted(len(lines), 'thing needs', 'things need')} attention." if lines else "No problems found.")
    return 1 if lines else 0


def _problems(deep: bool) -> Iterator[str]:
    from django.core.checks import ERROR, run_checks
    from django.utils import timezone

    from matricula.cli.ownership import DECLARED, MOVED, count_missing_migrations
    from matricula.foundation.postgresql.roles import list_role_problems, may_read
    from matricula.journal.records import held_back_since
    from matricula.journal.servers import is_elsewhere

    yield from (str(problem) for problem in run_checks(databases=["default"]) if problem.level >= ERROR)
    yield from list_role_problems(DECLARED)
    if not may_read("django_migrations"):
        return
    if missing := count_missing_migrations():
        yield f"{_counted(missing, 'migration is', 'migrations are')} missing: run `matricula migrate`."
        return
    if is_elsewhere():
        yield MOVED
    elif (since := held_back_since()) and timezone.now() - since > timedelta(minutes=HELD_MINUTES):
        yield (
            f"The feed of changes has been waiting for a transaction for more than {HELD_MINUTES} minutes. For how to "
            'find it, see "What to watch" in docs/operations.md.'
        )
    yield from _replica()
    yield from _work()
    yield from _retirements()
    yield from _mails()
    yield from _connections()
    yield from _webhooks()
    yield from _seals()
    yield from _parts()
    if deep:
        yield from deep_problems()


def _work() -> Iterator[str]:
    from django.utils import timezone

    from matricula.jobs.reads import count_failed, count_stalled, find_oldest_waiting
    from matricula.worker.reads import count_waiting, count_workers

    missing = not count_workers()
    if missing and (waiting := count_waiting()):
        tasks = _counted(waiting, "task is", "tasks are")
        yield f"No worker is running, and {tasks} waiting. Start `matricula worker` (`matricula up` includes one)."
    oldest = find_oldest_waiting()
    if oldest is not None and (missing or timezone.now() - oldest > timedelta(minutes=WAITING_MINUTES)):
        minutes = _counted((timezone.now() - oldest).total_seconds() // 60, "minute", "minutes")
        yield f"The oldest waiting job was started {minutes} ago ({oldest:%Y-%m-%d %H:%M} UTC)."
    if stalled := count_stalled(STALLED_MINUTES):
        jobs = _counted(stalled, "running job has", "running jobs have")
        yield f"{jobs} made no progress for {STALLED_MINUTES} minutes. See `matricula jobs list --unfinished`."
    if failed := count_failed():
        yield f"{_counted(failed, 'job has', 'jobs have')} failed. For the reason, see `matricula jobs list`."
    if due := _count_due():
        yield (
            f"{_counted(due, 'expired job, file or student is', 'expired jobs, files and students are')} more than"
            " two days overdue for deletion. A worker deletes them at night."
        )


def _replica() -> Iterator[str]:
    import time

    from django.conf import settings

    from matricula.foundation.postgresql import replicas

    if not replicas.has_replica():
        return
    limit, began = settings.ENVIRONMENT.replica_lag_seconds, time.monotonic()
    found = replicas.measure()
    # it is on its way: how long until it has what is there now?
    while found.problem is None and found.lag is None and time.monotonic() - began < limit + 1:
        time.sleep(0.2)
        found = replicas.measure()
    if found.problem is not None:
        yield (
            f"The replica of DATABASE_REPLICA_URL isn't used, and everything is read from the primary: {found.problem}."
        )
    elif found.lag is None or found.lag > limit:
        yield (
            f"The replica of DATABASE_REPLICA_URL is more than {_counted(limit, 'second', 'seconds')} behind, and isn't"
            " used until it has caught up."
        )


def _retirements() -> Iterator[str]:
    from django.utils import timezone

    from matricula.retirement.reads import count_overdue

    if overdue := count_overdue(timezone.now() - timedelta(days=RETIREMENT_DAYS)):
        yield (
            f"{_counted(overdue, 'requested retirement has', 'requested retirements have')} been waiting for more than "
            f"{RETIREMENT_DAYS} days. Run `matricula retire --pending` as the owner of the database; see "
            "docs/retirement.md."
        )


def _mails() -> Iterator[str]:
    from matricula.notices.reads import count_failing, count_given_up

    if failing := count_failing(FAILED_TIMES):
        mails = _counted(failing, "mail has", "mails have")
        yield f"{mails} failed {FAILED_TIMES} times or more and will be retried. See the last error in the admin."
    if given_up := count_given_up():
        yield f"{_counted(given_up, 'mail', 'mails')} couldn't be sent. See the last error in the admin."


def _connections() -> Iterator[str]:
    from matricula.connections.reads import list_connections
    from matricula.connectors.open_edx.reads import list_connection_statuses

    statuses = list_connection_statuses()
    for connection in list_connections():
        status = statuses[connection.id]
        if status.condition.problem:
            waiting = _counted(status.waiting, "row waits", "rows wait")
            yield f"The LMS {connection.name} has a problem: {status.condition.problem}. {waiting}."
        if status.rejected:
            rows = _counted(status.rejected, "row", "rows")
            yield f"The LMS {connection.name} rejected {rows}. See `matricula lms status {connection.name}`."


def _webhooks() -> Iterator[str]:
    from matricula.feed.webhooks.reads import count_webhooks

    found = count_webhooks(failing_for=timedelta(minutes=FAILING_MINUTES))
    if found.failing:
        webhooks = _counted(found.failing, "webhook has", "webhooks have")
        yield f"{webhooks} been failing for more than {FAILING_MINUTES} minutes. For the reason, see /webhooks/."
    if found.given_up:
        webhooks = _counted(found.given_up, "webhook was", "webhooks were")
        yield (
            f"{webhooks} switched off after three days of failed deliveries. Fix the receiver, then switch it on in"
            " /webhooks/, or delete the webhook."
        )


def _seals() -> Iterator[str]:
    from django.utils import timezone

    from matricula.history.seals.reads import find_lateness
    from matricula.journal.records import JournalElsewhere, PositionAhead

    try:
        found = find_lateness()
    except JournalElsewhere:
        # reported already
        return
    except PositionAhead:
        yield (
            "Sealing is paused: the last seal covers changes that the audit log no longer has. The database was"
            " restored from an older backup. See docs/seals.md."
        )
        return
    if found.is_late(timezone.now(), timedelta(minutes=UNSEALED_MINUTES)):
        yield (
            f"The audit log has changes of {found.unsealed:%Y-%m-%d %H:%M} UTC that are not sealed yet. A worker seals"
            " them each minute: see its log for `sealing_paused`, and start `matricula worker` if none is running."
        )


def _parts() -> Iterator[str]:
    from matricula.journal.parts import find_part_problems

    is_missing, has_strays = find_part_problems()
    if is_missing:
        yield "The journal has no part for the next month. A worker makes it at night, `matricula migrate` at once."
    if has_strays:
        yield (
            "The journal has entries in `matricula_journalentry_default`: no part was made in time, or a clock was"
            ' wrong. They are read like all others. See "Quarters of the journal" in docs/operations.md.'
        )


def _counted(count: float, one: str, many: str) -> str:
    return f"{count:.0f} {one if count == 1 else many}"


def deep_problems() -> Iterator[str]:
    """Computes all that is derived once more; a line about each difference."""
    yield from _differences()
    yield from seal_problems()


def _differences() -> Iterator[str]:
    from matricula.history.integrity import list_differences

    for what, count, examples in list_differences():
        yield f"{count} {what}: {'; '.join(examples)}{'; …' if count > len(examples) else ''}."


def seal_problems() -> Iterator[str]:
    """Recomputes all seals; a line about the first that no longer fits. What can't be recomputed is only said."""
    from matricula.history.seals.verification import verify_seals
    from matricula.journal.records import JournalElsewhere

    try:
        found = verify_seals()
    except JournalElsewhere:
        yield "The seals can't be verified: the database was moved. Run `matricula migrate`."
        return
    if found.detached:
        first, last = found.detached[0], found.detached[-1]
        seals = _counted(len(found.detached), "seal covers", "seals cover")
        typer.echo(
            f"{seals} audit log entries in a detached part, and can't be verified here: seal {first.id}"
            f" ({first.at:%Y-%m-%d}) to seal {last.id} ({last.at:%Y-%m-%d}). Attach the part to verify them."
        )
    if (wrong := found.first_wrong) is not None:
        made = f"{wrong.at:%Y-%m-%d %H:%M} UTC, changes {wrong.first_change_id} to {wrong.last_change_id}"
        lines = [f"The audit log was altered: seal {wrong.id} ({made}) doesn't match it."]
        if found.found != wrong.changes:
            lines.append(f"It covers {wrong.changes} changes; now there are {found.found}.")
        if found.wrong > 1:
            lines.append(f"{_counted(found.wrong - 1, 'later seal doesn', 'later seals don')}'t match either.")
        lines.append("Everything before that seal is as it was sealed. See docs/seals.md.")
        yield " ".join(lines)


def _count_due() -> int:
    from django.conf import settings

    from matricula.batches.kinds import OF_FILES
    from matricula.enrollments.program.retention import count_due_waiting_students
    from matricula.jobs.retention import count_due

    keep = settings.ENVIRONMENT
    return count_due(keep.keep_files_days, keep.keep_jobs_days, OF_FILES) + count_due_waiting_students(
        keep.keep_waiting_days
    )
