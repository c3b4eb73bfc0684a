"""How many were enrolled on each day, by the journal, and since when it knows."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection

from matricula.foundation.database import fetch_all
from matricula.history.moments.days import Of, list_days
from matricula.journal.statuses import Subject


class CurvePoint(NamedTuple):
    """How many were enrolled at the end of a day (UTC), and how many came and went on it."""

    day: date
    enrolled: int
    came: int
    went: int


_LAST_OF_COURSE = "select max(id) from matricula_journalentry where course_id = %(id)s and program_id is null"
# entries are nearly in the order of their times: that of a long transaction may be the later one
_BEGINS = """
select min(at) from (
    select at from matricula_journalentry
    where {of} and subject = %(subject)s order by id limit 1000
) first
"""
_LAST_OF_PROGRAM = "select max(id) from matricula_journalentry where program_id = %(id)s"
_KEPT_SECONDS = 24 * 3600


def course_curve(course_id: int) -> list[CurvePoint]:
    """The days on which someone came to a course run or left it."""
    return _curve(Of.COURSE, course_id, _LAST_OF_COURSE)


def program_curve(program_id: int) -> list[CurvePoint]:
    """The days on which someone came to the status ``enrolled`` in a program, or left it."""
    return _curve(Of.PROGRAM, program_id, _LAST_OF_PROGRAM)


def course_begins(course_id: int) -> datetime | None:
    """The first change of an enrollment in a course run; None where there is none."""
    return _begins("course_id = %(id)s and program_id is null", course_id, Subject.COURSE_ENROLLMENT)


def program_begins(program_id: int) -> datetime | None:
    """The first change of a student in a program; None where there is none."""
    return _begins("program_id = %(id)s", program_id, Subject.PROGRAM_ENROLLMENT)


def _begins(of: str, id_: int, subject: Subject) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_BEGINS.format(of=of), {"id": id_, "subject": subject})
        found: datetime | None = cursor.fetchone()[0]
        return found


def _curve(of: Of, id_: int, last: str) -> list[CurvePoint]:
    """Counted again only where the journal has gone on."""
    [(entry,)] = fetch_all(last, {"id": id_})
    key = f"curve:{of}:{id_}:{entry}"
    points: list[CurvePoint] | None = cache.get(key)
    if points is None:
        points, enrolled = [], 0
        for day, came, went in list_days(of, id_):
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
