"""The commands that change tables, as the role that owns them; all else runs as a role that can't."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from matricula.cli.service import fail, owner_url

_ADD = ("select", "insert")
_READ = ("select",)
DECLARED = {
    "matricula_journalentry": _ADD,
    # its parts, one a quarter, also those that were detached: they are read and added to through it alone
    "matricula_journalentry_*": (),
    # what an operation was is never changed; only that it has ended
    "matricula_operation": (*_ADD, "update (ended)"),
    # a snapshot can't be changed
    "matricula_snapshot": _ADD,
    # who got a file; how that ended is added
    "matricula_disclosure": (*_ADD, "update (ended, rows, people, complete)"),
    "matricula_seal": _ADD,
    # entries that were changed as the owner of the tables, who alone can
    "matricula_journalredaction": _READ,
    "matricula_change": _READ,
    "django_migrations": _READ,
}
"""What the application's role may do in the tables that aren't ordinary. `matricula migrate` grants it, also in tables
that later migrations make; a test compares it with the triggers that keep tables append-only."""

MOVED = (
    "The database was moved from another PostgreSQL server, and the feed of changes is paused. Run `matricula migrate`."
)


@contextmanager
def as_owner() -> Iterator[None]:
    """Within, the database connection is that of the owner, if there is a role of its own for that."""
    from matricula.foundation.postgresql.roles import connected_as
    from matricula.settings import database_of

    url = owner_url()
    if url is None:
        yield
        return
    with connected_as(database_of(url)):
        yield


def migrate_tables(verbosity: int = 0) -> None:
    """Run the migrations that are missing, make the journal's parts, let the feed go on in this server, and grant the
    application's role its rights.
    """
    from django.db import OperationalError

    from matricula.cli.migrating import run_migrations
    from matricula.foundation.postgresql import roles
    from matricula.journal.parts import analyze_journal, make_parts
    from matricula.journal.servers import adopt_journal

    application = roles.current_role()
    with as_owner():
        if not roles.may_create_tables():
            _refuse_missing()
            return
        if others := roles.list_other_owners():
            raise fail(_of_others(others, roles.current_role()), 1)
        run_migrations(verbosity)
        # where someone reads for long, the worker does it at night: that is half a year early
        with suppress(OperationalError):
            if make_parts():
                analyze_journal()
        adopt_journal()
        roles.grant_rights(application, DECLARED)


def count_missing_migrations() -> int:
    """Return how many migrations have to be run."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refuse_missing() -> None:
    from matricula.foundation.postgresql.roles import current_role
    from matricula.journal.servers import is_elsewhere

    if missing := count_missing_migrations():
        raise fail(
            f"{missing} migrations are missing, and the database role {current_role()} may not create tables. "
            "Run `matricula migrate` with MATRICULA_OWNER_DATABASE_URL.",
            1,
        )
    if is_elsewhere():
        raise fail(f"{MOVED} It needs MATRICULA_OWNER_DATABASE_URL.", 1)


def _of_others(others: list[tuple[str, int]], role: str) -> str:
    listed = ", ".join(f"{count} tables belong to {owner}" for owner, count in others)
    return (
        f"the database role {role} can't change the tables: {listed}. As a superuser, run in this database: "
        + "".join(f'reassign owned by "{owner}" to "{role}"; ' for owner, _ in others)
        + "then run this command again."
    )
