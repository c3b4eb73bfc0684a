"""Putting students back as they were, in programs and in course runs of them: what an undo does.

Order of locks: student keys, program rows, course enrollments of accounts, course rows in programs (docs/locking.md). A
student's row comes before the rows in course runs, and goes after them.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from matricula.enrollments import statuses
from matricula.enrollments.store.entries import program_entry, student_course_state, student_state
from matricula.enrollments.store.students import (
    CourseRow,
    Student,
    delete_course_rows,
    delete_students,
    find_active_elsewhere,
    find_course_rows,
    find_students,
    insert_students,
    list_courses_of_students,
    lock_course_rows,
    lock_students,
    save_course_rows,
    update_students,
)
from matricula.enrollments.store.values import CourseKey, CoursePerson, CourseStudent, ProgramKey
from matricula.foundation.folding import fold
from matricula.journal.writes import Entry, Operation

Held = tuple[str, bool] | None
"""The status in a course run, and whether the student is course staff there; None: no row."""


class StudentRestore(Struct, frozen=True, gc=False):
    """A student who is to have a status in a program again; None: no row. ``expected``: only if it is this now."""

    program_id: int
    organization_id: int
    student_key: str
    target: str | None
    expected: str | None


class StudentCourseRestore(Struct, frozen=True, gc=False):
    """A student who is to be in a course run of a program again as before."""

    program_id: int
    organization_id: int
    course_id: int
    student_key: str
    target: Held
    expected: Held


def find_statuses(rows: Sequence[StudentRestore]) -> list[tuple[str | None, bool]]:
    """The status of each student now, and whether the student is in course runs of the program."""
    students = _students(rows, hold=False)
    in_courses = {id_ for id_, *_ in list_courses_of_students([s.id for s in students.values()])}
    found = (students.get(ProgramKey(row.program_id, fold(row.student_key))) for row in rows)
    return [(s.status, s.id in in_courses) if s else (None, False) for s in found]


def find_course_statuses(rows: Sequence[StudentCourseRestore]) -> list[tuple[Held, bool]]:
    """What each student has in the course run now, and whether the target can be: the student is in the program, and
    active through no other one.
    """
    students = _students(rows, hold=False)
    stored = find_course_rows(_pairs(rows, students))
    blocked = _active_elsewhere(rows)
    return [(_held(row, students, stored), _may_be(row, students, blocked)) for row in rows]


def restore_students(
    operation: Operation, rows: Sequence[StudentRestore], *, creating: bool
) -> tuple[list[bool | None], list[Entry]]:
    """Gives students their status back, in the caller's transaction: False for each who is not as expected.

    ``creating``: all but those whose row is to go; else those alone. The others are None. The keys are held.
    """
    chosen = [row for row in rows if (row.target is not None) == creating]
    students = _students(chosen, hold=True)
    in_courses = {id_ for id_, *_ in list_courses_of_students([s.id for s in students.values()])}
    done: list[bool | None] = []
    entries: list[Entry] = []
    new: dict[tuple[int, int], list[tuple[str, str]]] = {}
    updated, deleted = [], []
    for row in rows:
        if (row.target is not None) != creating:
            done.append(None)
            continue
        student = students.get(ProgramKey(row.program_id, fold(row.student_key)))
        held = student.status if student else None
        is_free = row.target is not None or student is None or student.id not in in_courses
        done.append(held == row.expected and is_free)
        if not done[-1] or held == row.target:
            continue
        if row.target is None:
            deleted.append(student.id if student else 0)
        elif student is None:
            new.setdefault((row.program_id, row.organization_id), []).append((row.student_key, row.target))
        else:
            updated.append((student.id, row.target))
        account_id = student.account_id if student else None
        entries.append(_entry(operation, row, student, account_id, held))
    update_students(updated)
    delete_students(deleted)
    for (program_id, organization_id), pairs in new.items():
        insert_students(program_id, organization_id, pairs)
    return done, entries


def _entry(
    operation: Operation, row: StudentRestore, student: Student | None, account_id: int | None, held: str | None
) -> Entry:
    key = student.student_key if student else row.student_key
    before, after = student_state(held), student_state(row.target)
    return program_entry(operation, row.program_id, key, account_id, before, after)


def restore_course_rows(operation: Operation, rows: Sequence[StudentCourseRestore]) -> tuple[list[bool], list[Entry]]:
    """Gives students their rows in course runs back, in the caller's transaction; False: not as expected.

    The keys, the students' rows and the course enrollments are held.
    """
    students = _students(rows, hold=True)
    stored = lock_course_rows(_pairs(rows, students))
    blocked = _active_elsewhere(rows)
    done: list[bool] = []
    entries: list[Entry] = []
    saved: dict[int, list[tuple[int, int, str, bool, str]]] = {}
    deleted = []
    for row in rows:
        held = _held(row, students, stored)
        done.append(held == row.expected and _may_be(row, students, blocked))
        student = students.get(ProgramKey(row.program_id, fold(row.student_key)))
        if not done[-1] or student is None or held == row.target:
            continue
        if row.target is None:
            deleted.append(stored[CourseStudent(student.id, row.course_id)].id)
        else:
            saved.setdefault(row.organization_id, []).append((student.id, row.course_id, *row.target, student.key))
        before, after = (student_course_state(*state) if state else None for state in (held, row.target))
        entries.append(
            program_entry(
                operation,
                row.program_id,
                student.student_key,
                student.account_id,
                before,
                after,
                course_id=row.course_id,
            )
        )
    delete_course_rows(deleted)
    for organization_id, columns in saved.items():
        save_course_rows(organization_id, columns)
    return done, entries


def list_accounts(rows: Sequence[StudentCourseRestore]) -> list[CoursePerson]:
    """(course id, account id) of the linked students among them."""
    students = _students(rows, hold=False)
    found = ((row.course_id, students.get(ProgramKey(row.program_id, fold(row.student_key)))) for row in rows)
    return [CoursePerson(course_id, s.account_id) for course_id, s in found if s and s.account_id]


def _students(rows: Iterable[StudentRestore | StudentCourseRestore], *, hold: bool) -> dict[ProgramKey, Student]:
    """(program id, folded key) → the student; a statement for each program."""
    keys: dict[int, list[str]] = {}
    for row in rows:
        keys.setdefault(row.program_id, []).append(fold(row.student_key))
    find = lock_students if hold else find_students
    return {
        ProgramKey(program_id, key): student
        for program_id in sorted(keys)
        for key, student in find(program_id, keys[program_id]).items()
    }


def _pairs(rows: Iterable[StudentCourseRestore], students: dict[ProgramKey, Student]) -> list[CourseStudent]:
    found = ((students.get(ProgramKey(row.program_id, fold(row.student_key))), row.course_id) for row in rows)
    return [CourseStudent(student.id, course_id) for student, course_id in found if student]


def _held(
    row: StudentCourseRestore,
    students: dict[ProgramKey, Student],
    stored: dict[CourseStudent, CourseRow],
) -> Held:
    student = students.get(ProgramKey(row.program_id, fold(row.student_key)))
    held = stored.get(CourseStudent(student.id, row.course_id)) if student else None
    return (held.status, held.course_staff) if held else None


def _may_be(row: StudentCourseRestore, students: dict[ProgramKey, Student], blocked: set[tuple[int, int, str]]) -> bool:
    if row.target is None:
        return True
    key = fold(row.student_key)
    return ProgramKey(row.program_id, key) in students and (
        row.target[0] != statuses.ACTIVE or (row.program_id, row.course_id, key) not in blocked
    )


def _active_elsewhere(rows: Iterable[StudentCourseRestore]) -> set[tuple[int, int, str]]:
    """(program id, course id, folded key) of those who are active through another program; a statement for each."""
    pairs: dict[tuple[int, int], list[CourseKey]] = {}
    for row in rows:
        program = (row.program_id, row.organization_id)
        pairs.setdefault(program, []).append(CourseKey(row.course_id, fold(row.student_key)))
    return {
        (program_id, course_id, key)
        for (program_id, organization_id), wanted in pairs.items()
        for course_id, key in find_active_elsewhere(program_id, organization_id, wanted)
    }
