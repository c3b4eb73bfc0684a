"""Running migrations within limits, so that one that can't get its lock gives up before traffic queues behind it.

A migration that has to take longer says so as a class: ``statement_seconds`` and ``lock_seconds``, where 0 is no limit.
"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import OperationalError, connection
from django.db.migrations import Migration
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from matricula.cli.service import fail
from matricula.foundation.postgresql.limits import limits_statement

_AGAIN = "then run `matricula migrate` again."
_SEE = 'See "Upgrade" in docs/operations.md.'


class _LimitedCommand(Command):
    """Django's command; each migration begins by setting its limits, which don't outlive it."""

    running: Migration | None = None

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            self.running = migration
            _set_limits(lock=lock_seconds(migration), statement=statement_seconds(migration))
        elif action == "apply_success":
            self.running = None
            _lift_limits()
        super().migration_progress_callback(action, migration, fake)


def run_migrations(verbosity: int) -> None:
    """Run the migrations that are missing. One that exceeds its limits ends the command with what to do."""
    command = _LimitedCommand()
    try:
        call_command(command, interactive=False, verbosity=verbosity)
    except OperationalError as error:
        _lift_limits()
        if command.running is None or (why := _why(command.running, error.__cause__)) is None:
            raise
        raise fail(why, 1) from None


def lock_seconds(migration: Migration) -> int:
    """Return how long each statement of a migration may wait for a lock; 0: as long as it takes."""
    return int(getattr(migration, "lock_seconds", settings.ENVIRONMENT.migration_lock_seconds))


def statement_seconds(migration: Migration) -> int:
    """Return how long each statement of a migration may take; 0: as long as it takes."""
    return int(getattr(migration, "statement_seconds", settings.ENVIRONMENT.migration_statement_seconds))


def _set_limits(*, lock: int, statement: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)",
            [f"{lock}s", f"{statement}s"],
        )


def _lift_limits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("reset statement_timeout")
        cursor.execute(limits_statement())


def _why(migration: Migration, cause: BaseException | None) -> str | None:
    if isinstance(cause, LockNotAvailable):
        happened = (
            f"waited {lock_seconds(migration)} seconds for a lock that another transaction holds, and gave up, so that "
            "requests don't queue behind it."
        )
        remedy = f"End long transactions (or wait for them), or raise MATRICULA_MIGRATION_LOCK_SECONDS, {_AGAIN}"
    elif isinstance(cause, DeadlockDetected):
        happened, remedy = "and another transaction waited for each other.", f"Stop the service, {_AGAIN}"
    elif isinstance(cause, QueryCanceled):
        happened = f"was stopped: a statement of it ran for {statement_seconds(migration)} seconds, or was canceled."
        remedy = f"Choose a quiet hour, raise MATRICULA_MIGRATION_STATEMENT_SECONDS (0: no limit), {_AGAIN}"
    else:
        return None
    state = "Nothing of it was kept." if migration.atomic else "What it did is completed when it runs again."
    return f"migration {migration.name} {happened} {state} {remedy} {_SEE}"
