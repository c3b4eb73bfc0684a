"""Rosters of the past: a course run of many people, three entries for each, over twelve quarters.

    python bench/history.py load --data FOLDER --people 1000000
    python bench/history.py measure --data FOLDER [--json FILE]

``load`` wants a database of its own: that of ``DATABASE_URL``, else the embedded one of ``--data``.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from generate import course_key
from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database
from matricula.enrollments.course.counts import compact_roster_counts
from matricula.tabular.exports import Export
from quarters import make_quarters

START, DAYS = datetime(2023, 10, 1, tzinfo=UTC), 1080
_PEOPLE = """
insert into matricula_account (username, email, first_name, last_name, language, password, is_active, is_staff,
    is_superuser, self_registered, wanted_email, generation, date_joined, wants_plan_mail)
select 'person' || n, 'person' || n || '@example.org', 'First', 'Last', 'en', '!', true, false, false, false, '', 1,
    now(), true
from generate_series(1, %s) n order by md5(n::text)
"""
# everyone comes, changes to another mode, and leaves or changes once more
_STEPS = """
create temporary table steps as
select a.id as account_id, s.step, %(start)s + (a.n * 7919 %% 1000 + s.step * 1000) / 3000.0
        * (0.2 + (a.n * 104729 %% 800) / 1000.0) * interval '1080 days' as at,
    a.n %% 5 < 2 as leaves
from (select id, row_number() over (order by id) as n from matricula_account where username like 'person%%') a,
    generate_series(0, 2) s (step)
"""
_ENTRIES = """
insert into matricula_journalentry (at, operation, subject, account_id, course_id, transition, before, after)
select at, gen_random_uuid(), 'course_enrollment', account_id, %(course)s,
    case when step = 0 then 'from unenrolled to enrolled' when step = 1 or not leaves then 'from enrolled to enrolled'
        else 'from enrolled to unenrolled' end,
    (array['{}', '{"v": 2, "enrollment": {"mode": "audit", "is_active": true}}',
        '{"v": 2, "enrollment": {"mode": "verified", "is_active": true}}'])[step + 1]::jsonb,
    (array['{"v": 2, "enrollment": {"mode": "audit", "is_active": true}}',
        '{"v": 2, "enrollment": {"mode": "verified", "is_active": true}}',
        case when leaves then '{"v": 2, "enrollment": {"mode": "verified", "is_active": false}}'
            else '{"v": 2, "enrollment": {"mode": "honor", "is_active": true}}' end])[step + 1]::jsonb
from steps order by at
"""
_SEATS = """
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select %(course)s, s.account_id, a.username_key, case when s.leaves then 'verified' else 'honor' end, not s.leaves, s.at
from steps s join matricula_account a on a.id = s.account_id where s.step = 0
"""


def load(people: int) -> None:
    """Fill the database."""
    from matricula.catalog.models import Course, Organization

    migrate_tables()
    with as_owner():
        connection.ensure_connection()
        with connection.connection.transaction():
            make_quarters(connection.connection, 2023)
        organization = Organization.objects.create(key="north", name="North")
        key = course_key(0)
        course = Course.objects.create(
            key=key, organization=organization, title="C", modes=["audit", "verified", "honor"]
        )
        parameters = {"course": course.pk, "start": START}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PEOPLE, [people])
            for statement in (_STEPS, _ENTRIES, _SEATS):
                cursor.execute(statement, parameters)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
    while compact_roster_counts():
        pass


def timed(rounds: int, action: Callable[[int], Any]) -> float:
    """The median of some rounds, in milliseconds."""
    taken = []
    for n in range(rounds):
        started = time.perf_counter()
        action(n)
        taken.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(taken), 1)


def read_all(export: Export) -> int:
    """How many bytes there are."""
    return sum(map(len, export.take_blocks()))


def measure(rounds: int) -> dict[str, Any]:
    """Milliseconds of each."""
    from matricula.catalog.reads import find_course
    from matricula.enrollments.course.exports import export_enrollments
    from matricula.history.moments.courses import course_roster_at, export_course_roster_at
    from matricula.history.moments.differences import course_difference
    from matricula.history.moments.digests import course_digest

    found = find_course(course_key(0))
    assert found is not None
    course = found.id
    figures: dict[str, Any] = {"first call": timed(1, lambda _: course_roster_at(course, None, limit=100))}
    for share in (0.02, 0.1, 0.3, 0.6, 0.95, 1):
        moment = START + timedelta(days=DAYS) * share
        page = course_roster_at(course, moment, limit=100)
        figures[f"first page at {share:.0%} ({page.count} enrolled)"] = timed(
            rounds,
            lambda n, moment=moment: course_roster_at(course, moment - timedelta(hours=n), limit=100),  # type: ignore[misc]
        )
    middle = START + timedelta(days=DAYS) * 0.6
    figures["page of 1,000"] = timed(rounds, lambda _: course_roster_at(course, middle, limit=1_000))
    figures["csv then"] = timed(1, lambda _: read_all(export_course_roster_at(course, middle, "csv")))
    figures["csv, plain export"] = timed(1, lambda _: read_all(export_enrollments(course, "csv")))
    figures["digest"] = timed(1, lambda _: course_digest(course))
    figures["digest then"] = timed(1, lambda _: course_digest(course, middle))
    figures["difference of a week"] = timed(
        rounds, lambda _: course_difference(course, middle - timedelta(days=7), middle, limit=100)
    )
    figures["difference of all"] = timed(1, lambda _: course_difference(course, START, middle, limit=100))
    return figures


def main() -> None:
    """Run what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "measure"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with database(chosen.data):
        if chosen.what == "load":
            load(chosen.people)
            return
        figures = measure(chosen.rounds)
        if chosen.json:
            chosen.json.write_text(json.dumps(figures))
        for name, value in figures.items():
            print(f"{name:40} {value:10.1f} ms")


if __name__ == "__main__":
    main()
