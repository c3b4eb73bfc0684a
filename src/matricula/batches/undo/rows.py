"""Rows that take an operation back, made from the journal; and who changed something since."""

import uuid
from collections.abc import Collection, Sequence

from matricula.batches.undo.values import LINK_SUBJECTS, MERGE_SUBJECTS, SUBJECTS, Conflict, UndoRow
from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.journal.operations import find_operation, merges_among
from matricula.journal.statuses import Subject

_STATEMENTS = read_statements(__file__)


def keep_undo(
    job_id: uuid.UUID, operation_id: uuid.UUID, changes: Collection[int] | None, size: int, version: int
) -> tuple[int, str | None]:
    """Stores the rows that take an operation back, or some of its changes; how many, and the subject of all of them."""
    subjects = _subjects(operation_id, is_whole=changes is None)
    parameters = {
        "job": job_id,
        "operation": operation_id,
        "subjects": [subject.value for subject in subjects],
        "changes": None if changes is None else list(changes),
        "size": size,
        "version": version,
    }
    [(rows, subject)] = fetch_all(_STATEMENTS["keep"](), parameters)
    return int(rows), subject


def _subjects(operation_id: uuid.UUID, *, is_whole: bool) -> Sequence[Subject]:
    if merges_among([operation_id]):
        return MERGE_SUBJECTS
    record = find_operation(operation_id)
    return LINK_SUBJECTS if is_whole and record and record.program_id is not None else SUBJECTS


def list_programs_of_keys(operation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[int]]:
    """Operation → the programs that have students with the keys it linked, for acts about one program that linked any.

    Batches link none, and are not looked through.
    """
    found: dict[uuid.UUID, list[int]] = {}
    for operation, program_id in fetch_all(_STATEMENTS["programs_of_keys"](), {"operations": list(operation_ids)}):
        found.setdefault(operation, []).append(program_id)
    return found


def find_conflicts(operation_id: uuid.UUID, rows: Sequence[tuple[int, UndoRow]]) -> dict[int, Conflict]:
    """Row → who changed its subject last, beside the operation."""
    of_students = (Subject.PROGRAM_ENROLLMENT, Subject.PROGRAM_COURSE_ENROLLMENT)
    found = fetch_all(
        _STATEMENTS["latest"](),
        {
            "operation": operation_id,
            "families": [row.subject for _, row in rows],
            "courses": [row.course_id for _, row in rows],
            "programs": [row.program_id for _, row in rows],
            "accounts": [None if row.subject in of_students else row.account_id for _, row in rows],
            "emails": [fold(row.key) for _, row in rows],
            "keys": [fold(row.key) if row.subject in of_students else None for _, row in rows],
        },
    )
    return {rows[n - 1][0]: Conflict(by, at, operation) for n, _id, at, operation, by in found}
