"""What the reader did last, each with its undo where that is still possible."""

import uuid
from dataclasses import dataclass

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, reach_of
from matricula.batches.kinds import CHECKS
from matricula.batches.rights import are_all_in, parts_of_operations
from matricula.batches.undo.reads import list_against
from matricula.catalog.reads import CourseRun, ProgramFacts, get_courses, get_programs
from matricula.console.acts import KINDS
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


def list_recent(caller: Caller) -> list[RecentWork]:
    """The latest operations of the reader that changed something; ten statements, whatever there is."""
    reach = reach_of(caller)
    found = list_operations(limit=_LOOKED, courses=reach.courses, programs=reach.programs, actor=caller.username)
    kinds = list_kinds({one.job_id for one in found if one.job_id})
    subjects = list_first_subjects([one.id for one in found if kinds.get(one.job_id) not in CHECKS])
    changed = [one for one in found if subjects.get(one.id)][:_SHOWN]
    courses = get_courses({one.course_id for one in changed if one.course_id})
    programs = get_programs({one.program_id for one in changed if one.program_id})
    undone = list_undone([one.id for one in changed])
    against = list_against(changed, undone, {id_: dict.fromkeys(some, 1) for id_, some in subjects.items()})
    may_write = _writable(caller, changed)
    return [
        RecentWork(
            one,
            _title(courses.get(one.course_id or 0) or programs.get(one.program_id or 0)),
            one.id in may_write and one.id not in against,
            any(undo.counts for undo in undone.get(one.id, ())),
        )
        for one in changed
    ]


def _title(thing: CourseRun | ProgramFacts | None) -> str:
    return thing.title if thing else ""


def _writable(caller: Caller, found: list[OperationFacts]) -> set[uuid.UUID]:
    """The ids of those about which the reader may write; what is about several things is judged on its own page."""
    named = [one for one in found if one.course_id is not None or one.program_id is not None]
    reach, parts = reach_of(caller, WRITE_ENROLLMENTS), parts_of_operations(named)
    return {one.id for one in named if are_all_in(reach, parts[one.id])}
