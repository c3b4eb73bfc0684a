"""Saving grades (institution-and-commands: The institution file; registrar-api: Jobs)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from matricula.catalog.reads import ProgramFacts
from matricula.catalog.statuses import Saved
from matricula.enrollments.store.standings import Collision, in_one_transaction
from matricula.enrollments.store.students import lock_students
from matricula.enrollments.store.values import CoursePerson
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.text import trim
from matricula.foundation.transactions import one_transaction
from matricula.grades.rules import SAVED, decide_student_grade, is_whole_grade
from matricula.journal.states import GradeState
from matricula.journal.statuses import CHANGED, CREATED, DELETED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about, journal_act, record_operation
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
    """A grade, whole or not, for a student key; ``repeated``: the key is elsewhere in the same request too."""

    student_key: str
    percent: float | None = None
    letter_grade: str | None = None
    passed: bool | None = None
    error: str | None = None
    repeated: bool = False


_FIND = """
select g.course_id, g.account_id, g.percent, g.letter_grade, g.passed, g.error from matricula_grade g
join unnest(%b::bigint[], %b::bigint[]) k(course_id, account_id) using (course_id, account_id)
order by g.course_id, g.account_id
"""
_LOCK = f"{_FIND} for no key update of g"
_DELETE = """
delete from matricula_grade g using unnest(%b::bigint[], %b::bigint[]) k(course_id, account_id)
where g.course_id = k.course_id and g.account_id = k.account_id
"""
_SAVE = """
insert into matricula_grade as g (course_id, account_id, percent, letter_grade, passed, error)
select * from unnest(%b::bigint[], %b::bigint[], %b::float8[], %b::text[], %b::boolean[], %b::text[])
on conflict (course_id, account_id) do update
set percent = excluded.percent, letter_grade = excluded.letter_grade, passed = excluded.passed, error = excluded.error
where (g.percent, g.letter_grade, g.passed, g.error)
    is distinct from (excluded.percent, excluded.letter_grade, excluded.passed, excluded.error)
returning course_id, account_id, xmax = 0
"""


def save_grades(operation: Operation, requests: Sequence[GradeRequest]) -> list[Saved]:
    """Creates or replaces grades with three statements; one word for each. The last of several for one learner wins."""
    if not requests:
        return []
    return in_one_transaction(lambda: _save(operation, requests))


def _save(operation: Operation, requests: Sequence[GradeRequest]) -> list[Saved]:
    last = {(r.course_id, r.account_id): r for r in requests}
    # in one order, so that two who save the same grades at once do it in turn
    ordered = [last[key] for key in sorted(last)]
    # 1 is a float here: the driver takes no lists of mixed numbers
    ordered = [r._replace(percent=None if r.percent is None else float(r.percent)) for r in ordered]
    columns = [list(column) for column in zip(*ordered, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, columns[:2])
        held = {(course_id, account_id): tuple(grade) for course_id, account_id, *grade in cursor.fetchall()}
        if any(_has_blanks_around(grade) for grade in held.values()):
            ordered = [_keep_held_blanks(request, held.get(request[:2])) for request in ordered]
            columns = [list(column) for column in zip(*ordered, strict=True)]
        cursor.execute(_SAVE, columns)
        created = {(course_id, account_id): new for course_id, account_id, new in cursor.fetchall()}
    if any(not new and pair not in held for pair, new in created.items()):
        # someone else has just stored it: what it was before is not known
        raise Collision
    journal_act(operation, [_entry(operation, r, held.get(r[:2])) for r in ordered if r[:2] in created])
    words: dict[bool | None, Saved]
    words = {True: Saved.CREATED, False: Saved.UPDATED, None: Saved.UNCHANGED}
    return [words[created.get((r.course_id, r.account_id))] for r in requests]


def _has_blanks_around(grade: tuple[Any, ...]) -> bool:
    return any(text is not None and text != trim(text) for text in (grade[1], grade[3]))


def _keep_held_blanks(request: GradeRequest, held: tuple[Any, ...] | None) -> GradeRequest:
    """The request with the texts that are held, where only blanks around them are another: files have none there."""
    if held is None:
        return request
    letter_grade, error = (
        old if old is not None and trim(old) == new else new
        for old, new in ((held[1], request.letter_grade), (held[3], request.error))
    )
    return request._replace(letter_grade=letter_grade, error=error)


def _entry(operation: Operation, request: GradeRequest, before: tuple[Any, ...] | None) -> Entry:
    return entry_about(
        operation,
        Subject.GRADE,
        CHANGED if before else CREATED,
        _state(before) if before else None,
        _state(request[2:]),
        account_id=request.account_id,
        course_id=request.course_id,
    )


def _state(grade: tuple[Any, ...]) -> GradeState:
    percent, letter_grade, passed, error = grade
    return GradeState(percent=percent, letter_grade=letter_grade, passed=passed, error=error)


def write_student_grades(
    operation: Operation, program: ProgramFacts, course_id: int, requests: Sequence[StudentGradeRequest]
) -> list[str]:
    """Creates or replaces the grades of students of a program in one course run; one word for each request.

    One transaction with a few statements for any number. The keys are held, so that no grade goes to an account from
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
        if not wanted:
            record_operation(operation)
        save_grades(operation, wanted)
    return words


class GradeRestore(NamedTuple):
    """A grade that is to be as before; None: no grade. ``expected``: only if it is this now."""

    course_id: int
    account_id: int
    target: GradeState | None
    expected: GradeState | None


def find_grades(pairs: Sequence[CoursePerson]) -> dict[CoursePerson, GradeState]:
    """(course id, account id) → the grade, for those that exist."""
    columns = [[course_id for course_id, _ in pairs], [account_id for _, account_id in pairs]]
    rows = fetch_all(_FIND, columns)
    return {CoursePerson(course_id, account_id): _state(tuple(grade)) for course_id, account_id, *grade in rows}


def restore_grades(operation: Operation, rows: Sequence[GradeRestore]) -> list[bool]:
    """Puts grades back, in the caller's transaction: False for each that is not as expected."""
    columns = [[row.course_id for row in rows], [row.account_id for row in rows]]
    fetch_all(_LOCK, columns)
    held = find_grades([CoursePerson(row.course_id, row.account_id) for row in rows])
    done, entries, saved, deleted = [], [], [], []
    for row in rows:
        pair = CoursePerson(row.course_id, row.account_id)
        before = held.get(pair)
        done.append(before == row.expected)
        if not done[-1] or before == row.target:
            continue
        if row.target is None:
            deleted.append(pair)
            entries.append(_restored(operation, row, DELETED, before))
        else:
            grade = (row.target.percent, row.target.letter_grade, row.target.passed, row.target.error)
            saved.append((*pair, *grade))
            entries.append(_restored(operation, row, CHANGED if before else CREATED, before))
    if saved:
        execute(_SAVE, [list(column) for column in zip(*saved, strict=True)])
    if deleted:
        execute(_DELETE, [list(column) for column in zip(*deleted, strict=True)])
    add_entries(operation, entries)
    return done


def _restored(operation: Operation, row: GradeRestore, transition: str, before: GradeState | None) -> Entry:
    return entry_about(
        operation,
        Subject.GRADE,
        transition,
        before,
        row.target,
        account_id=row.account_id,
        course_id=row.course_id,
    )
