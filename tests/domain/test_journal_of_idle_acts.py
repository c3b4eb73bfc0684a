"""An act that changes nothing is an operation all the same; what is tidied up on the way has its entry."""

from collections.abc import Callable

import pytest

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.grades.writes import StudentGradeRequest, write_student_grades
from matricula.history.integrity import list_differences
from matricula.identity.accounts import change_account
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import Operation, new_operation
from matricula.models import JournalEntry, OperationRecord, PreEnrollment
from tests.conftest import World
from tests.journal import record_setting
from tests.university import OWN, facts, make_university


@pytest.fixture
def student(world: World) -> int:
    """A student of the program who has an account."""
    make_university(world)
    record_setting()
    operation = new_operation(None, "api")
    write_program_enrollments(operation, facts(OWN), Verb.CREATE_OR_UPDATE, [ProgramRequest("S-9", "enrolled")])
    link_student_keys(operation, facts(OWN).organization_id, [("S-9", world.learner.pk)])
    return int(world.learner.pk)


def test_acts_that_find_all_as_it_shall_be_are_operations(world: World, student: int) -> None:
    course = world.course.id
    acts: list[Callable[[Operation], object]] = [
        lambda o: write_student_grades(o, facts(OWN), course, [StudentGradeRequest("S-9", 1.0, passed=True)]),
        lambda o: change_account(o, student, {"last_name": "Same"}),
        lambda o: write_grants(o, [CourseRoleRequest("staff", student, course)], granted=True),
    ]
    for act in acts:
        act(new_operation(None, "api"))
        again = new_operation(None, "api")
        act(again)
        assert OperationRecord.objects.filter(pk=again.id).exists()
        assert not JournalEntry.objects.filter(operation=again.id).exists()


def test_a_second_invitation_that_a_program_merges_has_its_entry(world: World, student: int) -> None:
    """Somebody inactive has an invitation, and gets an address under which another one waits."""
    account, operation = world.inactive.pk, new_operation(None, "console")
    wanted = [ProgramCourseRequest(world.course.id, "S-9", "inactive")]
    world.enroll("b@example.org")
    world.enroll("later@example.org")
    change_account(operation, account, {"is_active": True})
    change_account(operation, account, {"is_active": False})
    link_student_keys(operation, facts(OWN).organization_id, [("S-9", account)])
    write_program_course_enrollments(operation, facts(OWN), Verb.CREATE_OR_UPDATE, wanted)
    change_account(operation, account, {"email": "b@example.org"})
    assert PreEnrollment.objects.count() == 2
    write_program_course_enrollments(operation, facts(OWN), Verb.CREATE_OR_UPDATE, wanted)
    assert PreEnrollment.objects.count() == 1
    assert list(list_differences()) == []
