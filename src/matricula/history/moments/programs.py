"""The rows that a program had at a moment (record-api: Rosters of the past)."""

from datetime import datetime

from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.history.moments.clock import database_time
from matricula.history.moments.values import ProgramRosterThen, StudentThen, UnknownCursor
from matricula.tabular.exports import Export, export_table

_STATEMENTS = read_statements(__file__)
LINES = _STATEMENTS["lines"]
COLUMNS = ("student_key", "status", "username")


def program_roster_at(
    program_id: int, at: datetime | None, *, limit: int, after: int | None = None, names: bool = True
) -> ProgramRosterThen:
    """One page of the rows that a program had at a moment (None: now), by student key, whatever their status.

    ``after``: the cursor of the page before. ``names`` False: not whose keys they are. Errors: ``UnknownCursor``.
    """
    moment = at or database_time()
    asked = [] if after is None else ["behind_cursor"]
    parameters = {"program": program_id, "at": moment, "limit": limit + 1, "after": after}
    if after is not None and not fetch_all(_STATEMENTS["cursor"](), parameters):
        raise UnknownCursor
    found = fetch_all(_STATEMENTS["page"](*asked), parameters)
    shown = [row for row in found if row[-1] is not None]
    rows = [StudentThen(key, status, name if names else None) for _, _, key, status, name, _ in shown[:limit]]
    return ProgramRosterThen(moment, int(found[0][0]), rows, shown[limit - 1][1] if len(shown) > limit else None)


def export_program_roster_at(
    program_id: int, at: datetime | None, form: str, *, names: bool = True, by_bytes: bool = False
) -> Export:
    """The rows that a program had at a moment (None: now), by student key; ``form`` is ``csv`` or ``jsonl``.

    ``by_bytes``: in the order of the digest's lines.
    """
    query = _STATEMENTS["exported"]("by_bytes" if by_bytes else "by_key", *([] if names else ["nameless"]))
    return export_table(query, form, {"program": program_id, "at": at or database_time()}, COLUMNS)
