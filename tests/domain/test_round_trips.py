"""What ``export`` wrote, ``import`` takes back, and changes nothing (Files from the world)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Rejected
from matricula.catalog.reads import find_program, get_courses
from matricula.enrollments.course.exports import (
    export_enrollments,
    export_program_course_enrollments,
    export_program_enrollments,
    export_student_keys,
    export_users,
)
from matricula.grades.exports import export_grades
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    Course,
    CourseEnrollment,
    Grade,
    Program,
    ProgramCourse,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from matricula.tabular.exports import Export
from tests.batches import (
    import_enrollments,
    import_grades,
    import_program_course_enrollments,
    import_program_enrollments,
    import_student_keys,
    import_users,
)
from tests.conftest import World, make_account
from tests.journal import changes
from tests.university import University

# what texts may look like in a spreadsheet, and have to stay
KEYS = ["0012", "12", "1.20E+09", "200.0", "'5", "=1", "-1", "@x", 'a"b', "a;b,c", "Ärzte", "+49", "'=x", '="7"', "1E5"]
NAMES = [" Ana", "Ana ", "\tAna\n", "Ana\u200b", "=Ana", "'Ana", '"Ana"', "Ana, the first", "  "]

Read = Callable[[Path, ImportDoor], Counter[str]]


@pytest.fixture
def returns(tmp_path: Path) -> Callable[[Export, Read], Counter[str]]:
    """Exports and imports again: the counts, where no row was rejected and nothing was journaled."""

    def both(export: Export, read: Read) -> Counter[str]:
        file = tmp_path / "exported.csv"
        file.write_bytes(b"".join(export.take_blocks()))
        before, rejected = changes().count(), list[Rejected]()
        counts = read(file, ImportDoor(None, "command", lambda _place: None, rejected.append))
        assert [(row.cells, row.reason) for row in rejected] == []
        assert changes().count() == before
        return counts

    return both


def test_users_return_with_blanks_around_their_names(world: World, returns: Any) -> None:
    for number, name in enumerate(NAMES):
        make_account(f"u{number}", first_name=name, last_name=name)
    make_account("=odd", first_name="x")
    make_account("'5")
    other = make_account("merged", is_active=False)
    Account.objects.filter(pk=other.pk).update(merged_into=world.learner)
    unconfirmed = make_account("unconfirmed", is_active=False)
    Account.objects.filter(pk=unconfirmed.pk).update(self_registered=True, activated=None)
    counts = returns(export_users("csv"), import_users)
    assert counts == {"unchanged": Account.objects.count() - 2}


def test_a_roster_returns_with_modes_that_are_gone(world: World, returns: Any) -> None:
    world.enroll("sam", "staff", "elsewhere", mode="verified")
    world.enroll("instructor", "admin")
    world.unenroll("staff", "admin")
    Account.objects.filter(username="elsewhere").update(is_active=False)
    Course.objects.filter(pk=world.course.id).update(modes=["audit"])
    course = get_courses([world.course.id])[world.course.id]
    export = export_enrollments(course.id, "csv")
    before = set(CourseEnrollment.objects.values_list("account", "mode", "is_active"))
    counts = returns(export, lambda file, door: import_enrollments(file, course, door))
    assert counts == {"unchanged": 5}
    assert set(CourseEnrollment.objects.values_list("account", "mode", "is_active")) == before


def own(university: University) -> Any:
    return find_program(university.own.key)


def test_students_of_a_program_return_under_any_key(university: University, returns: Any) -> None:
    for place, key in enumerate(KEYS):
        status = ("enrolled", "pending", "suspended", "canceled", "ended")[place % 5]
        ProgramEnrollment.objects.create(
            program=university.own, student_key=key, status=status, created=timezone.now(), updated=timezone.now()
        )
    program = own(university)
    counts = returns(
        export_program_enrollments(program.id, "csv"),
        lambda file, door: import_program_enrollments(file, program, door),
    )
    assert counts.total() == len(KEYS)


def test_students_in_courses_return(university: University, returns: Any) -> None:
    ProgramCourse.objects.filter(course=university.course, program=university.own).update(external_key=" 0042 ")
    for place, key in enumerate(KEYS):
        student = ProgramEnrollment.objects.create(
            program=university.own, student_key=key, status="enrolled", created=timezone.now(), updated=timezone.now()
        )
        for course in (university.course, university.extra):
            ProgramCourseEnrollment.objects.create(
                program_enrollment=student,
                course=course,
                organization=university.own.organization,
                student_key_folded=key.lower(),
                status=("active", "inactive")[place % 2],
                course_staff=place % 3 == 0,
                created=timezone.now(),
                updated=timezone.now(),
            )
    program = own(university)
    counts = returns(
        export_program_course_enrollments(program.id, "csv"),
        lambda file, door: import_program_course_enrollments(file, program, door),
    )
    assert counts.total() == 2 * len(KEYS)


def test_student_keys_return(university: University, returns: Any) -> None:
    accounts = [make_account(f"k{place}") for place in range(len(KEYS))]
    organization = Program.objects.get(pk=university.own.pk).organization_id
    links = [(key, account.pk) for key, account in zip(KEYS, accounts, strict=True)]
    link_student_keys(new_operation(None, "command"), organization, links)
    Account.objects.filter(username="k1").update(is_active=False)
    counts = returns(
        export_student_keys(organization, "csv"), lambda file, door: import_student_keys(file, organization, door)
    )
    assert counts == {"unchanged": len(KEYS)}


def test_grades_return(world: World, returns: Any) -> None:
    for place, letter in enumerate(["A", " A ", "=A", "'5", "A+", None]):
        account = make_account(f"g{place}")
        Grade.objects.create(
            account=account, course_id=world.course.id, percent=10.0**-place, letter_grade=letter, passed=True
        )
    Grade.objects.create(account=world.learner, course_id=world.course.id, error=" no graded work")
    assert returns(export_grades("csv"), import_grades) == {"unchanged": 7}
