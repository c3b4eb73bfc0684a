"""Which lines of a history the reader may undo."""

from collections.abc import Sequence

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, reach_of
from matricula.batches.rights import are_all_in, parts_of_operations
from matricula.batches.undo.values import SUBJECTS
from matricula.journal.operations import list_recorded
from matricula.journal.reads import HistoryEntry


def list_undoable(caller: Caller, entries: Sequence[HistoryEntry]) -> set[int]:
    """The ids of the entries that changed something and belong to operations which the reader may undo."""
    changed = [entry for entry in entries if entry.subject in SUBJECTS and entry.before != entry.after]
    if not changed:
        return set()
    reach, records = reach_of(caller, WRITE_ENROLLMENTS), list_recorded({entry.operation for entry in changed})
    parts = parts_of_operations(records)
    return {entry.id for entry in changed if entry.operation in parts and are_all_in(reach, parts[entry.operation])}
