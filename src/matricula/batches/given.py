"""Rows of a plan that come as a list, and not as a file (record-api: Plans). A row that is wrong is rejected alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.batches.courses import CourseRow, checked_ask
from matricula.batches.looking import people_of_keys
from matricula.batches.programs import CourseStudentRow, StudentRow, run_ids
from matricula.batches.values import Rejected, RowRejected
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.enrollments.course.recipients import only_address
from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import (
    LONGEST_LINE,
    TextProblem,
    has_control_characters,
    key_problem,
    reason_problem,
    storable,
    trim,
)


class GivenLearner(Struct, frozen=True):
    """What a list asks for one identifier; None: as for all."""

    identifier: str
    action: str | None = None
    mode: str | None = None
    auto_enroll: bool | None = None
    reason: str | None = None


class GivenStudent(Struct, frozen=True):
    """What a list asks for one student of a program."""

    student_key: str
    status: str


class GivenCourseStudent(Struct, frozen=True):
    """What a list asks for one student in a course run of a program, by its key or the program's own for it."""

    course_id: str
    student_key: str
    status: str
    course_staff: bool | None = None


def learner_rows(course: CourseRun, given: Iterable[GivenLearner]) -> Iterator[CourseRow | Rejected]:
    """The rows of a plan of course enrollments, numbered from 1."""

    def row(number: int, one: GivenLearner) -> CourseRow:
        identifier = only_address(_key(one.identifier))
        _check(reason_problem(one.reason or ""))
        requested = checked_ask(one.action or "", one.mode or "", course.modes)
        return CourseRow(identifier, number, *requested, one.auto_enroll, one.reason or None)

    return _rows(given, row, lambda one: one.identifier)


def listed_rows(course: CourseRun, identifiers: Sequence[str]) -> Iterator[CourseRow | Rejected]:
    """The rows of a list that someone pasted, numbered from 1: addresses, usernames, and student keys."""
    people = people_of_keys(course, identifiers)
    for number, identifier in enumerate(identifiers, 1):
        known = people.get(fold(identifier), identifier)
        if isinstance(known, RowRejected):
            yield Rejected(number, (identifier,), str(known), identifier)
        else:
            yield CourseRow(known, number)


def student_rows(given: Iterable[GivenStudent]) -> Iterator[StudentRow | Rejected]:
    """The rows of a plan of program enrollments, numbered from 1."""

    def row(number: int, one: GivenStudent) -> StudentRow:
        return StudentRow(_key(one.student_key), _status(one.status), number=number)

    return _rows(given, row, lambda one: one.student_key)


def course_student_rows(
    program: ProgramFacts, given: Iterable[GivenCourseStudent], *, course_roles: bool
) -> Iterator[CourseStudentRow | Rejected]:
    """The rows of a plan of enrollments in course runs of a program, numbered from 1.

    ``course_roles``: who asks may say who is course staff.
    """
    runs = run_ids(program.id)

    def row(number: int, one: GivenCourseStudent) -> CourseStudentRow:
        if one.course_staff is not None and not course_roles:
            raise RowRejected(_("You don't have the feature course_roles, so leave out course_staff."))
        course = _key(one.course_id)
        key, status = _key(one.student_key), _status(one.status)
        return CourseStudentRow(course, key, status, False, runs.get(course), one.course_staff, number)

    return _rows(given, row, lambda one: one.student_key)


def _rows(given: Iterable[Any], row: Callable[[int, Any], Any], key: Callable[[Any], str]) -> Iterator[Any]:
    for number, one in enumerate(given, 1):
        try:
            yield row(number, one)
        except RowRejected as rejected:
            named = storable(trim(key(one)))[:LONGEST_LINE]
            yield Rejected(number, (named,), str(rejected), named)


def _key(text: str) -> str:
    text = trim(text)
    _check(key_problem(text))
    return text


def _status(text: str) -> str:
    # an unknown one is rejected by the rules, in the contract's word
    text = trim(text)
    if len(text) > LONGEST_LINE or has_control_characters(text):
        raise RowRejected(_("This status doesn't exist."))
    return text


def _check(problem: TextProblem | None) -> None:
    if problem:
        raise RowRejected(translated(problem))
