"""Grades as stored: whole or refused, written for student keys, read for downloads, in and out of CSV files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Rejected
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.grades.exports import export_grades
from matricula.grades.reads import list_student_grades
from matricula.grades.rules import is_whole_grade
from matricula.grades.writes import GradeRequest, StudentGradeRequest, save_grades, write_student_grades
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import Account, Grade, Job
from matricula.tabular.problems import TabularError
from tests.batches import import_grades
from tests.conftest import KEY, OTHER_KEY, World, make_account
from tests.university import SECOND, facts


def enroll(program: ProgramFacts, *keys: str, **links: Account) -> None:
    """The keys and the linked accounts' keys as students of the program."""
    operation = new_operation(None, "command")
    wanted = [ProgramRequest(key, "enrolled") for key in (*keys, *links)]
    write_program_enrollments(operation, program, Verb.CREATE, wanted)
    link_student_keys(operation, program.organization_id, [(key, account.pk) for key, account in links.items()])


def stored() -> dict[str, tuple[Any, ...]]:
    rows = Grade.objects.values_list("account__username", "percent", "letter_grade", "passed", "error")
    return {username: tuple(grade) for username, *grade in rows}


@pytest.mark.parametrize(
    ("grade", "whole"),
    [
        ((0.95, "A", True, None), True),
        ((0, None, False, None), True),
        ((1, None, True, None), True),
        ((None, None, None, "no graded work"), True),
        ((1.01, None, True, None), False),
        ((-0.01, None, True, None), False),
        ((float("nan"), None, True, None), False),
        ((0.5, None, None, None), False),
        ((None, "A", True, None), False),
        ((None, None, None, None), False),
        ((0.5, "A", True, "no graded work"), False),
        ((None, "A", None, "no graded work"), False),
        ((None, None, None, "  "), False),
        ((0.5, "", True, None), False),
        ((0.5, "A\n", True, None), False),
        ((0.5, "A" * 256, True, None), False),
    ],
)
def test_a_grade_is_whole_or_an_error(grade: tuple[Any, ...], whole: bool) -> None:
    assert is_whole_grade(*grade) is whole


def test_each_student_key_gets_the_word_of_its_first_rule(world: World, program: ProgramFacts) -> None:
    enroll(program, "S-2", **{"S-1": world.learner})
    words = write_student_grades(
        new_operation(None, "api"),
        program,
        world.course.id,
        [
            StudentGradeRequest("s-1", 1, "A", True),
            StudentGradeRequest("S-2", 0.5, None, False),
            StudentGradeRequest("S-3", 0.5, None, False),
            StudentGradeRequest("S-4", 2, None, False),
            StudentGradeRequest("S-5", 2, None, False, repeated=True),
        ],
    )
    assert words == ["saved", "not-linked", "not-in-program", "invalid-grade", "duplicated"]
    assert stored() == {"sam": (1.0, "A", True, None)}
    write_student_grades(
        new_operation(None, "api"), program, world.course.id, [StudentGradeRequest("S-1", error="withdrawn")]
    )
    assert stored() == {"sam": (None, None, None, "withdrawn")}


def test_statements_do_not_grow_with_the_grades(world: World, program: ProgramFacts) -> None:
    def statements(numbers: range) -> int:
        enroll(program, **{f"K{n}": make_account(f"u{n}") for n in numbers})
        with CaptureQueriesContext(connection) as queries:
            requests = [StudentGradeRequest(f"K{n}", n / 100, None, True) for n in numbers]
            assert set(write_student_grades(new_operation(None, "api"), program, world.course.id, requests)) == {
                "saved"
            }
        return len(queries)

    assert statements(range(2)) == statements(range(2, 60))


def test_only_linked_students_with_an_enrollment_and_a_grade_are_listed(world: World, program: ProgramFacts) -> None:
    past, gradeless, stranger = make_account("past"), make_account("gradeless"), make_account("stranger")
    elsewhere, other_course = make_account("other-program"), make_account("other-course")
    enroll(
        program, "S-9", **{"s-2": world.learner, "S-1": past, "S-3": gradeless, "S-4": stranger, "S-6": other_course}
    )
    enroll(facts(SECOND), **{"S-5": elsewhere})
    world.enroll("sam", "past", "gradeless", "other-program")
    world.unenroll("past")
    others = [(world.course.id, a.pk, 0.5, None, True, None) for a in (stranger, elsewhere)]
    save_grades(
        new_operation(None, "command"),
        [
            GradeRequest(world.course.id, world.learner.pk, 0.95, "A", True),
            GradeRequest(world.course.id, past.pk, error="no graded work"),
            GradeRequest(world.other.id, other_course.pk, 0.5, None, True),
            *(GradeRequest(*grade) for grade in others),
        ],
    )
    assert list(list_student_grades(program.id, world.course.id)) == [
        ("S-1", None, None, None, "no graded work"),
        ("s-2", "A", 0.95, True, None),
    ]
    assert list(list_student_grades(program.id, world.other.id)) == []


def test_many_grades_are_read_in_few_statements_and_whole(world: World, program: ProgramFacts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into matricula_account (username, email, first_name, last_name, password, is_active, is_staff,"
            " is_superuser, language, date_joined) select 'm' || n, 'm' || n || '@example.org', '', '', '!', true,"
            " false, false, '', now() from generate_series(1, 5000) n"
        )
        cursor.execute(
            "insert into matricula_programenrollment (program_id, student_key, account_id, status, created, updated)"
            " select %s, username, id, 'enrolled', now(), now() from matricula_account where username ~ '^m[0-9]'",
            [program.id],
        )
        cursor.execute(
            "insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)"
            " select %s, id, username_key, 'masters', true, now() from matricula_account where username ~ '^m[0-9]'",
            [world.course.id],
        )
        cursor.execute(
            "insert into matricula_grade (course_id, account_id, percent, passed)"
            " select %s, id, 0.5, true from matricula_account where username ~ '^m[0-9]'",
            [world.course.id],
        )
    keys = [grade.student_key for grade in list_student_grades(program.id, world.course.id)]
    assert len(keys) == 5000
    assert keys == sorted(keys)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], tuple[dict[str, int], list[Rejected]]]:
    def run(content: str) -> tuple[dict[str, int], list[Rejected]]:
        file = tmp_path / "grades.csv"
        file.write_text(content)
        rejected: list[Rejected] = []
        return dict(import_grades(file, ImportDoor(None, "command", lambda _: None, rejected.append))), rejected

    return run


def test_a_file_of_grades(world: World, load: Callable[..., Any]) -> None:
    counts, rejected = load(
        "course,username,percent,letter_grade,passed,error\r\n"
        f"{KEY},SAM,0.95,A,yes,\r\n"
        f"{KEY},staff,,,,no graded work\r\n"
        f"{OTHER_KEY},sam,1,,TRUE,\r\n"
        "course-v1:No+Such+Run,sam,1,,true,\r\n"
        f"{KEY},nobody,1,,true,\r\n"
        f"{KEY},admin,95%,,true,\r\n"
        f"{KEY},admin,1.5,,true,\r\n"
        f"{KEY},admin,0.5,,,\r\n"
        f"{KEY},admin,0.5,,perhaps,\r\n"
        f"{KEY},admin,0.5,,true,late\r\n"
        f"{KEY},admin,nan,,true,\r\n"
    )
    assert counts == {"created": 3, "error": 8}
    assert [r.number for r in rejected] == list(range(5, 13))
    assert all(r.reason for r in rejected)
    assert Grade.objects.get(course=world.course.id, account=world.learner).percent == 0.95
    assert Job.objects.get().counts == counts
    again, _ = load(f"course;username;percent;passed\n{KEY};sam;0.95;true\n{OTHER_KEY};sam;0.9;true\n")
    assert again == {"updated": 2}, "a file is a learner's whole grade: the letter is gone"


@pytest.mark.parametrize("content", ["username,percent,passed\nsam,1,true\n", f"course,username\n{KEY},\n", ""])
def test_a_file_that_cannot_be_read_writes_nothing(world: World, load: Callable[..., Any], content: str) -> None:
    with pytest.raises(TabularError):
        load(content)
    assert (Grade.objects.count(), Job.objects.count()) == (0, 0)


def test_statements_of_a_file_do_not_grow_with_its_rows(world: World, load: Callable[..., Any]) -> None:
    def statements(numbers: range) -> int:
        for n in numbers:
            make_account(f"u{n}")
        with CaptureQueriesContext(connection) as queries:
            load("course,username,percent,passed\n" + "".join(f"{KEY},u{n},0.5,true\n" for n in numbers))
        return len(queries)

    assert statements(range(2)) == statements(range(2, 60))


def test_exported_grades_byte_for_byte_and_imported_again(world: World, load: Callable[..., Any]) -> None:
    save_grades(
        new_operation(None, "command"),
        [
            GradeRequest(world.other.id, world.learner.pk, 1, None, True),
            GradeRequest(world.course.id, world.staff.pk, error='=no "work", none'),
            GradeRequest(world.course.id, world.learner.pk, 0.95, "A", False),
        ],
    )
    exported = b"".join(export_grades("csv").take_blocks())
    assert exported.decode() == (
        "course,username,letter_grade,error,passed,percent\n"
        f"{KEY},sam,A,,False,0.95\n"
        f'{KEY},staff,,"\'=no ""work"", none",,\n'
        f"{OTHER_KEY},sam,,,True,1\n"
    )
    before = stored()
    assert load(exported.decode()) == ({"unchanged": 3}, [])
    assert stored() == before
    lines = b"".join(export_grades("jsonl", world.other.id).take_blocks()).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"course": OTHER_KEY, "username": "sam", "letter_grade": None, "error": None, "percent": 1, "passed": True}
    ]
