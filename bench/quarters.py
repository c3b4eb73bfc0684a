"""A journal of many quarters, and what its parts and indexes cost those who write.

    python bench/quarters.py make 2024                parts from the first quarter of 2024 on, in the database of the
                                                      environment, whose journal is empty or younger
    python bench/quarters.py cost [rows] [rounds]     entries into a table as it was before, and into the journal

The second in a database of its own. It counts the processor's time of the connection that writes, which other work on
the machine disturbs least, and takes the best round of each; a slice of 1,000 entries is one statement, as in a batch.
"""

import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database

_DETACH = "alter table matricula_journalentry detach partition matricula_journalentry_first"
_QUARTERS = """
select 'matricula_journalentry_' || to_char(low, 'YYYY"q"Q'),
    format('for values from (%%L) to (%%L)', low, low + interval '3 months')
from generate_series(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'), now(), interval '3 months') low
where not exists (select from matricula_journal_parts() where lower <= low and low < upper)
"""
# as it was before it had parts
_BEFORE = """
create table before (like matricula_journalentry including defaults including constraints including identity);
alter table before add primary key (id);
create index on before (course_id, id) where course_id is not null and program_id is null;
create index on before (course_id, id) where course_id is not null and program_id is not null;
create index on before (account_id, id) where account_id is not null;
create index on before (lower(email)) where email is not null;
create index on before (operation);
create index on before (program_id, id) where program_id is not null;
create index on before ((after ->> 'job_id')) where subject = 'job';
create index on before (id)
    where subject in ('course_role', 'role', 'feature', 'membership', 'group', 'client', 'account');
"""
_WRITE = """
insert into {} (at, operation, subject, account_id, course_id, transition, before, after, reason)
select clock_timestamp(), %s, 'course_enrollment', account, %s, 'from unenrolled to enrolled', '{{}}',
    '{{"v": 2, "enrollment": {{"mode": "audit", "is_active": true}}}}', null
from generate_series(%s::bigint, %s) account
"""
_SLICE = 1_000


def make_quarters(connection: psycopg.Connection, year: int) -> None:
    """Make a part for each quarter from ``year`` on; the first part ends where they begin. As the owner."""
    connection.execute("set timezone = 'UTC'")
    connection.execute(_DETACH)
    for name, bound in connection.execute(_QUARTERS, [year]).fetchall():
        connection.execute("select matricula_make_journal_part(%s, %s)", [name, bound])
    connection.execute(
        "alter table matricula_journalentry attach partition matricula_journalentry_first"
        f" for values from (minvalue) to ('{year:d}-01-01 00:00+00')"
    )


def measure(connection: psycopg.Connection, rows: int, rounds: int) -> None:
    """Write alternately into both tables, and print the best round of each."""
    seconds: dict[str, list[float]] = {"before": [], "matricula_journalentry": []}
    connection.execute(_BEFORE)
    for number in range(rounds):
        for name, spent in seconds.items():
            begun = _seconds(connection)
            with connection.transaction():
                operation = uuid.uuid4()
                for start in range(0, rows, _SLICE):
                    connection.execute(_WRITE.format(name), [operation, number, start, start + _SLICE - 1])
            spent.append(_seconds(connection) - begun)
    print("| | µs an entry |\n|---|---|")
    for name, spent in seconds.items():
        print(f"| {name} | {min(spent) / rows * 1e6:.2f} |")


def _seconds(connection: psycopg.Connection) -> float:
    """The processor's time of the process behind a connection, so far (Linux)."""
    return int(Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9


def main() -> None:
    """Run what the first word says."""
    what, *numbers = sys.argv[1:]
    if what == "make":
        import django

        django.setup()
        with as_owner(), _connected() as connection, connection.transaction():
            make_quarters(connection, int(numbers[0]))
        return
    rows, rounds = (int(number) for number in [*numbers, *["20000", "15"][len(numbers) :]])
    with tempfile.TemporaryDirectory(prefix="matricula-quarters-") as folder, database(Path(folder) / "data"):
        migrate_tables()
        with as_owner(), _connected() as connection:
            measure(connection, rows, rounds)


@contextmanager
def _connected() -> Iterator[psycopg.Connection]:
    from django.db import connection

    connection.ensure_connection()
    yield connection.connection


if __name__ == "__main__":
    main()
