"""A journal of many quarters: parts for quarters of the past, in a database whose journal is empty or younger.

python bench/quarters.py 2024      parts from the first quarter of 2024 on, beside those that there are
"""

import sys

import psycopg

from matricula.cli.ownership import as_owner

_BEGIN = """
set timezone = 'UTC';
alter table matricula_journalentry detach partition matricula_journalentry_first;
"""
_QUARTERS = """
select 'matricula_journalentry_' || to_char(low, 'YYYY"q"Q'),
    format('for values from (%%L) to (%%L)', low, low + interval '3 months')
from generate_series(make_timestamptz(%s, 1, 1, 0, 0, 0, 'UTC'), now(), interval '3 months') low
where not exists (select from matricula_journal_parts() where lower <= low and low < upper)
"""


def make_quarters(connection: psycopg.Connection, year: int) -> None:
    """Make a part for each quarter from ``year`` on; the first part ends where they begin. As the owner."""
    connection.execute(_BEGIN)
    for name, bound in connection.execute(_QUARTERS, [year]).fetchall():
        connection.execute("select matricula_make_journal_part(%s, %s)", [name, bound])
    connection.execute(
        "alter table matricula_journalentry attach partition matricula_journalentry_first"
        f" for values from (minvalue) to ('{year:d}-01-01 00:00+00')"
    )


def main() -> None:
    """Make them in the database of the environment."""
    import django

    django.setup()
    from django.db import connection

    with as_owner():
        connection.ensure_connection()
        with connection.connection.transaction():
            make_quarters(connection.connection, int(sys.argv[1]))


if __name__ == "__main__":
    main()
