"""What an undo is about: rows with states as the journal keeps them, and what becomes of each (record-api: Undo)."""

import uuid
from datetime import datetime

from msgspec import Struct

from matricula.batches.values import STALE, Effect, Options, turn
from matricula.catalog.reads import CourseRun, ProgramFacts, get_courses, get_program
from matricula.enrollments.course.restoring import restored
from matricula.enrollments.statuses import LEFT
from matricula.enrollments.store.entries import course_state, standing_in
from matricula.enrollments.store.values import Standing
from matricula.jobs.reads import JobStatus
from matricula.journal.states import (
    AccountState,
    CourseRoleState,
    CourseState,
    GradeState,
    State,
    StudentCourseState,
    StudentKeyState,
    StudentState,
    encode_state,
    read_state,
)
from matricula.journal.statuses import Subject

# what can be taken back
SUBJECTS = (
    Subject.COURSE_ENROLLMENT,
    Subject.PRE_ENROLLMENT,
    Subject.PROGRAM_ENROLLMENT,
    Subject.PROGRAM_COURSE_ENROLLMENT,
    Subject.COURSE_ROLE,
    Subject.GRADE,
)
# what is taken back of a merge of accounts, too
MERGE_SUBJECTS = (
    *SUBJECTS,
    Subject.ACCOUNT,
    Subject.STUDENT_KEY,
    Subject.ROLE,
    Subject.FEATURE,
    Subject.MEMBERSHIP,
)
# undone with a whole operation about one program, too: the keys that it linked
LINK_SUBJECTS = (*SUBJECTS, Subject.STUDENT_KEY)
UNCHANGED, CONFLICT, RESTORED = "unchanged", "conflict", "restored"


# expected is the state as the operation left it: most rows are so, and a million of them share a short text
AS_LEFT = "="


class UndoOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """``undo_of``: the operation that is taken back; ``is_partial``: only some of its changes."""

    undo_of: str = ""
    is_partial: bool = False
    # what all rows are about; None: they are about several subjects
    subject: str | None = None


class UndoRow(Struct, frozen=True, array_like=True, gc=False):
    """One subject, with states as the journal keeps them: ``target`` as the operation found it, ``left`` as it left it.

    ``key`` is whom it is about, in words; ``expected`` the state that a plan saw. ``role``: in a course run; of a role,
    a feature or a membership, what it is as JSON; of a student key, its organization.
    """

    key: str
    subject: str
    target: str
    left: str
    course_id: int | None = None
    program_id: int | None = None
    role: str | None = None
    number: int | None = None
    account_id: int | None = None
    expected: str | None = None


class Conflict(Struct, frozen=True, array_like=True, gc=False):
    """Who changed the subject since, when, by which operation; nothing where the journal has no such entry."""

    by: str | None = None
    at: datetime | None = None
    operation: uuid.UUID | None = None


class UndoOutcome(Struct, frozen=True, array_like=True, gc=False):
    """What became of a row, or would: states as the journal keeps them. ``standing``: what is expected when applied."""

    word: str
    before: str = "{}"
    after: str = "{}"
    effect: Effect = Effect.UNCHANGED
    standing: str | None = None
    conflict: Conflict | None = None


class RowStates(Struct, frozen=True, gc=False):
    """A row with its states read; states of one subject are compared whatever the version of their form."""

    row: UndoRow
    target: State | None
    expected: State | None


class UndoAbout(Struct, frozen=True):
    """The course run or the program of an operation; rows name theirs themselves."""

    course: CourseRun | None
    program: ProgramFacts | None


def about(job: JobStatus) -> UndoAbout:
    """What an operation that is taken back is about."""
    course = get_courses([job.course_id])[job.course_id] if job.course_id is not None else None
    return UndoAbout(course, get_program(job.program_id) if job.program_id is not None else None)


def read_row(row: UndoRow) -> RowStates:
    """A row with its states; what is being applied expects what the plan saw."""
    subject = Subject(row.subject)
    expected = row.left if row.expected in {None, AS_LEFT} else row.expected
    return RowStates(row, read_state(subject, row.target), read_state(subject, expected or ""))


def outcome_of(one: RowStates, now: State | None, *, may_be: bool) -> UndoOutcome:
    """What becomes of a row whose subject is as it is ``now``; ``may_be``: nothing else is in the way of its target."""
    restored_to, as_expected = comes_to(one, now), is_same(now, one.expected)
    before = encode_state(now)
    if one.row.expected is not None and not as_expected:
        return UndoOutcome(STALE, before, before)
    standing = AS_LEFT if as_expected else before
    if is_same(now, restored_to):
        return UndoOutcome(UNCHANGED, before, encode_state(restored_to), Effect.UNCHANGED, standing)
    if not as_expected or not may_be:
        return UndoOutcome(CONFLICT, before, before)
    return UndoOutcome(RESTORED, before, encode_state(restored_to), _effect(now, restored_to), standing)


def comes_to(one: RowStates, now: State | None) -> State | None:
    """How the subject is once it is put back: an enrollment that the operation made stays as an ended one."""
    if one.row.subject != Subject.COURSE_ENROLLMENT:
        return one.target
    return course_state(restored(standing_in_state(one.target), standing_in_state(now)))


def is_same(one: State | None, other: State | None) -> bool:
    """True if both say the same, whatever the version of their forms."""
    return _plain(one) == _plain(other)


def _plain(state: State | None) -> object:
    """What a state says, whatever the version of its form."""
    if isinstance(state, CourseState):
        return standing_in(state)
    if isinstance(state, StudentCourseState):
        return state.status, state.course_staff is True
    if isinstance(state, StudentState):
        return state.status
    if isinstance(state, GradeState):
        return state.percent, state.letter_grade, state.passed, state.error
    if isinstance(state, CourseRoleState):
        return state.role
    if isinstance(state, StudentKeyState):
        return state.account_id
    if isinstance(state, AccountState):
        # sessions that ended stay so, and names are changed by their owner
        return state.is_active, state.is_staff, state.is_superuser, state.merged_into
    return state is not None


def _effect(before: State | None, after: State | None) -> Effect:
    return turn(_is_present(before), _is_present(after)) or Effect.CHANGE


def _is_present(state: State | None) -> bool:
    if isinstance(state, CourseState):
        standing = standing_in(state)
        return standing.enrolled or standing.allowed
    if isinstance(state, (StudentState, StudentCourseState)):
        return state.status not in LEFT
    return False


def standing_in_state(state: State | None) -> Standing:
    """Return the standing that a state of a course enrollment says; of any other, the one without an enrollment."""
    return standing_in(state if isinstance(state, CourseState) else None)
