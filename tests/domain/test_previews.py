"""A preview says what the write would do now, and stores and locks nothing."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentRequest, preview_course_enrollments, write_course_enrollments
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    preview_program_course_enrollments,
    preview_program_enrollments,
)
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, PreEnrollment, ProgramEnrollment
from tests.conftest import World
from tests.journal import changes
from tests.university import University, facts

NOBODY = ["nobody", "bad@", "x" * 300]
PEOPLE = ["sam", "SAM@example.org", "later", "later@example.org", "staff", "new@example.org", *NOBODY]
wishes = st.builds(
    Requested,
    action=st.sampled_from(["enroll", "unenroll"]),
    mode=st.sampled_from([None, "audit", "verified"]),
    auto_enroll=st.booleans(),
)
batches = st.lists(st.builds(EnrollmentRequest, st.sampled_from(PEOPLE), wishes), max_size=8)


@settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(first=batches, second=batches)
def test_the_write_does_what_the_preview_said(
    world: World, first: list[EnrollmentRequest], second: list[EnrollmentRequest]
) -> None:
    for batch in (first, second):
        foreseen = preview_course_enrollments(world.course, batch)
        assert foreseen == write_course_enrollments(new_operation(None, "api"), world.course, batch)


def test_a_preview_only_reads(world: World, university: University) -> None:
    program = facts("n-cs")
    requests: list[Any] = [EnrollmentRequest(who, Requested("enroll")) for who in PEOPLE]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        preview_course_enrollments(world.course, requests)
        assert preview_program_enrollments(
            program, Verb.CREATE_OR_UPDATE, [ProgramRequest("S-1", "enrolled"), ProgramRequest("S-1", "ended")]
        ) == [("enrolled", None), ("ended", None)]
        preview_program_course_enrollments(
            program, Verb.CREATE_OR_UPDATE, [ProgramCourseRequest(university.course.pk, "S-1", "active")]
        )
    statements = [query["sql"].lower() for query in queries]
    assert len(statements) == 6
    assert not [sql for sql in statements if "for update" in sql or "key update" in sql or "lock" in sql]
    assert not [sql for sql in statements if sql.lstrip().startswith(("insert", "update", "delete"))]
    for table in (CourseEnrollment, PreEnrollment, ProgramEnrollment):
        assert not table.objects.exists()
    assert not changes().exists()
