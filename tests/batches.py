"""Batches of each kind as their doors start them, in short."""

import uuid
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.imports import ImportDoor, import_file
from matricula.batches.kinds import (
    COURSE_ENROLLMENTS,
    COURSE_STUDENTS,
    GRADES,
    IMPORTED_ENROLLMENTS,
    ROSTER,
    STUDENT_KEYS,
    STUDENTS,
    USERS,
    kind_of_students,
)
from matricula.batches.people import StudentKeyOptions
from matricula.batches.planning import apply_plan, make_plan
from matricula.batches.plans.reads import find_plan
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import given_rows, rows_of_file, start_batch, start_batch_of_file
from matricula.batches.values import Options
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.jobs.reads import JobStatus
from matricula.journal.statuses import Source


def start_enrollment_task(
    course: CourseRun, identifiers: Iterable[str], options: CourseOptions | None = None, *, actor_id: int
) -> uuid.UUID:
    """As the API does for several identifiers."""
    rows = map(CourseRow, identifiers)
    return start_batch(COURSE_ENROLLMENTS, course, rows, options or CourseOptions(), actor_id=actor_id, source="api")


def start_roster_check(course: CourseRun, *who: str, actor_id: int, auto_enroll: bool = False) -> uuid.UUID:
    """As the console does for a list."""
    rows, options = map(CourseRow, who), CourseOptions(auto_enroll=auto_enroll)
    return make_plan(ROSTER, course, given_rows(rows, options), actor_id=actor_id, source="console")


def start_roster_file_check(course: CourseRun, stream: BinaryIO, *, actor_id: int) -> uuid.UUID:
    """As the console does for a file."""
    given = rows_of_file(ROSTER, course, stream, CourseOptions())
    return make_plan(ROSTER, course, given, actor_id=actor_id, source="console")


def start_upload_check(stream: BinaryIO, program: ProgramFacts, *, actor_id: int, file: str) -> uuid.UUID:
    """As the console does for a file of students."""
    kind = kind_of_students(stream)
    options = CourseStudentOptions(file=file) if kind is COURSE_STUDENTS else Options(file=file)
    given = rows_of_file(kind, program, stream, options)
    return make_plan(kind, program, given, actor_id=actor_id, source="console")


def apply_check(check: JobStatus, *, source: str, reason: str | None) -> uuid.UUID:
    """Applies a plan as it is."""
    plan = find_plan(check.id)
    assert plan is not None
    return apply_plan(
        check.id, actor_id=check.actor_id, source=Source(source), fingerprint=plan.fingerprint or "", reason=reason
    )


def start_program_upload(
    stream: BinaryIO, program: ProgramFacts, *, actor_id: int | None, source: str = "upload"
) -> uuid.UUID:
    """As the API does."""
    return start_batch_of_file(STUDENTS, program, stream, Options(), actor_id=actor_id, source=source)


def start_course_upload(stream: BinaryIO, program: ProgramFacts, *, course_roles: bool = False) -> uuid.UUID:
    """As the API does, where the caller has the feature, or not."""
    options = CourseStudentOptions(course_staff=course_roles)
    return start_batch_of_file(COURSE_STUDENTS, program, stream, options, actor_id=None, source="upload")


def import_enrollments(file: Path, course: CourseRun, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    return import_file(IMPORTED_ENROLLMENTS, course, file, door, CourseOptions())


def import_users(file: Path, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    return import_file(USERS, None, file, door, Options())


def import_student_keys(file: Path, organization_id: int, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    options = StudentKeyOptions(organization_id=organization_id)
    return import_file(STUDENT_KEYS, organization_id, file, door, options)


def import_grades(file: Path, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    return import_file(GRADES, None, file, door, Options())


def import_program_enrollments(file: Path, program: ProgramFacts, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    return import_file(STUDENTS, program, file, door, Options())


def import_program_course_enrollments(file: Path, program: ProgramFacts, door: ImportDoor) -> Counter[str]:
    """As the command line does."""
    return import_file(COURSE_STUDENTS, program, file, door, CourseStudentOptions(course_staff=True))
