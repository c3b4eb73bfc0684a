"""How many were enrolled on each day, by the journal."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection

from matricula.enrollments.statuses import ENROLLED
from matricula.journal.statuses import Subject


class CurvePoint(NamedTuple):
    """How many were enrolled at the end of a day (UTC), and how many came and went on it."""

    day: date
    enrolled: int
    came: int
    went: int


_SEATS = """
select (at at time zone 'UTC')::date,
    count(*) filter (where transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled')),
    count(*) filter (where transition = 'from enrolled to unenrolled')
from matricula_journalentry where course_id = %s and subject = %s group by 1 order by 1
"""
_STUDENTS = """
select (at at time zone 'UTC')::date,
    count(*) filter (where after ->> 'status' = %s and before ->> 'status' is distinct from after ->> 'status'),
    count(*) filter (where before ->> 'status' = %s and before ->> 'status' is distinct from after ->> 'status')
from matricula_journalentry where program_id = %s and subject = %s group by 1 order by 1
"""
_KEPT_SECONDS = 24 * 3600


def course_curve(course_id: int) -> list[CurvePoint]:
    """The days on which somebody came to a course run or left it."""
    return _curve("course_id", course_id, _SEATS, [course_id, Subject.COURSE_ENROLLMENT])


def program_curve(program_id: int) -> list[CurvePoint]:
    """The days on which somebody came to the status ``enrolled`` in a program, or left it."""
    return _curve("program_id", program_id, _STUDENTS, [ENROLLED, ENROLLED, program_id, Subject.PROGRAM_ENROLLMENT])


def _curve(column: str, row_id: int, query: str, parameters: Sequence[Any]) -> list[CurvePoint]:
    """Counted anew only where the journal has gone on: a million entries take their time."""
    with connection.cursor() as cursor:
        cursor.execute(f"select max(id) from matricula_journalentry where {column} = %s", [row_id])  # noqa: S608
        key = f"curve:{column}:{row_id}:{cursor.fetchone()[0]}"
        points: list[CurvePoint] | None = cache.get(key)
        if points is None:
            cursor.execute(query, parameters)
            points, enrolled = [], 0
            for day, came, went in cursor.fetchall():
                if came or went:
                    enrolled += came - went
                    points.append(CurvePoint(day, enrolled, came, went))
            cache.set(key, points, _KEPT_SECONDS)
        return points


def spread(points: Sequence[CurvePoint], until: date) -> list[tuple[date, int]]:
    """(day, enrolled) for every day from the first point to ``until``."""
    if not points:
        return []
    by_day = {point.day: point.enrolled for point in points}
    days, enrolled = [], 0
    for n in range((max(until, points[-1].day) - points[0].day).days + 1):
        day = points[0].day + timedelta(days=n)
        enrolled = by_day.get(day, enrolled)
        days.append((day, enrolled))
    return days
