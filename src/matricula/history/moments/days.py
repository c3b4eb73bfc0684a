"""How many were there at a moment, and on each day: exact, in a time that hardly depends on how many entries there are.

What each day that is over added is kept, so that only the entries of one or two days are counted. A day is kept when it
has been over for a day: no transaction that is still running writes into it.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.postgresql.replicas import on_primary
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction

_STATEMENTS = read_statements(__file__)
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LARGEST_ID = 2**63 - 1
# fewer entries are counted each time
_MANY = 5_000


class Of(StrEnum):
    """What days are kept of: people enrolled in a course run; students of a program, with the status ``enrolled``, and
    of any.
    """

    COURSE = "course"
    PROGRAM = "program"
    STUDENTS = "students"


class Day(NamedTuple):
    """How many came and went on a day (UTC)."""

    day: date
    came: int
    went: int


def count_enrolled(course_id: int, at: datetime) -> int:
    """How many were enrolled in a course run at a moment."""
    return _count(Of.COURSE, course_id, at)


def count_students(program_id: int, at: datetime) -> int:
    """How many students a program had at a moment, of any status."""
    return _count(Of.STUDENTS, program_id, at)


def _count(of: Of, id_: int, at: datetime) -> int:
    day = at.astimezone(UTC).date()
    [(kept, last_day, last_days_first, first, last)] = fetch_all(_STATEMENTS["kept"](of), {"of": id_, "day": day})
    if last_day is not None and day <= last_day:
        # on a kept day: its own entries alone; none where nothing happened on it
        return int(kept) + (_since(of, id_, _begin(day), at, first, last)[0] if first is not None else 0)
    # the numbers only narrow the search: those of the last kept day are smaller than all that follow
    since, first = _begin(last_day + timedelta(days=1)) if last_day else _FIRST, last_days_first or 0
    net, entries = _since(of, id_, since, at, first, _LARGEST_ID)
    if entries > _MANY:
        _keep_days(of, id_, since, first)
    return int(kept) + net


def list_days(of: Of, id_: int) -> list[Day]:
    """Return each day on which something happened, in order."""
    kept = fetch_all(_STATEMENTS["kept_days"](of), {"of": id_})
    since, first = (_begin(kept[-1][0] + timedelta(days=1)), kept[-1][3]) if kept else (_FIRST, 0)
    later = fetch_all(_STATEMENTS["days_since"](of), {"of": id_, "since": since, "first": first})
    if sum(entries for *_, entries in later) > _MANY:
        _keep_days(of, id_, since, first)
    return [Day(*row[:3]) for row in (*kept, *later)]


def numbers_between(of: Of, id_: int, since: datetime, until: datetime) -> tuple[int, int]:
    """The first and the last number that entries between two moments may have; there may be others among them."""
    asked = {"of": id_, "since": since.astimezone(UTC).date(), "until": until.astimezone(UTC).date()}
    [(first, last)] = fetch_all(_STATEMENTS["numbers"](of), asked)
    return first, _LARGEST_ID if last is None else last


def _since(of: Of, id_: int, since: datetime, at: datetime, first: int, last: int) -> tuple[int, int]:
    """How many more are there by entries from ``since`` until ``at``, and how many entries these are."""
    asked = {"of": id_, "since": since, "at": at, "first": first, "last": last}
    [(net, entries)] = fetch_all(_STATEMENTS["since"](of), asked)
    return net, entries


def _keep_days(of: Of, id_: int, since: datetime, first: int) -> None:
    until = _begin(datetime.now(UTC).date() - timedelta(days=1))
    # also where the rest is read from a replica
    with on_primary(), one_transaction():
        execute(_STATEMENTS["keep"](of), {"of": id_, "since": since, "until": until, "first": first})


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
