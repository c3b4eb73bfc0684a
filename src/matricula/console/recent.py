"""What the reader did last, each with its undo where that is still possible."""

import uuid
from dataclasses import dataclass

from matricula.access.reads import Caller, Reach
from matricula.batches.kinds import CHECKS
from matricula.batches.rights import are_all_in, parts_of_operations
from matricula.batches.undo.reads import list_against
from matricula.console.acts import KINDS
from matricula.console.listing import things_of
from matricula.jobs.reads import list_kinds
from matricula.journal.operations import OperationFacts, list_first_subjects, list_operations, list_undone

# plans that were made, and what changed nothing, are left out: so many are looked through for so many
_LOOKED, _SHOWN = 20, 6


@dataclass(frozen=True, slots=True)
class RecentWork:
    """An operation of the reader that changed something, and whether its page offers to undo it."""

    operation: OperationFacts
    about: str
    may_undo: bool
    is_undone: bool

    @property
    def kind(self) -> str:
        """What it was: a file by its name."""
        return self.operation.file or str(KINDS[self.operation.kind])


def list_recent(caller: Caller, reach: Reach, writable: Reach) -> list[RecentWork]:
    """The latest operations of the reader that changed something; as many statements whatever there is.

    ``reach``: what the reader may see; ``writable``: what they may write.
    """
    found = list_operations(limit=_LOOKED, courses=reach.courses, programs=reach.programs, actor=caller.username)
    kinds = list_kinds({one.job_id for one in found if one.job_id})
    subjects = list_first_subjects([one.id for one in found if kinds.get(one.job_id) not in CHECKS])
    changed = [one for one in found if subjects.get(one.id)][:_SHOWN]
    undone = list_undone([one.id for one in changed])
    against = list_against(changed, undone, {id_: dict.fromkeys(some, 1) for id_, some in subjects.items()})
    may_write = _writable(writable, changed)
    return [
        RecentWork(
            one,
            things.title,
            one.id in may_write and one.id not in against,
            any(undo.counts for undo in undone.get(one.id, ())),
        )
        for one, things in zip(changed, things_of(changed), strict=True)
    ]


def _writable(reach: Reach, found: list[OperationFacts]) -> set[uuid.UUID]:
    """The ids of those about which the reader may write; what is about several things is judged on its own page."""
    named = [one for one in found if one.course_id is not None or one.program_id is not None]
    parts = parts_of_operations(named)
    return {one.id for one in named if are_all_in(reach, parts[one.id])}
