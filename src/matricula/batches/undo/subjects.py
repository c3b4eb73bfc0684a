"""Each subject that can be put back: how its state is found, locked and restored."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import UNSET

from matricula.access.grants import CourseRoleRequest, find_course_roles, write_grants
from matricula.access.statuses import CourseRole
from matricula.batches.undo import merges
from matricula.batches.undo.values import RowStates, standing_in_state
from matricula.catalog.reads import get_programs
from matricula.enrollments.course.restoring import CourseRestore, find_standings
from matricula.enrollments.program.restoring import (
    StudentCourseRestore,
    StudentRestore,
    find_course_statuses,
    find_statuses,
    list_accounts,
)
from matricula.enrollments.program.writes import lock_seats
from matricula.enrollments.store.entries import course_state, student_course_state, student_state
from matricula.enrollments.store.students import lock_students
from matricula.enrollments.store.values import CoursePerson
from matricula.foundation.folding import fold
from matricula.grades.writes import GradeRestore, find_grades, restore_grades
from matricula.journal.states import AccountState, CourseRoleState, GradeState, State, StudentCourseState, StudentState
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation
from matricula.learners.locks import lock_keys_of_organizations


def course_restore(one: RowStates) -> CourseRestore:
    assert one.row.course_id is not None  # noqa: S101  an entry of this subject names one
    expected, target = standing_in_state(one.expected), standing_in_state(one.target)
    return CourseRestore(one.row.course_id, one.row.account_id, one.row.key, target, expected)


def fits_account(one: RowStates, becoming: Mapping[int, AccountState]) -> bool:
    """True for an enrollment or invitation of an account that other rows switch on or off so that it may have it."""
    target, account = standing_in_state(one.target), becoming.get(one.row.account_id or 0)
    if account is None:
        return False
    fits = target.invitation is None or target.invitation.bound == account.is_active
    return fits and (account.merged_into is UNSET or not target.enrolled)


def organizations_of(given: Iterable[RowStates]) -> dict[int, int]:
    """Program → its organization."""
    programs = get_programs({one.row.program_id for one in given if one.row.program_id})
    return {program.id: program.organization_id for program in programs.values()}


def student_restore(one: RowStates, organizations: Mapping[int, int]) -> StudentRestore:
    program_id = one.row.program_id or 0
    states = [state.status if isinstance(state, StudentState) else None for state in (one.target, one.expected)]
    return StudentRestore(program_id, organizations[program_id], one.row.key, *states)


def student_course_restore(one: RowStates, organizations: Mapping[int, int]) -> StudentCourseRestore:
    program_id = one.row.program_id or 0
    held = [
        (state.status, state.course_staff is True) if isinstance(state, StudentCourseState) else None
        for state in (one.target, one.expected)
    ]
    return StudentCourseRestore(program_id, organizations[program_id], one.row.course_id or 0, one.row.key, *held)


def _find_courses(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    found = find_standings([course_restore(one) for one in given])
    return [(course_state(each.standing), each.fits) for each in found]


def _find_students(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    organizations = organizations_of(given)
    found = find_statuses([student_restore(one, organizations) for one in given])
    # who is in course runs of the program stays, unless those rows go as well: that is seen when it is written
    return [(student_state(status), True) for status, _ in found]


def _find_student_courses(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    organizations = organizations_of(given)
    found = find_course_statuses([student_course_restore(one, organizations) for one in given])
    return [(student_course_state(*held) if held else None, may_be) for held, may_be in found]


def _find_roles(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    held = find_course_roles([_role(one) for one in given])
    return [(CourseRoleState(role=one.row.role or "") if _role(one) in held else None, True) for one in given]


def _role(one: RowStates) -> CourseRoleRequest:
    return CourseRoleRequest(CourseRole(one.row.role or ""), one.row.account_id or 0, one.row.course_id or 0)


def _find_grades(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    pairs = [CoursePerson(one.row.course_id or 0, one.row.account_id or 0) for one in given]
    held = find_grades(pairs)
    return [(held.get(pair), True) for pair in pairs]


FIND: Mapping[Subject, Callable[[Sequence[RowStates]], list[tuple[State | None, bool]]]] = {
    Subject.COURSE_ENROLLMENT: _find_courses,
    Subject.PROGRAM_ENROLLMENT: _find_students,
    Subject.PROGRAM_COURSE_ENROLLMENT: _find_student_courses,
    Subject.COURSE_ROLE: _find_roles,
    Subject.GRADE: _find_grades,
    **merges.FIND,
}


def lock_rows(
    students: Sequence[StudentRestore],
    courses: Sequence[StudentCourseRestore],
    accounts: Sequence[RowStates],
    moved: Sequence[RowStates],
) -> None:
    """Student keys, accounts, program rows, course enrollments: in the order of all who write through a program."""
    both: list[StudentRestore | StudentCourseRestore] = [*students, *courses]
    if not both and not accounts and not moved:
        return
    merges.lock_addresses_of(accounts)
    lock_keys_of_organizations({(row.organization_id, fold(row.student_key)) for row in both} | merges.keys_of(moved))
    merges.lock_accounts(accounts)
    keys: dict[int, set[str]] = {}
    for row in both:
        keys.setdefault(row.program_id, set()).add(fold(row.student_key))
    for program_id in sorted(keys):
        lock_students(program_id, sorted(keys[program_id]))
    lock_seats(set(list_accounts(courses)))


def restore_roles(operation: Operation, given: Sequence[RowStates]) -> list[bool]:
    held = find_course_roles([_role(one) for one in given])
    done = [(_role(one) in held) == (one.expected is not None) for one in given]
    changed = [one for one, is_done in zip(given, done, strict=True) if is_done]
    given_back = [_role(one) for one in changed if one.target is not None]
    taken = [_role(one) for one in changed if one.target is None]
    write_grants(operation, given_back, granted=True)
    write_grants(operation, taken, granted=False)
    return done


def restore_given_grades(operation: Operation, given: Sequence[RowStates]) -> list[bool]:
    if not given:
        return []
    rows = [
        GradeRestore(
            one.row.course_id or 0,
            one.row.account_id or 0,
            one.target if isinstance(one.target, GradeState) else None,
            one.expected if isinstance(one.expected, GradeState) else None,
        )
        for one in given
    ]
    return restore_grades(operation, rows)
