"""Why an operation can't be undone, for the API and the console (record-api: Operations and undo)."""

import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum

from matricula.batches.undo.values import LINK_SUBJECTS, SUBJECTS
from matricula.jobs.reads import unfinished_among
from matricula.journal.operations import OperationFacts, UndoneBy, merges_among
from matricula.journal.statuses import Subject


class Against(StrEnum):
    """What speaks against undoing an operation."""

    UNDONE = "undone"
    RUNNING = "running"
    NO_CHANGES = "no changes"


def list_against(
    records: Sequence[OperationFacts],
    undone: Mapping[uuid.UUID, Sequence[UndoneBy]],
    changed: Mapping[uuid.UUID, Mapping[Subject, int]],
) -> dict[uuid.UUID, Against]:
    """Operation → what speaks against undoing it, for those where something does.

    ``changed``: how many changes of each subject the reader sees of an operation.
    """
    merges = merges_among([record.id for record in records])
    running = unfinished_among([record.job_id for record in records if record.job_id])
    found = {record.id: _against(record, undone, changed, is_running=record.job_id in running) for record in records}
    return {
        operation: against
        for operation, against in found.items()
        if against and not (against is Against.NO_CHANGES and operation in merges)
    }


def _against(
    record: OperationFacts,
    undone: Mapping[uuid.UUID, Sequence[UndoneBy]],
    changed: Mapping[uuid.UUID, Mapping[Subject, int]],
    *,
    is_running: bool,
) -> Against | None:
    if any(one.counts for one in undone.get(record.id, ())):
        return Against.UNDONE
    if is_running:
        return Against.RUNNING
    subjects = SUBJECTS if record.program_id is None else LINK_SUBJECTS
    return None if any(subject in subjects for subject in changed.get(record.id, {})) else Against.NO_CHANGES
