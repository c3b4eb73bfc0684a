"""What a request asks for: the course run or program that it names, and the rows of a plan (record-api: Plans)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import ngettext
from msgspec import UNSET
from msgspec.structs import replace

from matricula.access.reads import find_program_caller_by_account
from matricula.access.statuses import FEATURE_COURSE_ROLES, Feature
from matricula.batches.courses import CourseOptions
from matricula.batches.given import (
    GivenCourseStudent,
    GivenLearner,
    GivenStudent,
    course_student_rows,
    learner_rows,
    student_rows,
)
from matricula.batches.plans.reads import KINDS
from matricula.batches.plans.statuses import PlanKind, Scope
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.rights import may_read_about, may_write_about
from matricula.batches.runs import Given, given_rows, rows_of_file
from matricula.batches.stored import AnyKind
from matricula.batches.values import Options
from matricula.catalog.course_keys import is_course_key
from matricula.catalog.reads import CourseRun, ProgramFacts, find_course, find_program
from matricula.foundation.text import has_control_characters, one_line, reason_problem, trim
from matricula.rest import errors
from matricula.rest.contracts.record.guard import not_allowed
from matricula.rest.contracts.record.schemas import ROWS_IN_A_REQUEST, GivenRow, PlanBody, PlanOfFile
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message, invalid_field, invalid_fields, text_message

_LONGEST_NAME = 255
_REQUIRED = Message("This is required.")
_NEEDED: Mapping[PlanKind, tuple[str, ...]] = {
    PlanKind.COURSE_ENROLLMENTS: ("identifier",),
    PlanKind.PROGRAM_ENROLLMENTS: ("student_key", "status"),
    PlanKind.PROGRAM_COURSE_ENROLLMENTS: ("course_id", "student_key", "status"),
}


@dataclass(frozen=True, slots=True)
class Requested:
    """A plan as it is asked for."""

    kind: AnyKind
    about: CourseRun | ProgramFacts
    given: Given
    name: str | None
    scope: Scope
    features: frozenset[Feature] = field(default_factory=frozenset)


def find_visible(call: AnyCall, course: str | None, program: str | None) -> tuple[int | None, int | None]:
    """The ids of the course run and the program that a list is asked for. Errors: 400, 404."""
    return (
        None if course is None else find_visible_course(call, course).id,
        None if program is None else find_visible_program(call, program).id,
    )


def find_visible_course(call: AnyCall, key: str) -> CourseRun:
    """The course run with this key. Errors: 400 (key), 404."""
    if has_control_characters(key) or not is_course_key(key):
        raise invalid_field("course", "The course key must look like course-v1:Org+Course+Run.")
    course = find_course(key)
    if course is None or not may_read_about(call.account_id, course.id, None):
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))
    return course


def find_visible_program(call: AnyCall, key: str) -> ProgramFacts:
    """The program with this key. Errors: 404."""
    program = None if has_control_characters(key) else find_program(key)
    if program is None or not may_read_about(call.account_id, None, program.id):
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no program with this key."))
    return program


def requested_rows(call: AnyCall, body: PlanBody) -> Requested:
    """A plan of rows in the request. Errors: 400, 404, 403."""
    rows = body.rows
    if rows is UNSET:
        raise invalid_fields({"rows": _REQUIRED})
    if not rows:
        raise invalid_field("rows", "Send at least one row. With the scope “all”, an empty list would remove everyone.")
    if len(rows) > ROWS_IN_A_REQUEST:
        raise invalid_field(
            "rows",
            "A request can contain at most %(limit)s rows. Send these %(count)s as a file.",
            limit=ROWS_IN_A_REQUEST,
            count=len(rows),
        )
    kind = PlanKind(body.kind)
    _check_rows(kind, rows)
    about, features = _about(call, body)
    name = plan_name(body.name) or ngettext("%(count)s row", "%(count)s rows", len(rows)) % {"count": len(rows)}
    options = _options(body, about, features)
    if isinstance(about, CourseRun):
        given = given_rows(learner_rows(about, _learners(rows)), options)
    elif kind is PlanKind.PROGRAM_ENROLLMENTS:
        given = given_rows(student_rows(_students(rows)), options)
    else:
        course_roles = FEATURE_COURSE_ROLES in features
        options = replace(options, course_staff=any(row.course_staff is not None for row in rows) and course_roles)
        given = given_rows(course_student_rows(about, _course_students(rows), course_roles=course_roles), options)
    return Requested(KINDS[kind], about, given, name, body.scope, _needed_features(kind, options))


def requested_file(call: AnyCall, body: PlanOfFile, stream: BinaryIO, file_name: str | None) -> Requested:
    """A plan of the rows of a file. Errors: 400, 404, 403."""
    kind = PlanKind(body.kind)
    about, features = _about(call, body)
    label = one_line(file_name or "", _LONGEST_NAME) or None
    options = replace(_options(body, about, features), file=label)
    given = rows_of_file(KINDS[kind], about, stream, options)
    # the column of course staff is read where it is there, and then the feature is needed to apply it
    return Requested(KINDS[kind], about, given, plan_name(body.name) or label, body.scope)


def checked_reason(name: str, text: str | None) -> str | None:
    """The text of a reason or a note. Errors: 400."""
    if text and (problem := reason_problem(text)):
        raise invalid_fields({name: text_message(problem)})
    return text or None


def _about(call: AnyCall, body: PlanOfFile) -> tuple[CourseRun | ProgramFacts, frozenset[Feature]]:
    wanted, other = (
        ("course", "program") if PlanKind(body.kind) is PlanKind.COURSE_ENROLLMENTS else ("program", "course")
    )
    if getattr(body, other) is not None:
        raise invalid_field(other, "Leave this out. A plan of this kind needs %(field)s alone.", field=wanted)
    key = getattr(body, wanted)
    if key is None:
        raise invalid_fields({wanted: _REQUIRED})
    if wanted == "course":
        return find_visible_course(call, key), frozenset()
    program = find_visible_program(call, key)
    if not may_write_about(call.account_id, None, program.id):
        raise not_allowed()
    found = find_program_caller_by_account(call.account_id, program.key)
    return program, found[1].features if found and found[1] else frozenset()


def _options(body: PlanOfFile, about: CourseRun | ProgramFacts, features: frozenset[Feature]) -> Options:
    given = body.defaults
    reason = checked_reason("defaults.reason", given.reason)
    if isinstance(about, ProgramFacts):
        if PlanKind(body.kind) is PlanKind.PROGRAM_ENROLLMENTS:
            return Options(reason=reason)
        return CourseStudentOptions(reason=reason, course_staff=FEATURE_COURSE_ROLES in features)
    if given.mode is not None and given.mode not in about.modes:
        raise invalid_field(
            "defaults.mode",
            "This course run doesn't have this mode. It has: %(modes)s.",
            modes=", ".join(about.modes),
        )
    return CourseOptions(
        action=given.action,
        mode=given.mode,
        auto_enroll=given.auto_enroll,
        email_student=given.email_students,
        reason=reason,
    )


def _needed_features(kind: PlanKind, options: Options) -> frozenset[Feature]:
    return frozenset(map(Feature, KINDS[kind].features(options)))


def plan_name(given: str | None) -> str | None:
    """The name that a plan is given. Errors: 400."""
    if given is None:
        return None
    name = trim(given)
    if has_control_characters(name):
        raise invalid_field("name", "This text can't contain control characters.")
    return name or None


def _check_rows(kind: PlanKind, rows: Iterable[GivenRow]) -> None:
    needed = _NEEDED[kind]
    for number, row in enumerate(rows, 1):
        for name in needed:
            if getattr(row, name) is None:
                raise invalid_field(
                    "rows",
                    "Row %(number)s has no %(field)s, which rows of this kind need.",
                    number=number,
                    field=name,
                )


def _learners(rows: Iterable[GivenRow]) -> Iterable[GivenLearner]:
    for row in rows:
        yield GivenLearner(row.identifier or "", row.action, row.mode, row.auto_enroll, row.reason)


def _students(rows: Iterable[GivenRow]) -> Iterable[GivenStudent]:
    for row in rows:
        yield GivenStudent(row.student_key or "", row.status or "")


def _course_students(rows: Iterable[GivenRow]) -> Iterable[GivenCourseStudent]:
    for row in rows:
        yield GivenCourseStudent(row.course_id or "", row.student_key or "", row.status or "", row.course_staff)
