"""One student's status in a program, or in a course run of it: what a change would do, and doing it."""

from msgspec import Struct

from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program.outcomes import rejection_text
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    preview_program_course_enrollments,
    preview_program_enrollments,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.journal.writes import Operation


class StudentChange(Struct, frozen=True):
    """A wanted status of a student who is in the program; in the course run ``course_id`` where there is one."""

    student_key: str
    status: str
    course_id: int | None = None


class ForeseenChange(Struct, frozen=True):
    """What a change would do now: the status before (None: none), and why it is rejected, in words ('': it is not)."""

    before: str | None
    refusal: str


def preview_student_change(program: ProgramFacts, change: StudentChange) -> ForeseenChange:
    """What ``write_student_change`` would do now. Nothing is locked or stored."""
    if change.course_id is None:
        [(word, before)] = preview_program_enrollments(program, Verb.UPDATE, [_request(change)])
    else:
        course = _course_request(change, change.course_id)
        [found] = preview_program_course_enrollments(program, Verb.CREATE_OR_UPDATE, [course])
        word, before = found.word, found.stored.status if found.stored else None
    return ForeseenChange(before, _refusal(word))


def write_student_change(operation: Operation, program: ProgramFacts, change: StudentChange) -> str:
    """Sets the status; why it is rejected, in words, '' where it is not."""
    if change.course_id is None:
        [word] = write_program_enrollments(operation, program, Verb.UPDATE, [_request(change)])
    else:
        course = _course_request(change, change.course_id)
        [word] = write_program_course_enrollments(operation, program, Verb.CREATE_OR_UPDATE, [course])
    return _refusal(word)


def _request(change: StudentChange) -> ProgramRequest:
    return ProgramRequest(change.student_key, change.status)


def _course_request(change: StudentChange, course_id: int) -> ProgramCourseRequest:
    return ProgramCourseRequest(course_id, change.student_key, change.status)


def _refusal(word: str) -> str:
    return "" if word in statuses.CARRIED_OUT else rejection_text(word)
