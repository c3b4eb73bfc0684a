"""Program enrollments and course enrollments in programs as stored, and what they do to accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.catalog.reads import ProgramFacts, find_program
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import (
    Course,
    CourseEnrollment,
    CourseRole,
    Organization,
    Program,
    ProgramCourse,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from tests.conftest import World, make_account
from tests.journal import changes


@dataclass
class University:
    """One organization with two programs over two course runs."""

    world: World
    program: ProgramFacts
    second: ProgramFacts
    course: Course
    extra: Course

    def enroll(self, *keys: str, status: str = "enrolled", verb: Verb = Verb.CREATE, second: bool = False) -> list[str]:
        program = self.second if second else self.program
        return write_program_enrollments(operation(), program, verb, [ProgramRequest(k, status) for k in keys])

    def study(
        self, *keys: str, status: str = "active", verb: Verb = Verb.CREATE, staff: bool | None = None,
        second: bool = False, course: Course | None = None,
    ) -> list[str]:  # fmt: skip
        requests = [ProgramCourseRequest((course or self.course).pk, k, status, staff) for k in keys]
        program = self.second if second else self.program
        return write_program_course_enrollments(operation(), program, verb, requests)

    def link(self, *links: tuple[str, object]) -> int:
        return link_student_keys(
            operation(),
            self.program.organization_id,
            [(key, account and account.pk) for key, account in links],  # type: ignore[attr-defined]
        )


def operation():  # type: ignore[no-untyped-def]
    return new_operation(None, "api")


@pytest.fixture
def university(world: World) -> University:
    north = Organization.objects.get(key="north")
    course = Course.objects.get(pk=world.course.id)
    extra = Course.objects.create(key="course-v1:North+B+1", organization=north, title="B", modes=["audit"])
    programs = [
        Program.objects.create(key=key, organization=north, title=key, type="Masters", manages_enrollments=True)
        for key in ("n-cs", "n-ds")
    ]
    for program in programs:
        for place, run in enumerate((course, extra)):
            ProgramCourse.objects.create(program=program, course=run, position=place)
    facts = [find_program(p.key) for p in programs]
    assert facts[0]
    assert facts[1]
    return University(world, facts[0], facts[1], course, extra)


def seat(account: object) -> Sequence[tuple[str, bool]]:
    return list(CourseEnrollment.objects.filter(account=account).values_list("mode", "is_active"))  # type: ignore[misc]


def rows() -> list[tuple[str, str]]:
    return list(ProgramCourseEnrollment.objects.order_by("id").values_list("program_enrollment__student_key", "status"))


def test_students_are_created_once_and_keys_ignore_case(university: University) -> None:
    assert university.enroll("S-1", "s-2") == ["enrolled", "enrolled"]
    assert university.enroll("s-1", status="pending") == ["conflict"]
    assert university.enroll("s-1", "x", status="ended", verb=Verb.UPDATE) == ["ended", "not-found"]
    assert university.enroll("S-2", "S-3", status="pending", verb=Verb.CREATE_OR_UPDATE) == ["pending", "pending"]
    assert list(ProgramEnrollment.objects.order_by("id").values_list("student_key", "status")) == [
        ("S-1", "ended"), ("s-2", "pending"), ("S-3", "pending"),
    ]  # fmt: skip
    entries = changes().order_by("id").values_list("student_key", "transition")
    assert list(entries) == [
        ("S-1", "from none to enrolled"), ("s-2", "from none to enrolled"), ("S-1", "from enrolled to ended"),
        ("s-2", "from enrolled to pending"), ("S-3", "from none to pending"),
    ]  # fmt: skip


def test_equal_updates_leave_no_audit_row(university: University) -> None:
    university.enroll("S-1")
    university.enroll("S-1", verb=Verb.UPDATE)
    assert changes().count() == 1


def test_a_waiting_student_becomes_real_when_the_key_is_linked(university: University) -> None:
    sam = university.world.learner
    university.enroll("S-1", "S-2")
    assert university.study("S-1", "S-9", staff=True) == ["active", "not-in-program"]
    university.study("S-1", status="inactive", course=university.extra)
    assert seat(sam) == []
    assert university.link(("s-1", sam)) == 1
    assert seat(sam) == [("masters", True), ("masters", False)]
    assert CourseRole.objects.filter(account=sam, role="staff", course=university.course).exists()
    assert ProgramEnrollment.objects.get(student_key="S-1").account_id == sam.pk
    assert university.link(("S-1", sam)) == 0


def test_a_linked_student_is_really_enrolled_in_masters_and_higher_modes_are_kept(university: University) -> None:
    world = university.world
    world.enroll("sam", mode="honor")
    world.enroll("staff", mode="verified")
    university.link(("S-1", world.learner), ("S-2", world.staff))
    university.enroll("S-1", "S-2")
    university.study("S-1", "S-2")
    assert (seat(world.learner), seat(world.staff)) == ([("masters", True)], [("verified", True)])
    university.study("S-1", status="inactive", verb=Verb.UPDATE)
    assert seat(world.learner) == [("masters", False)]


def test_unenrolling_by_the_enrollment_api_is_seen_in_the_program_and_back(university: University) -> None:
    world = university.world
    university.link(("S-1", world.learner))
    university.enroll("S-1")
    university.study("S-1")
    world.unenroll("sam")
    assert rows() == [("S-1", "inactive")]
    world.enroll("sam")
    assert rows() == [("S-1", "active")]
    subjects = changes().filter(subject="program_course_enrollment").order_by("id")
    assert [e.transition for e in subjects] == [
        "from none to active", "from active to inactive", "from inactive to active",
    ]  # fmt: skip


def test_a_key_moved_to_another_account_takes_its_enrollments_along(university: University) -> None:
    world = university.world
    university.link(("S-1", world.learner))
    university.enroll("S-1")
    university.study("S-1", staff=True)
    other = make_account("other")
    university.link(("S-1", other))
    assert (seat(world.learner), seat(other)) == ([("masters", False)], [("masters", True)])
    staff = CourseRole.objects.filter(role="staff", course=university.course)
    assert list(staff.order_by("id").values_list("account_id", flat=True)) == [world.staff.pk, other.pk]
    university.link(("S-1", None))
    assert seat(other) == [("masters", False)]
    assert ProgramEnrollment.objects.get().account_id is None
    assert rows() == [("S-1", "active")]
    assert [e.transition for e in changes().filter(subject="program_enrollment").order_by("id")] == [
        "from none to enrolled", "unlinked", "linked", "unlinked",
    ]  # fmt: skip


def test_an_account_has_one_key_at_an_organization(university: University) -> None:
    sam = university.world.learner
    university.enroll("S-1", "S-2")
    university.link(("S-1", sam))
    university.link(("S-2", sam))
    assert dict(ProgramEnrollment.objects.values_list("student_key", "account_id")) == {"S-1": None, "S-2": sam.pk}


def test_a_key_active_through_another_program_is_a_conflict(university: University) -> None:
    university.enroll("S-1")
    university.enroll("s-1", second=True)
    university.study("S-1")
    assert university.study("S-1", second=True) == ["conflict"]
    assert university.study("S-1", second=True, status="inactive") == ["inactive"]
    university.study("S-1", status="inactive", verb=Verb.UPDATE)
    assert university.study("S-1", second=True, verb=Verb.UPDATE) == ["active"]


@pytest.mark.parametrize("linked_first", [True, False])
def test_a_student_who_changed_programs_stays_enrolled_whatever_the_old_one_says_again(
    linked_first: bool, university: University
) -> None:
    sam = university.world.learner
    university.enroll("S-1")
    university.enroll("S-1", second=True)
    if linked_first:
        university.link(("S-1", sam))
    university.study("S-1", second=True)
    university.study("S-1", second=True, status="inactive", verb=Verb.UPDATE)
    university.study("S-1", status="inactive")
    university.study("S-1", second=True, verb=Verb.UPDATE)
    if not linked_first:
        university.link(("S-1", sam))
    for _ in range(2):
        assert seat(sam) == [("masters", True)]
        assert sorted(rows()) == [("S-1", "active"), ("S-1", "inactive")]
        assert university.study("S-1", status="inactive", verb=Verb.CREATE_OR_UPDATE) == ["inactive"]
    university.study("S-1", second=True, status="inactive", verb=Verb.UPDATE)
    assert seat(sam) == [("masters", False)]


def test_a_key_of_another_organization_keeps_the_enrollment_that_it_holds_too(university: University) -> None:
    sam, south = university.world.learner, Organization.objects.get(key="south")
    program = Program.objects.create(key="s-ds", organization=south, title="s", type="Masters")
    ProgramCourse.objects.create(program=program, course=university.course, position=0)
    abroad = find_program("s-ds")
    assert abroad is not None
    link_student_keys(operation(), south.pk, [("T-1", sam.pk)])
    university.link(("S-1", sam))
    university.enroll("S-1")
    university.study("S-1")
    write_program_enrollments(operation(), abroad, Verb.CREATE, [ProgramRequest("T-1", "enrolled")])
    request = ProgramCourseRequest(university.course.pk, "T-1", "active")
    assert write_program_course_enrollments(operation(), abroad, Verb.CREATE, [request]) == ["active"]
    university.study("S-1", status="inactive", verb=Verb.UPDATE)
    assert (seat(sam), rows()) == ([("masters", True)], [("S-1", "inactive"), ("T-1", "active")])
    university.study("S-1", verb=Verb.UPDATE)
    university.link(("S-1", None))
    assert seat(sam) == [("masters", True)]
    link_student_keys(operation(), south.pk, [("T-1", None)])
    assert seat(sam) == [("masters", False)]


def test_statements_do_not_grow_with_the_students(university: University) -> None:
    def statements(numbers: range) -> tuple[int, int, int]:
        keys = [f"S-{n}" for n in numbers]
        accounts = [make_account(f"u{n}") for n in numbers]
        counted = []
        for act in (
            lambda: university.enroll(*keys),
            lambda: university.study(*keys, staff=True),
            lambda: university.link(*zip(keys, accounts, strict=True)),
        ):
            with CaptureQueriesContext(connection) as queries:
                act()
            counted.append(len(queries))
        return tuple(counted)  # type: ignore[return-value]

    assert statements(range(2)) == statements(range(2, 60))
