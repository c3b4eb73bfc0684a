"""Course enrollments in a program of a large job: found, decided and written set by set (docs/decisions/0029).

The decisions are those of ``rules``; what can't be written as one of a set is written by ``writes``.
"""

import uuid
from collections.abc import Mapping, Sequence

from msgspec import Struct

from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program import rules
from matricula.enrollments.program.rules import Step, Verb
from matricula.enrollments.store.entries import course_entry, student_course_state
from matricula.enrollments.store.standings import NOWHERE, Place
from matricula.enrollments.store.students import CourseRow
from matricula.enrollments.store.values import Decision, Standing
from matricula.enrollments.store.work import (
    NO_STUDENT,
    NOT_LINKED,
    SLICE,
    SLICED,
    Case,
    Changed,
    Slice,
    count_rows,
    parameters_of,
    standing_of,
)
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.journal.states import encode_state
from matricula.journal.writes import Operation
from matricula.learners.locks import share_student_keys

_STATEMENTS = read_statements(__file__, sliced=SLICED, slice=SLICE)


class Ask(Struct, frozen=True):
    """What rows ask for, as it is stored: a status in a course run; ``course_staff`` None leaves the role alone.

    ``is_plain``: it may be written as one of a set.
    """

    text: str
    course_id: int
    course_staff: bool | None
    is_plain: bool


class CourseStudentCase(Case, frozen=True):
    """What becomes of students of one standing for whom one thing is asked."""

    course_id: int
    # anything is written: then all that was read is compared
    writes: bool
    # the row of the program
    inserts: bool
    updates: bool
    status: str
    transition: str
    before: str
    after: str
    # the enrollment of the account
    inserts_seat: bool
    updates_seat: bool
    mode: str | None
    is_active: bool | None
    seat_transition: str
    seat_before: str
    seat_after: str


class _Found(Struct, frozen=True):
    """What is stored of a student in a course run, as ``resolve`` wrote it; ``seat`` None: the key isn't linked."""

    in_program: bool
    status: str | None = None
    course_staff: bool = False
    seat: Standing | None = None


def resolve(job_id: uuid.UUID, program: ProgramFacts, asks: Sequence[Ask], size: int, chunk: int) -> None:
    """Finds the students whom the rows of ``asked`` name, and makes slices of so many rows.

    ``chunk``: of rows that can't be written as one of a set. ``asks``: all that ask for something in a course run, also
    what isn't plain, so that a student who is named twice there is seen.
    """
    values = {
        "job": job_id,
        "program": program.id,
        "organization": program.organization_id,
        "asks": [ask.text for ask in asks],
        "courses": [ask.course_id for ask in asks],
        "staff": [ask.course_staff for ask in asks],
        "alone": [ask.is_plain for ask in asks],
        "size": size,
        "chunk": chunk,
    }
    execute(_STATEMENTS["resolve"](), values)


def decide_case(
    number: int, standing: str, wanted: str, course_id: int, *, expected: str | None
) -> tuple[CourseStudentCase, str, CourseRow | None]:
    """What becomes of students of a standing; the word for each of them, and the row before."""
    found = _found(standing)
    held = CourseRow(0, found.status, found.course_staff) if found.status else None
    if expected not in {None, standing}:
        step = Step(statuses.STALE)
        return _case(number, standing, wanted, course_id, found, step), step.word, held
    step = rules.decide_course_enrollment(Verb.CREATE_OR_UPDATE, found.status, wanted, in_program=found.in_program)
    return _case(number, standing, wanted, course_id, found, step), step.word, held


def _case(number: int, standing: str, wanted: str, course_id: int, found: _Found, step: Step) -> CourseStudentCase:
    changes = step.writes and wanted != found.status
    seat_before = found.seat or NOWHERE
    decision = rules.decide_seat(seat_before, wanted) if step.writes and found.seat else Decision(seat_before, "")
    seat, seat_changes = decision.standing.seat, decision.standing != seat_before
    entry = course_entry(Place(course_id, 1, "", ""), seat_before, decision, None, None)
    before = student_course_state(found.status, found.course_staff) if found.status else None
    return CourseStudentCase(
        number=number,
        standing=standing,
        course_id=course_id,
        writes=changes or seat_changes,
        inserts=changes and found.status is None,
        updates=changes and found.status is not None,
        status=wanted,
        transition=f"from {found.status or 'none'} to {wanted}",
        before=encode_state(before),
        after=encode_state(student_course_state(wanted, found.course_staff)),
        inserts_seat=seat_changes and seat_before.seat is None,
        updates_seat=seat_changes and seat_before.seat is not None,
        mode=seat.mode if seat else None,
        is_active=seat.is_active if seat else None,
        seat_transition=entry.transition,
        seat_before=encode_state(entry.before),
        seat_after=encode_state(entry.after),
    )


def _found(text: str) -> _Found:
    if text == NO_STUDENT:
        return _Found(in_program=False)
    row, _, seat = text.partition("/")
    status, _, course_staff = row.partition(" ")
    return _Found(True, status or None, course_staff == "true", None if seat == NOT_LINKED else standing_of(seat))


def write_slice(
    operation: Operation,
    program: ProgramFacts,
    piece: Slice,
    cases: Sequence[CourseStudentCase],
    rows: Mapping[int, int],
) -> None:
    """Writes a slice as it was decided, in the caller's transaction; ``rows``: case number → how many rows it has.

    Errors: ``Changed``, and what was written must be undone.
    """
    present = [case for case in cases if case.writes and rows.get(case.number)]
    if not present:
        return
    values = parameters_of(operation, piece, present, program=program.id, organization=program.organization_id)
    share_student_keys()
    for name in ("lock_students", "lock_seats", "lock_rows"):
        execute(_STATEMENTS[name](), values)
    [(as_read,)] = fetch_all(_STATEMENTS["compare"](), values)
    if as_read != count_rows(present, rows):
        raise Changed
    for name, wanted in (
        ("update_rows", [case for case in present if case.updates]),
        ("insert_rows", [case for case in present if case.inserts]),
        ("journal_rows", [case for case in present if case.inserts or case.updates]),
        ("insert_seats", [case for case in present if case.inserts_seat]),
        ("update_seats", [case for case in present if case.updates_seat]),
        ("journal_seats", [case for case in present if case.inserts_seat or case.updates_seat]),
    ):
        if wanted and execute(_STATEMENTS[name](), values) != count_rows(wanted, rows):
            raise Changed
