"""Saving grades (institution-and-commands: The institution file; registrar-api: Jobs)."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from matricula.catalog.reads import ProgramFacts
from matricula.catalog.statuses import Saved
from matricula.enrollments.store.students import lock_students
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.grades.rules import SAVED, decide_student_grade, is_whole_grade
from matricula.learners.locks import lock_student_keys


class GradeRequest(NamedTuple):
    """A learner's whole grade in one course run: percent and passed, or the error why there is none."""

    course_id: int
    account_id: int
    percent: float | None = None
    letter_grade: str | None = None
    passed: bool | None = None
    error: str | None = None


class StudentGradeRequest(NamedTuple):
    """A grade, whole or not, for a student key; ``repeated``: the key stands elsewhere in the same request too."""

    student_key: str
    percent: float | None = None
    letter_grade: str | None = None
    passed: bool | None = None
    error: str | None = None
    repeated: bool = False


_SAVE = """
insert into matricula_grade as g (course_id, account_id, percent, letter_grade, passed, error)
select * from unnest(%b::bigint[], %b::bigint[], %b::float8[], %b::text[], %b::boolean[], %b::text[])
on conflict (course_id, account_id) do update
set percent = excluded.percent, letter_grade = excluded.letter_grade, passed = excluded.passed, error = excluded.error
where (g.percent, g.letter_grade, g.passed, g.error)
    is distinct from (excluded.percent, excluded.letter_grade, excluded.passed, excluded.error)
returning course_id, account_id, xmax = 0
"""


def save_grades(requests: Sequence[GradeRequest]) -> list[Saved]:
    """Creates or replaces grades with one statement; one word for each. The last of several for one learner wins."""
    if not requests:
        return []
    last = {(r.course_id, r.account_id): r for r in requests}
    # in one order, so that two who save the same grades at once do it in turn
    ordered = [last[key] for key in sorted(last)]
    # 1 is a float here: the driver takes no lists of mixed numbers
    ordered = [r._replace(percent=None if r.percent is None else float(r.percent)) for r in ordered]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [list(column) for column in zip(*ordered, strict=True)])
        created = {(course_id, account_id): new for course_id, account_id, new in cursor.fetchall()}
    words: dict[bool | None, Saved]
    words = {True: Saved.CREATED, False: Saved.UPDATED, None: Saved.UNCHANGED}
    return [words[created.get((r.course_id, r.account_id))] for r in requests]


def write_student_grades(program: ProgramFacts, course_id: int, requests: Sequence[StudentGradeRequest]) -> list[str]:
    """Creates or replaces the grades of students of a program in one course run; one word for each request.

    One transaction with three statements for any number. The keys are held, so that no grade goes to an account from
    which the key is just being taken.
    """
    keys = [fold(r.student_key) for r in requests]
    with one_transaction():
        lock_student_keys(program.organization_id, keys)
        students = lock_students(program.id, keys)
        words: list[str] = []
        wanted: list[GradeRequest] = []
        for key, request in zip(keys, requests, strict=True):
            student = students.get(key)
            account_id = student.account_id if student else None
            grade = request[1:5]
            word = decide_student_grade(
                repeated=request.repeated,
                whole=is_whole_grade(*grade),
                in_program=student is not None,
                linked=account_id is not None,
            )
            words.append(word)
            if word == SAVED and account_id is not None:
                wanted.append(GradeRequest(course_id, account_id, *grade))
        save_grades(wanted)
    return words
