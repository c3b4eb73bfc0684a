"""The rows that a program had at a moment (record-api: Rosters of the past)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.history.moments.clock import database_time
from matricula.history.moments.days import count_students
from matricula.history.moments.values import ProgramRosterThen, StudentThen, UnknownCursor
from matricula.tabular.exports import Export, export_table

_STATEMENTS = read_statements(__file__)
LINES = _STATEMENTS["lines"]
COLUMNS = ("student_key", "status", "username")
# all rows of fewer students are put together as fast
_MANY = 5_000
# to look up so many keys takes as long as a page may take
_MOST_KEYS = 500


def program_roster_at(
    program_id: int, at: datetime | None, *, limit: int, after: int | None = None, names: bool = True
) -> ProgramRosterThen:
    """One page of the rows that a program had at a moment (None: now), by student key, whatever their status.

    ``after``: the cursor of the page before. ``names`` False: not whose keys they are. Errors: ``UnknownCursor``.
    """
    parameters = {"program": program_id, "at": at, "limit": limit + 1, **_place(after)}
    if after is not None and not fetch_all(_STATEMENTS["cursor"](), parameters):
        raise UnknownCursor
    asked = [] if after is None else ["behind_cursor"]
    if at is None:
        moment = database_time()
        [(count,)] = fetch_all(_STATEMENTS["count_now"](), parameters)
        found = fetch_all(_STATEMENTS["page_now"](*asked), parameters)
    else:
        moment = at
        count = count_students(program_id, at)
        found = _page(parameters, asked, count) if count else []
    rows = [StudentThen(key, status, name if names else None) for _, key, status, name, _ in found[:limit]]
    cursor = found[limit - 1][0] * 2 + (at is None) if len(found) > limit else None
    return ProgramRosterThen(moment, int(count), rows, cursor)


def _page(parameters: dict[str, Any], asked: Collection[str], count: int) -> list[Any]:
    """One page and the row behind it: of a large program among the next keys, if most of these were there then."""
    if count > _MANY:
        found = fetch_all(_STATEMENTS["page_of_some"](*asked), {**parameters, "keys": _MOST_KEYS})
        rows = [columns for _, *columns in found if columns[0] is not None]
        if len(rows) == parameters["limit"] or found[0][0] < _MOST_KEYS:
            return rows
    return fetch_all(_STATEMENTS["page"](*asked), parameters)


def _place(cursor: int | None) -> dict[str, int | None]:
    """What a cursor means: twice the number of an entry, or one more than twice that of a row."""
    number, is_row = divmod(cursor or 0, 2)
    return {"change": None if is_row else number, "row": number if is_row else None}


def export_program_roster_at(
    program_id: int, at: datetime | None, form: str, *, names: bool = True, by_bytes: bool = False
) -> Export:
    """The rows that a program had at a moment (None: now), by student key; ``form`` is ``csv`` or ``jsonl``.

    ``by_bytes``: in the order of the digest's lines.
    """
    asked = ["now" if at is None else "then", "by_bytes" if by_bytes else "by_key", *([] if names else ["nameless"])]
    return export_table(_STATEMENTS["exported"](*asked), form, {"program": program_id, "at": at}, COLUMNS)
