"""Enrollments of any course run, active and ended: those of one account, and pages of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matricula.foundation.statements import read_statements
from matricula.tabular.writing import sql_time


class UnknownPlace(Exception):
    """There is no such enrollment to go on from."""


@dataclass(frozen=True, slots=True)
class SeatRow:
    """Someone's enrollment in a course run; ``created`` as the APIs spell times."""

    id: int
    course_id: int
    course_key: str
    username: str
    mode: str
    is_active: bool
    created: str


@dataclass(frozen=True, slots=True)
class SeatFilter:
    """Which enrollments: of one course run, of some accounts, or both; None: of all."""

    course_id: int | None = None
    account_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class SeatPage:
    """Some enrollments, in order, and whether there are others before and behind them."""

    rows: Sequence[SeatRow]
    has_previous: bool
    has_next: bool


_STATEMENTS = read_statements(__file__, created=sql_time("e.created"))


def find_seat(course_id: int, account_id: int) -> SeatRow | None:
    """The account's enrollment in the course run, also an ended one, or None."""
    rows = _rows(_STATEMENTS["of_account"]("in_course"), {"account": account_id, "course": course_id})
    return rows[0] if rows else None


def list_active_seats(account_id: int) -> list[SeatRow]:
    """The course runs in which the account is enrolled, the oldest enrollment first."""
    return _rows(_STATEMENTS["of_account"]("active"), {"account": account_id})


def list_seats(wanted: SeatFilter, *, limit: int, after: int | None = None, before: int | None = None) -> SeatPage:
    """A page of enrollments, behind or before the one with this id; its time doesn't depend on how many there are.

    In the order of their ids; those of a course run alone by username. Errors: ``UnknownPlace``.
    """
    by_name = wanted.course_id is not None and wanted.account_ids is None
    place = after if before is None else before
    if by_name and place is not None:
        _check_place(wanted.course_id, place)
    part = "of_course" if by_name else "everyone" if wanted.account_ids is None else "of_people"
    query = _STATEMENTS["page"](part, "forwards" if before is None else "backwards")
    accounts = None if wanted.account_ids is None else list(wanted.account_ids)
    # one more than asked for says whether there are others
    found = _rows(query, {"course": wanted.course_id, "accounts": accounts, "after": place or 0, "limit": limit + 1})
    rows, more = found[:limit], len(found) > limit
    if before is None:
        return SeatPage(rows, after is not None, more)
    return SeatPage(rows[::-1], more, has_next=True)


def _check_place(course_id: int | None, seat_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select from matricula_courseenrollment where id = %s and course_id = %s", [seat_id, course_id])
        if cursor.fetchone() is None:
            raise UnknownPlace


def _rows(query: str, parameters: dict[str, Any]) -> list[SeatRow]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [SeatRow(*row) for row in cursor.fetchall()]
