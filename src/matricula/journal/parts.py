"""The parts of the journal, one a quarter (docs/decisions/0034-journal-by-quarter.md)."""

from django.db import connection

# What no part of a quarter takes is looked for by its times: the application's role has no rights in a part. Its size
# would also be that of rows that were rolled back.
_PROBLEMS = """
with parts as (select lower, upper from matricula_journal_parts() where lower is not null),
    gaps as (
        select upper as begins, coalesce(lead(lower) over (order by lower), 'infinity') as ends from parts
        union all select '-infinity', coalesce(min(lower), 'infinity') from parts)
select
    (select count(*) from unnest(array[now(), now() + interval '1 month']) t
        where exists (select from parts where lower <= t and t < upper)) < 2,
    exists (select from gaps, lateral (
        select from matricula_journalentry where at >= begins and at < ends limit 1) e where begins < ends)
"""


def make_parts() -> int:
    """Makes the parts of this quarter and the next two, as the owner of the tables; how many were missing.

    It changes nothing about entries that there are. Errors: ``OperationalError``, where a reader keeps it waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute("select matricula_make_journal_parts()")
        return int(cursor.fetchone()[0])


def analyze_journal() -> None:
    """Renews the planner's figures about all parts together: the database does so by itself for each part alone."""
    with connection.cursor() as cursor:
        cursor.execute("select matricula_analyze_journal()")


def find_part_problems() -> tuple[bool, bool]:
    """Whether a part is missing that is needed within a month; whether entries are in the part for all other times."""
    with connection.cursor() as cursor:
        cursor.execute(_PROBLEMS)
        is_missing, has_strays = cursor.fetchone()
        return is_missing, bool(has_strays)
