"""Who was enrolled in a course run at a moment (record-api: History)."""

from collections.abc import Generator
from datetime import datetime

from django.utils import timezone

from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.history.moments.values import CourseRosterThen, EnrolledThen, UnknownCursor
from matricula.tabular.exports import export_table
from matricula.tabular.writing import sql_time

_STATEMENTS = read_statements(__file__)
LINES = _STATEMENTS["lines"]
COLUMNS = ("username", "email", "mode", "since")


def course_roster_at(course_id: int, at: datetime | None, *, limit: int, after: int | None = None) -> CourseRosterThen:
    """One page of those who were enrolled at a moment (None: now), by username, behind the account ``after``.

    Errors: ``UnknownCursor`` if that was never in the course run.
    """
    moment = at or timezone.now()
    asked = [] if after is None else ["behind_cursor"]
    parameters = {"course": course_id, "at": moment, "limit": limit + 1, "after": after}
    if after is not None and not fetch_all(_STATEMENTS["cursor"](), parameters):
        raise UnknownCursor
    found = fetch_all(_STATEMENTS["page"](*asked), parameters)
    rows = [EnrolledThen(*row) for _, *row, key in found if key is not None]
    cursor = rows[limit - 1].account_id if len(rows) > limit else None
    return CourseRosterThen(moment, int(found[0][0]), rows[:limit], cursor)


def export_course_roster_at(course_id: int, at: datetime | None, form: str) -> Generator[bytes]:
    """Those who were enrolled at a moment (None: now), by username; ``form`` is ``csv`` or ``jsonl``."""
    query = _STATEMENTS["exported"]().replace("{since}", sql_time("r.since"))
    parameters = {"course": course_id, "at": at or timezone.now()}
    return export_table(query, form, parameters, COLUMNS, others={"since"})
