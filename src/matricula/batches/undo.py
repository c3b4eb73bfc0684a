"""Undoing an operation as a batch: each row takes back what the operation changed of one subject (record-api: Undo).

A row is planned as any other, and written only where the subject is still as the plan saw it. Everything of a chunk is
locked in the order of docs/locking.md, and then written.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.access.grants import CourseRoleRequest, find_course_roles, write_grants
from matricula.access.statuses import CourseRole
from matricula.batches.stored import RowForm, list_asks
from matricula.batches.values import (
    STALE,
    Bulk,
    Described,
    Effect,
    Named,
    Options,
    Parsed,
    Previewed,
    stale_text,
)
from matricula.catalog.reads import CourseRun, ProgramFacts, get_courses, get_program, get_programs
from matricula.enrollments.course import bulk as course_bulk
from matricula.enrollments.course.bulk import CourseCase
from matricula.enrollments.course.restoring import (
    CourseRestore,
    find_standings,
    restore_course_enrollments,
    restored,
    restoring,
)
from matricula.enrollments.program import bulk as program_bulk
from matricula.enrollments.program.bulk import StudentCase
from matricula.enrollments.program.outcomes import status_words
from matricula.enrollments.program.restoring import (
    StudentCourseRestore,
    StudentRestore,
    find_course_statuses,
    find_statuses,
    list_accounts,
    restore_course_rows,
    restore_students,
)
from matricula.enrollments.program.writes import lock_seats
from matricula.enrollments.statuses import CANCELED, ENDED, INACTIVE
from matricula.enrollments.store.entries import course_state, standing_in, student_course_state, student_state
from matricula.enrollments.store.standings import in_one_transaction
from matricula.enrollments.store.students import lock_students
from matricula.enrollments.store.work import SLICED, Slice, standing_of, standing_text
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.grades.writes import GradeRestore, find_grades, restore_grades
from matricula.jobs.reads import JobStatus
from matricula.journal.states import (
    CourseRoleState,
    CourseState,
    GradeState,
    State,
    StudentCourseState,
    StudentState,
    encode_state,
    read_state,
)
from matricula.journal.statuses import Subject
from matricula.journal.writes import Entry, Operation, add_entries, record_operation
from matricula.learners.locks import lock_keys_of_organizations

# what can be taken back
SUBJECTS = (
    Subject.COURSE_ENROLLMENT,
    Subject.PRE_ENROLLMENT,
    Subject.PROGRAM_ENROLLMENT,
    Subject.PROGRAM_COURSE_ENROLLMENT,
    Subject.COURSE_ROLE,
    Subject.GRADE,
)
UNCHANGED, CONFLICT, RESTORED = "unchanged", "conflict", "restored"
# expected is the state as the operation left it: most rows are so, and a million of them share a short text
AS_LEFT = "="
COLUMNS = ("subject", "who", "before", "after")
_STATEMENTS = read_statements(__file__, sliced=SLICED)


class UndoOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """``undo_of``: the operation that is taken back; ``is_partial``: only some of its changes."""

    undo_of: str = ""
    is_partial: bool = False
    # what all rows are about; None: they are about several subjects
    subject: str | None = None


class UndoRow(Struct, frozen=True, array_like=True, gc=False):
    """One subject, with states as the journal keeps them: ``target`` as the operation found it, ``left`` as it left it.

    ``key`` is whom it is about, in words; ``expected`` the state that a plan saw.
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


class _Subject(Struct, frozen=True, gc=False):
    """A row with its states read; states of one subject are compared whatever the version of their form."""

    row: UndoRow
    target: State | None
    expected: State | None


_ROWS = RowForm(UndoRow, "key")


class UndoAbout(Struct, frozen=True):
    """The course run or the program of an operation; rows name theirs themselves."""

    course: CourseRun | None
    program: ProgramFacts | None


def about(job: JobStatus) -> UndoAbout:
    """What an operation that is taken back is about."""
    course = get_courses([job.course_id])[job.course_id] if job.course_id is not None else None
    return UndoAbout(course, get_program(job.program_id) if job.program_id is not None else None)


def keep_undo(
    job_id: uuid.UUID, operation_id: uuid.UUID, changes: Collection[int] | None, size: int, version: int
) -> tuple[int, str | None]:
    """Stores the rows that take an operation back, or some of its changes; how many, and the subject of all of them."""
    parameters = {
        "job": job_id,
        "operation": operation_id,
        "subjects": [subject.value for subject in SUBJECTS],
        "changes": None if changes is None else list(changes),
        "size": size,
        "version": version,
    }
    [(rows, subject)] = fetch_all(_STATEMENTS["keep"](), parameters)
    return int(rows), subject


def preview_undo(
    _about: UndoAbout,
    options: UndoOptions,
    rows: Sequence[UndoRow],
    named: Named,  # noqa: ARG001  no row names a subject twice
) -> list[Previewed[UndoOutcome]]:
    """What ``write_undo`` would do now; of what was changed since, by whom."""
    given = [_read(row) for row in rows]
    found: dict[int, tuple[State | None, bool]] = {}
    for subject, find in _FIND.items():
        chosen = [(n, one) for n, one in enumerate(given) if one.row.subject == subject]
        if chosen:
            found.update(zip([n for n, _ in chosen], find([one for _, one in chosen]), strict=True))
    outcomes = {n: _outcome(one, found[n][0], may_be=found[n][1]) for n, one in enumerate(given)}
    conflicts = [n for n, outcome in outcomes.items() if outcome.word == CONFLICT]
    if conflicts:
        since = _who_changed(uuid.UUID(options.undo_of), [(n, rows[n]) for n in conflicts])
        for n in conflicts:
            was = outcomes[n]
            outcomes[n] = UndoOutcome(CONFLICT, was.before, was.after, Effect.REJECTED, None, since.get(n, Conflict()))
    return [Previewed(outcomes[n], row.account_id) for n, row in enumerate(rows)]


def _outcome(one: _Subject, now: State | None, *, may_be: bool) -> UndoOutcome:
    before, after = encode_state(now), encode_state(_comes_to(one, now))
    if one.row.expected is not None and not _same(now, one.expected):
        return UndoOutcome(STALE, before, before)
    standing = AS_LEFT if _same(now, one.expected) else before
    if _same(now, _comes_to(one, now)):
        return UndoOutcome(UNCHANGED, before, after, Effect.UNCHANGED, standing)
    if standing != AS_LEFT or not may_be:
        return UndoOutcome(CONFLICT, before, before)
    return UndoOutcome(RESTORED, before, after, _effect(now, _comes_to(one, now)), standing)


def _comes_to(one: _Subject, now: State | None) -> State | None:
    """How the subject is once it is put back: an enrollment that the operation made stays as an ended one."""
    if one.row.subject != Subject.COURSE_ENROLLMENT:
        return one.target
    return course_state(restored(_standing(one.target), _standing(now)))


def _same(one: State | None, other: State | None) -> bool:
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
    return None


def _effect(before: State | None, after: State | None) -> Effect:
    was, is_ = _is_present(before), _is_present(after)
    if was is None or was == is_:
        return Effect.CHANGE
    return Effect.ADD if is_ else Effect.REMOVE


def _is_present(state: State | None) -> bool:
    if isinstance(state, CourseState):
        standing = standing_in(state)
        return standing.enrolled or standing.allowed
    if isinstance(state, (StudentState, StudentCourseState)):
        return state.status not in {CANCELED, ENDED, INACTIVE}
    return False


def _read(row: UndoRow) -> _Subject:
    """A row with its states; what is being applied expects what the plan saw."""
    subject = Subject(row.subject)
    expected = row.left if row.expected in {None, AS_LEFT} else row.expected
    return _Subject(row, read_state(subject, row.target), read_state(subject, expected or ""))


def _standing(state: State | None) -> Any:
    return standing_in(state if isinstance(state, CourseState) else None)


def _course_restore(one: _Subject) -> CourseRestore:
    assert one.row.course_id is not None  # noqa: S101  an entry of this subject names one
    expected, target = _standing(one.expected), _standing(one.target)
    return CourseRestore(one.row.course_id, one.row.account_id, one.row.key, target, expected)


def _organizations(given: Iterable[_Subject]) -> dict[int, int]:
    """Program → its organization."""
    programs = get_programs({one.row.program_id for one in given if one.row.program_id})
    return {program.id: program.organization_id for program in programs.values()}


def _student_restore(one: _Subject, organizations: Mapping[int, int]) -> StudentRestore:
    program_id = one.row.program_id or 0
    states = [state.status if isinstance(state, StudentState) else None for state in (one.target, one.expected)]
    return StudentRestore(program_id, organizations[program_id], one.row.key, *states)


def _student_course_restore(one: _Subject, organizations: Mapping[int, int]) -> StudentCourseRestore:
    program_id = one.row.program_id or 0
    held = [
        (state.status, state.course_staff is True) if isinstance(state, StudentCourseState) else None
        for state in (one.target, one.expected)
    ]
    return StudentCourseRestore(program_id, organizations[program_id], one.row.course_id or 0, one.row.key, *held)


def _find_courses(given: Sequence[_Subject]) -> list[tuple[State | None, bool]]:
    found = find_standings([_course_restore(one) for one in given])
    return [(course_state(each.standing), each.fits) for each in found]


def _find_students(given: Sequence[_Subject]) -> list[tuple[State | None, bool]]:
    organizations = _organizations(given)
    found = find_statuses([_student_restore(one, organizations) for one in given])
    # who is in course runs of the program stays, unless those rows go as well: that is seen when it is written
    return [(student_state(status), True) for status, _ in found]


def _find_student_courses(given: Sequence[_Subject]) -> list[tuple[State | None, bool]]:
    organizations = _organizations(given)
    found = find_course_statuses([_student_course_restore(one, organizations) for one in given])
    return [(student_course_state(*held) if held else None, may_be) for held, may_be in found]


def _find_roles(given: Sequence[_Subject]) -> list[tuple[State | None, bool]]:
    held = find_course_roles([_role(one) for one in given])
    return [(CourseRoleState(role=one.row.role or "") if _role(one) in held else None, True) for one in given]


def _role(one: _Subject) -> CourseRoleRequest:
    return CourseRoleRequest(CourseRole(one.row.role or ""), one.row.account_id or 0, one.row.course_id or 0)


def _find_grades(given: Sequence[_Subject]) -> list[tuple[State | None, bool]]:
    pairs = [(one.row.course_id or 0, one.row.account_id or 0) for one in given]
    held = find_grades(pairs)
    return [(held.get(pair), True) for pair in pairs]


_FIND: Mapping[Subject, Callable[[Sequence[_Subject]], list[tuple[State | None, bool]]]] = {
    Subject.COURSE_ENROLLMENT: _find_courses,
    Subject.PROGRAM_ENROLLMENT: _find_students,
    Subject.PROGRAM_COURSE_ENROLLMENT: _find_student_courses,
    Subject.COURSE_ROLE: _find_roles,
    Subject.GRADE: _find_grades,
}


def _who_changed(operation_id: uuid.UUID, rows: Sequence[tuple[int, UndoRow]]) -> dict[int, Conflict]:
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


def write_undo(
    operation: Operation, _about: UndoAbout, _options: UndoOptions, rows: Sequence[UndoRow]
) -> list[UndoOutcome]:
    """Puts back what each row names, if it is as expected, in one transaction; else the row is stale."""
    return in_one_transaction(lambda: _write(operation, rows))


def _write(operation: Operation, rows: Sequence[UndoRow]) -> list[UndoOutcome]:
    given = [_read(row) for row in rows]
    organizations = _organizations(given)
    of = {subject: [(n, one) for n, one in enumerate(given) if one.row.subject == subject] for subject in _FIND}
    students = [_student_restore(one, organizations) for _, one in of[Subject.PROGRAM_ENROLLMENT]]
    courses = [_student_course_restore(one, organizations) for _, one in of[Subject.PROGRAM_COURSE_ENROLLMENT]]
    _lock(students, courses)
    done: dict[int, bool] = {}
    entries: list[Entry] = []

    def keep(subject: Subject, found: Sequence[bool | None], more: Sequence[Entry] = ()) -> None:
        done.update((n, is_done) for (n, _), is_done in zip(of[subject], found, strict=True) if is_done is not None)
        entries.extend(more)

    keep(Subject.PROGRAM_ENROLLMENT, *restore_students(operation, students, creating=True))
    keep(Subject.PROGRAM_COURSE_ENROLLMENT, *restore_course_rows(operation, courses))
    seats = [_course_restore(one) for _, one in of[Subject.COURSE_ENROLLMENT]]
    keep(Subject.COURSE_ENROLLMENT, *restore_course_enrollments(operation, seats))
    keep(Subject.PROGRAM_ENROLLMENT, *restore_students(operation, students, creating=False))
    add_entries(operation, entries)
    keep(Subject.COURSE_ROLE, _restore_roles(operation, [one for _, one in of[Subject.COURSE_ROLE]]))
    keep(Subject.GRADE, _restore_grades(operation, [one for _, one in of[Subject.GRADE]]))
    record_operation(operation)
    return [_written(one, done[n]) for n, one in enumerate(given)]


def _written(one: _Subject, is_done: bool) -> UndoOutcome:
    before = encode_state(one.expected)
    if not is_done:
        return UndoOutcome(STALE, before, before)
    after = _comes_to(one, one.expected)
    return UndoOutcome(UNCHANGED if _same(after, one.expected) else RESTORED, before, encode_state(after))


def _lock(students: Sequence[StudentRestore], courses: Sequence[StudentCourseRestore]) -> None:
    """Student keys, program rows, course enrollments: in the order of all who write through a program."""
    both: list[StudentRestore | StudentCourseRestore] = [*students, *courses]
    if not both:
        return
    lock_keys_of_organizations({(row.organization_id, fold(row.student_key)) for row in both})
    keys: dict[int, set[str]] = {}
    for row in both:
        keys.setdefault(row.program_id, set()).add(fold(row.student_key))
    for program_id in sorted(keys):
        lock_students(program_id, sorted(keys[program_id]))
    lock_seats(set(list_accounts(courses)))


def _restore_roles(operation: Operation, given: Sequence[_Subject]) -> list[bool]:
    held = find_course_roles([_role(one) for one in given])
    done = [(_role(one) in held) == (one.expected is not None) for one in given]
    changed = [one for one, is_done in zip(given, done, strict=True) if is_done]
    given_back = [_role(one) for one in changed if one.target is not None]
    taken = [_role(one) for one in changed if one.target is None]
    write_grants(operation, given_back, granted=True)
    write_grants(operation, taken, granted=False)
    return done


def _restore_grades(operation: Operation, given: Sequence[_Subject]) -> list[bool]:
    if not given:
        return []
    rows = [
        GradeRestore(
            one.row.course_id or 0,
            one.row.account_id or 0,
            one.target if isinstance(one.target, GradeState) else None,
            one.expected if isinstance(one.expected, GradeState) else None,
        )
        for one in given
    ]
    return restore_grades(operation, rows)


def undo_effect(outcome: UndoOutcome) -> Effect:
    """What a planned row would do."""
    return outcome.effect


def parse_undo(_stream: BinaryIO, _about: UndoAbout, _options: UndoOptions) -> Parsed[UndoOptions, UndoRow]:
    """There is no file of these."""
    raise NotImplementedError


def undo_columns(_options: UndoOptions) -> tuple[str, ...]:
    """Of the file of rejected rows."""
    return COLUMNS


def describe_undo(row: UndoRow, outcome: UndoOutcome, _is_check: bool) -> Described:
    """A row in words."""
    subject = Subject(row.subject)
    before, after = (state_words(read_state(subject, text)) for text in (outcome.before, outcome.after))
    rejection = ""
    if outcome.word == CONFLICT:
        rejection = _conflict_text(outcome.conflict or Conflict())
    elif outcome.word == STALE:
        rejection = stale_text()
    cells = (row.subject, row.key, before, after)
    word = words().get(outcome.word, outcome.word)
    return Described(row.number, row.key, outcome.word, word, before, after, rejection, cells)


def _conflict_text(conflict: Conflict) -> str:
    if conflict.at is None:
        return _("This can't be put back as it was: something else changed since.")
    return _("Changed since by %(who)s on %(when)s (operation %(operation)s).") % {
        "who": conflict.by or _("the system"),
        "when": conflict.at.strftime("%Y-%m-%d %H:%M %Z"),
        "operation": conflict.operation,
    }


def state_words(state: State | None) -> str:
    """A state in words, in the active language."""
    if isinstance(state, CourseState):
        standing = standing_in(state)
        if standing.enrolled and standing.seat:
            return f"{_('enrolled')} ({standing.seat.mode})"
        return _("invited") if standing.allowed else _("not enrolled")
    if isinstance(state, StudentCourseState):
        staff = f", {_('course staff')}" if state.course_staff is True else ""
        return status_words(state.status) + staff
    if isinstance(state, StudentState):
        return status_words(state.status)
    if isinstance(state, GradeState):
        return state.error or f"{state.percent:.0%}"
    if isinstance(state, CourseRoleState):
        return state.role
    return "–"


def words() -> Mapping[str, str]:
    """The words under which rows are counted, in order."""
    return {
        RESTORED: _("undone"),
        UNCHANGED: _("unchanged"),
        CONFLICT: _("changed since"),
        STALE: _("not applied: changed since the plan was made"),
        "error": _("rejected"),
    }


def _fits(options: UndoOptions) -> bool:
    """True where all rows may be written as a set: none waits for another one."""
    return options.subject in {Subject.COURSE_ENROLLMENT, Subject.PROGRAM_ENROLLMENT}


def _resolve(job_id: uuid.UUID, about: UndoAbout, size: int, chunk: int) -> None:
    rows = [(text, _ROWS.row("", text, None, None)) for text in list_asks()]
    known = [(text, states) for text, row in rows if (states := _as_set(row, about))]
    parameters = {
        "job": job_id,
        "course": about.course and about.course.id,
        "program": about.program and about.program.id,
        "asks": [text for text, _ in known],
        "expected": [expected for _, (expected, _) in known],
        "targets": [target for _, (_, target) in known],
        "size": size,
        "chunk": chunk,
    }
    execute(_STATEMENTS["resolve_courses" if about.course else "resolve_students"](), parameters)


def _as_set(row: UndoRow, about: UndoAbout) -> tuple[str, str] | None:
    """What is expected and what is to be, as ``resolve`` reads it; None for what can't be written as one of a set."""
    one = _read(row)
    if row.subject == Subject.PROGRAM_ENROLLMENT and about.program and row.program_id == about.program.id:
        return _status(one.expected), _status(one.target)
    if row.subject == Subject.COURSE_ENROLLMENT and about.course and row.course_id == about.course.id:
        before = _standing(one.expected)
        after = restored(_standing(one.target), before)
        if before.invitation is None and after.invitation is None:
            return standing_text(before), standing_text(after)
    return None


def _status(state: State | None) -> str:
    return state.status if isinstance(state, StudentState) else ""


def _decide(
    number: int, standing: str, row: UndoRow, about: UndoAbout, _options: UndoOptions, is_check: bool
) -> tuple[CourseCase | StudentCase, UndoOutcome]:
    one = _read(row)
    if about.course:
        now = standing_of(standing)
        outcome = _outcome(one, course_state(now), may_be=True)
        after = restored(_standing(one.target), now) if outcome.word == RESTORED else now
        case: CourseCase | StudentCase = course_bulk.case_of(number, standing, restoring(now, after), about.course.id)
    else:
        outcome = _outcome(one, student_state(standing or None), may_be=True)
        target = one.target.status if isinstance(one.target, StudentState) else None
        case = program_bulk.case_of(number, standing or None, target if outcome.word == RESTORED else standing or None)
    return case, outcome if is_check else UndoOutcome(outcome.word, outcome.before, outcome.after)


def _write_slice(
    operation: Operation, about: UndoAbout, piece: Slice, cases: Sequence[Any], rows: Mapping[int, int]
) -> None:
    if about.course:
        course_bulk.write_slice(operation, about.course, piece, cases, rows)
    elif about.program:
        program_bulk.write_slice(operation, about.program, piece, cases, rows)


BULK = Bulk(_fits, _resolve, _decide, _write_slice)


REJECTED = frozenset({CONFLICT, STALE, "error"})
