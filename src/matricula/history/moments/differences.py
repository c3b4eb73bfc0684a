"""Who joined, left and changed between two moments (record-api: Rosters of the past)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from matricula.enrollments.statuses import LEFT_PROGRAM, ProgramStatus
from matricula.foundation.database import fetch_all, stream_rows
from matricula.foundation.statements import read_statements
from matricula.history.moments.days import Of, numbers_between
from matricula.history.moments.values import Difference, DifferenceRow, UnknownCursor, Way
from matricula.tabular.exports import Export, export_rows

_STATEMENTS = read_statements(__file__)
_LEFT, _STATUSES = [*LEFT_PROGRAM], [status.value for status in ProgramStatus]
COLUMNS = ("key", "before", "after", "change_ids")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str | bool]).decode


def course_difference(
    course_id: int,
    since: datetime,
    until: datetime,
    *,
    limit: int,
    after: int | None = None,
    ways: Collection[Way] | None = None,
) -> Difference:
    """One page of those whose enrollment is another one after ``until`` than after ``since``, by username.

    ``joined``: enrolled then, and not before; ``left``: the other way round; ``changed``: in another mode.
    ``after``: the cursor of the page before. ``ways``: only those (the counts are of all). Errors: ``UnknownCursor``.
    """
    return _page("courses", {"course": course_id, "since": since, "until": until}, limit, after, ways)


def program_difference(
    program_id: int,
    since: datetime,
    until: datetime,
    *,
    limit: int,
    after: int | None = None,
    ways: Collection[Way] | None = None,
) -> Difference:
    """One page of those whose status is another one after ``until`` than after ``since``, by student key.

    ``joined``: new, or back from ``canceled`` or ``ended``; ``left``: ``canceled``, ``ended`` or no longer there;
    ``changed``: any other difference. ``after``: the cursor of the page before. Errors: ``UnknownCursor``.
    """
    return _page("programs", {"program": program_id, "since": since, "until": until}, limit, after, ways)


def export_course_difference(course_id: int, since: datetime, until: datetime) -> Export:
    """All rows of ``course_difference``, as CSV."""
    return export_rows(COLUMNS, map(_cells, stream_course_difference(course_id, since, until)))


def export_program_difference(program_id: int, since: datetime, until: datetime) -> Export:
    """All rows of ``program_difference``, as CSV."""
    return export_rows(COLUMNS, map(_cells, stream_program_difference(program_id, since, until)))


def stream_course_difference(course_id: int, since: datetime, until: datetime) -> Iterator[DifferenceRow]:
    """All rows of ``course_difference``."""
    return _stream("courses", {"course": course_id, "since": since, "until": until})


def stream_program_difference(program_id: int, since: datetime, until: datetime) -> Iterator[DifferenceRow]:
    """All rows of ``program_difference``."""
    return _stream("programs", {"program": program_id, "since": since, "until": until})


def _cells(row: DifferenceRow) -> Sequence[str]:
    return (row.key, _encode(row.before).decode(), _encode(row.after).decode(), " ".join(map(str, row.change_ids)))


def _page(what: str, asked: dict[str, Any], limit: int, after: int | None, ways: Collection[Way] | None) -> Difference:
    of, id_ = (Of.COURSE, asked["course"]) if what == "courses" else (Of.PROGRAM, asked["program"])
    first, last = numbers_between(of, id_, asked["since"], asked["until"])
    parameters = {
        **asked,
        "first": first,
        "last": last,
        "after": after,
        "limit": limit + 1,
        "left": _LEFT,
        "statuses": _STATUSES,
        "ways": None if ways is None else [way.value for way in ways],
    }
    if after is not None and not fetch_all(_STATEMENTS["cursor"](what), parameters):
        raise UnknownCursor
    found = fetch_all(_STATEMENTS["page"](what, *([] if after is None else ["behind_cursor"])), parameters)
    rows = [_row(row[3:8]) for row in found if row[-1] is not None]
    cursor = rows[limit - 1].change_ids[-1] if len(rows) > limit else None
    return Difference(dict(zip(Way, found[0][:3], strict=True)), rows[:limit], cursor)


def _stream(what: str, asked: dict[str, Any]) -> Iterator[DifferenceRow]:
    for row in stream_rows(_STATEMENTS["all"](what), {**asked, "left": _LEFT}):
        yield _row(row)


def _row(columns: Sequence[Any]) -> DifferenceRow:
    way, key, before, after, ids = columns
    return DifferenceRow(Way(way), key, _decode(before), _decode(after), ids)
