"""Sealing, verifying, and what recording a disclosure costs an export: seconds for each 100,000 changes or rows.

    python bench/seals.py --data FOLDER [--changes 100000]

The folder's database gets so many course enrollments in a journal of its own, written as an import writes them.
"""

import argparse
import statistics
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database

_COURSE = "course-v1:N+1+1"
_PEOPLE = """
insert into matricula_account (username, email, password, first_name, last_name, is_active, is_staff, is_superuser,
    language, date_joined)
select 'n' || n, 'n' || n || '@example.org', '!', 'First' || n, 'Last' || n, true, false, false, '', now()
from generate_series(1, %s) n
"""
_SEATS = """
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select 1, id, username_key, 'audit', true, now()
from matricula_account where username like 'n%%'
"""
_CHANGES = """
with o as (
    insert into matricula_operation (id, kind, source, reason)
    values (gen_random_uuid(), 'import', 'command', 'start of term') returning id
)
insert into matricula_journalentry (at, operation, subject, account_id, course_id, transition, before, after)
select clock_timestamp(), o.id, 'course_enrollment', n, 1, 'from unenrolled to enrolled', '{}',
    '{"v": 1, "mode": "audit", "is_active": true, "invited": false}'
from o, generate_series(1, %s) n
"""


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--changes", type=int, default=100_000)
    chosen = parser.parse_args()
    with database(chosen.data):
        migrate_tables()
        _fill(chosen.changes)
        _measure()


def _fill(count: int) -> None:
    from django.db import connection

    from matricula.models import Course, Organization

    if not Course.objects.exists():
        north = Organization.objects.create(key="north", name="North")
        Course.objects.create(key=_COURSE, organization=north, title="One", modes=["audit"])
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from matricula_account")
        if not cursor.fetchone()[0]:
            cursor.execute(_PEOPLE, [count])
            cursor.execute(_SEATS)
        cursor.execute(_CHANGES, [count])
        cursor.execute("analyze matricula_account")


def _measure() -> None:
    from matricula.catalog.reads import course_ids
    from matricula.disclosures.statuses import DisclosureKind
    from matricula.disclosures.writes import Contents, Recipient, disclosed
    from matricula.enrollments.course.exports import export_enrollments
    from matricula.history.seals.verification import verify_seals
    from matricula.history.seals.writes import seal_journal
    from matricula.journal.statuses import COMMAND

    sealed, seconds = _timed(seal_journal)
    print(f"sealing    {sealed:9} changes  {seconds:6.2f} s  {1e6 * seconds / max(sealed, 1):6.1f} µs each")
    found, seconds = _timed(verify_seals)
    print(f"verifying  {found.changes:9} changes  {seconds:6.2f} s  {1e6 * seconds / found.changes:6.1f} µs each")
    assert not found.wrong
    course_id = course_ids([_COURSE])[_COURSE]
    told = Recipient(COMMAND, uuid.uuid4())
    contents = Contents(DisclosureKind.ENROLLMENTS, course_id)
    ways: dict[str, Callable[[], int]] = {
        "plain": lambda: sum(map(len, export_enrollments(course_id, "csv").take_blocks())),
        "recorded": lambda: sum(map(len, disclosed(export_enrollments(course_id, "csv"), contents, told))),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(7):
        for way, run in ways.items():
            taken[way].append(_timed(run)[1])
    middle = {way: statistics.median(some) for way, some in taken.items()}
    print("export     " + "  ".join(f"{way} {value:.3f} s" for way, value in middle.items()))


def _timed(run: Callable[[], object]) -> tuple:
    started = time.perf_counter()
    return run(), time.perf_counter() - started


if __name__ == "__main__":
    main()
