"""Who was enrolled in a course run at a moment (record-api: Rosters of the past)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matricula.enrollments.course.rosters import RosterFilter, count_roster
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.history.moments.clock import database_time
from matricula.history.moments.days import count_enrolled
from matricula.history.moments.values import CourseRosterThen, EnrolledThen, UnknownCursor
from matricula.tabular.exports import Export, export_table
from matricula.tabular.writing import sql_time

_STATEMENTS = read_statements(__file__)
LINES = _STATEMENTS["lines"]
COLUMNS = ("username", "email", "mode", "since")
# to look up one by one so many people who are not enrolled then takes as long as a page may take
_MOST_SEATS = 2_000
_SEATS_OF = "select coalesce(sum(seats), 0)::bigint from matricula_rostercount where course_id = %(course)s"


def course_roster_at(course_id: int, at: datetime | None, *, limit: int, after: int | None = None) -> CourseRosterThen:
    """One page of those who were enrolled at a moment (None: now), by username, behind the account ``after``.

    Errors: ``UnknownCursor`` if that was never in the course run.
    """
    moment = at or database_time()
    parameters = {"course": course_id, "at": moment, "limit": limit + 1, "after": after}
    if after is not None and not fetch_all(_STATEMENTS["cursor"](), parameters):
        raise UnknownCursor
    if at is None:
        count = count_roster(course_id, RosterFilter())
        found = fetch_all(_STATEMENTS["page_now"](*_behind(parameters)), parameters)
    else:
        count = count_enrolled(course_id, moment)
        found = _page(parameters, count) if count else []
    rows = [EnrolledThen(*row) for row in found]
    return CourseRosterThen(moment, count, rows[:limit], rows[limit - 1].account_id if len(rows) > limit else None)


def _behind(parameters: Mapping[str, Any]) -> list[str]:
    return [] if parameters["after"] is None else ["behind_cursor"]


def _page(parameters: dict[str, Any], count: int) -> list[Any]:
    """One page and the row behind it.

    Where most of those who ever were in the course run were enrolled, a page is found among the next of them. Where
    that would take too long, or it took too long, all are looked at: the time of that has a limit of its own.
    """
    asked = _behind(parameters)
    [(seats,)] = fetch_all(_SEATS_OF, parameters)
    expected = parameters["limit"] * seats // count
    if expected <= _MOST_SEATS:
        parameters["seats"] = max(_MOST_SEATS, parameters["limit"] * 2)
        found = fetch_all(_STATEMENTS["page_of_some"](*asked), parameters)
        if len(found) == parameters["limit"] or _are_all_seen(parameters, asked):
            return found
    return fetch_all(_STATEMENTS["page_of_all"](*asked), parameters)


def _are_all_seen(parameters: dict[str, Any], asked: list[str]) -> bool:
    [(left,)] = fetch_all(_STATEMENTS["seats_left"](*asked), parameters)
    return bool(left < parameters["seats"])


def export_course_roster_at(course_id: int, at: datetime | None, form: str) -> Export:
    """Those who were enrolled at a moment (None: now), by username; ``form`` is ``csv`` or ``jsonl``."""
    query = _STATEMENTS["exported"]("now" if at is None else "then").replace("{since}", sql_time("e.since"))
    parameters = {"course": course_id, "at": at}
    return export_table(query, form, parameters, COLUMNS, others={"since"})
