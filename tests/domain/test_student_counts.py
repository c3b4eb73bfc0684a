"""How many students a program has: kept by triggers, and the same as counted, whoever writes."""

from importlib import import_module

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from matricula.enrollments.program.counts import (
    count_in_courses,
    count_students_by_status,
    fold_student_counts,
)
from matricula.foundation.transactions import one_transaction
from matricula.history.integrity import list_differences
from matricula.models import StudentCount
from tests.conftest import as_superuser, make_account
from tests.domain.program_jobs import enroll, finished, link, study, upload
from tests.university import University, facts

MISCOUNTED = "counts of students differ from their rows"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def agree() -> bool:
    return MISCOUNTED not in {difference.what for difference in list_differences()}


def numbers() -> tuple[int, dict[str, int], int]:
    found = count_students_by_status(facts().id)
    return found.total, {status: n for status, n in found.by_status.items() if n}, found.linked


def test_every_door_is_counted(university: University) -> None:
    course = university.course.pk
    assert numbers() == (0, {}, 0)
    enroll("s1", "s2", "s3")
    study(course, "s1", "s2")
    assert numbers() == (3, {"enrolled": 3}, 0)
    assert count_in_courses(facts().id) == {course: {"active": 2}}
    link("s1", make_account("linked"))
    finished(upload("student_key,status\ns2,suspended\ns4,pending\n"))
    assert numbers() == (4, {"enrolled": 2, "suspended": 1, "pending": 1}, 1)
    run("update matricula_programcourseenrollment set status = 'inactive' where student_key_folded = 's2'")
    assert count_in_courses(facts().id) == {course: {"active": 1, "inactive": 1}}
    assert agree()


def test_folding_changes_no_count(university: University) -> None:
    enroll("s1")
    enroll("s2")
    study(university.course.pk, "s1")
    link("s1", make_account("linked"))
    before = numbers()
    fold_student_counts()
    kept = set(StudentCount.objects.values_list("course_id", "is_linked", "students"))
    assert kept == {(None, False, 1), (None, True, 1), (university.course.pk, None, 1)}
    assert numbers() == before
    assert count_students_by_status(facts().id).total == 2
    assert agree()


@pytest.mark.parametrize("first", ["courses", "students"])
def test_deleted_rows_are_uncounted_whichever_goes_first(university: University, first: str) -> None:
    enroll("s1", "s2")
    study(university.course.pk, "s1", "s2")
    deletes = {
        "courses": "delete from matricula_programcourseenrollment where student_key_folded = 's1'",
        "students": "delete from matricula_programenrollment where student_key_folded = 's1'",
    }
    with one_transaction():
        run(deletes.pop(first))
        run(*deletes.values())
    assert numbers() == (1, {"enrolled": 1}, 0)
    assert count_in_courses(facts().id) == {university.course.pk: {"active": 1}}
    assert agree()


def test_truncated_tables_leave_no_counts(university: University) -> None:
    enroll("s1")
    study(university.course.pk, "s1")
    run("set constraints all immediate")
    with as_superuser():
        run("truncate matricula_programcourseenrollment")
        assert count_in_courses(facts().id) == {}
        assert count_students_by_status(facts().id).total == 1
        run("truncate matricula_programenrollment cascade")
    assert not StudentCount.objects.exists()


def test_students_of_before_are_counted_once(university: University) -> None:
    enroll("s1", "s2")
    study(university.course.pk, "s1")
    # those of before the triggers were counted by nothing
    StudentCount.objects.filter(status="enrolled").delete()
    assert not agree()
    count = import_module("matricula.migrations.0055_students_counted").COUNT
    for _ in range(2):
        run(count)
        assert numbers() == (2, {"enrolled": 2}, 0)
        assert agree()


def test_the_numbers_of_a_program_are_one_statement(
    university: University, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    enroll("s1")
    program = facts().id
    with django_assert_num_queries(1):
        assert count_students_by_status(program).total == 1
