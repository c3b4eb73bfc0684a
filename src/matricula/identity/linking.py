"""Linking student keys to accounts: what waited becomes real, what belongs to a key moves with it.

See registrar-api: Effect on course enrollments.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.statuses import CourseRole
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, lock_seats, write_program_enrollments, write_seats
from matricula.enrollments.store.entries import journal_seats, program_entry
from matricula.enrollments.store.standings import Collision, in_one_transaction
from matricula.enrollments.store.students import (
    Student,
    find_students_of_keys,
    list_courses_of_students,
    lock_students_of_keys,
    set_accounts,
)
from matricula.enrollments.store.values import CoursePerson
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import StudentKeyState, StudentState
from matricula.journal.statuses import LINKED, UNLINKED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about, record_operation
from matricula.learners.locks import lock_student_keys
from matricula.learners.reads import find_identities
from matricula.learners.writes import save_identities


def link_student_keys(operation: Operation, organization_id: int, links: Sequence[tuple[str, int | None]]) -> int:
    """Links (student key, account id) of an organization in one transaction, None unlinks; how many links changed.

    The key's rows in programs get the account, its waiting course enrollments become real with their stored status;
    what an earlier account had through the key ends. An account has one key at an organization: an earlier one is
    unlinked. The last of several links of one key or account wins.
    """
    wanted = {fold(key): (key, account_id) for key, account_id in links}
    owners = {account_id: key for key, (_, account_id) in wanted.items() if account_id is not None}
    wanted = {k: (spelled, a) for k, (spelled, a) in wanted.items() if a is None or owners[a] == k}
    return in_one_transaction(lambda: _link(operation, organization_id, wanted, owners))


@dataclass(frozen=True, slots=True)
class ForeseenLink:
    """What linking a key to an account (None: to none) would do now: the account that has it, the other keys that the
    account would lose, the programs in which any of them is, the course runs in which enrollments begin, and end.
    """

    before: int | None
    others: tuple[str, ...]
    programs: frozenset[int]
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def seen(self) -> str:
        """All of it as a short text: equal for what is equal."""
        shown = (self.before, self.others, sorted(self.programs), self.begins, self.ends)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def preview_link(organization_id: int, student_key: str, account_id: int | None) -> ForeseenLink:
    """What ``link_student_keys`` would do for one key. Nothing is locked or stored."""
    key = fold(student_key)
    held = find_identities(organization_id, [key], [] if account_id is None else [account_id])
    before = held.get(key)
    others = tuple(sorted(other for other in held if other != key))
    found = find_students_of_keys(organization_id, [key, *others])
    students = {student.id: student for student, _ in found}
    active = {
        (course, students[id_].key == key)
        for id_, course, status, _ in list_courses_of_students(list(students))
        if status == statuses.ACTIVE
    }
    is_moved = before != account_id
    begins = sorted(course for course, is_own in active if is_own and is_moved and account_id is not None)
    ends = sorted({course for course, is_own in active if not is_own or (is_moved and before is not None)})
    return ForeseenLink(before, others, frozenset(program for _, program in found), tuple(begins), tuple(ends))


class _NotAddedError(Exception):
    """The student can't be added; nothing is written."""


def add_student(operation: Operation, program: ProgramFacts, request: ProgramRequest, account_id: int | None) -> str:
    """Adds a student who is not in the program, with the key linked to an account (None: as it is), in one transaction.

    The word for the request; for any but the wanted status nothing was written.
    """
    try:
        with one_transaction():
            # first: it holds the other keys of the account, too, and keys are held in one order
            if account_id is not None:
                link_student_keys(operation, program.organization_id, [(request.student_key, account_id)])
            [word] = write_program_enrollments(operation, program, Verb.CREATE, [request])
            if word != request.status:
                raise _NotAddedError
    except _NotAddedError:
        return word
    return word


def _link(
    operation: Operation,
    organization_id: int,
    wanted: Mapping[str, tuple[str, int | None]],
    owners: Mapping[int, str],
) -> int:
    # the earlier keys of the accounts are touched too; which those are is read again once all are held
    keys = {*wanted, *find_identities(organization_id, wanted, owners)}
    lock_student_keys(organization_id, keys)
    held = find_identities(organization_id, keys, owners)
    if not keys.issuperset(held):
        # another key was linked to one of the accounts meanwhile; it must be held too
        raise Collision
    target = {key: account_id for key, (_, account_id) in wanted.items()}
    target |= {key: None for key, account_id in held.items() if key not in wanted and account_id in owners}
    moved = {key: account_id for key, account_id in target.items() if held.get(key) != account_id}
    if not moved:
        record_operation(operation)
        return 0
    spelled = {key: wanted[key][0] if key in wanted else key for key in moved}
    if not save_identities(organization_id, [(spelled[key], account_id) for key, account_id in moved.items()]):
        raise Collision
    add_entries(
        operation,
        [e for k, a in moved.items() for e in key_entries(operation, organization_id, spelled[k], held.get(k), a)],
    )
    _move(operation, lock_students_of_keys(organization_id, list(moved)), moved)
    return len(moved)


def _move(operation: Operation, students: Sequence[tuple[Student, int]], accounts: Mapping[str, int | None]) -> None:
    """Gives the students' rows and course enrollments to the accounts of their keys."""
    moving = [(student, program_id) for student, program_id in students if student.account_id != accounts[student.key]]
    by_id = {student.id: student for student, _ in moving}
    courses = list_courses_of_students(list(by_id))
    leaving = [CoursePerson(course, account) for id_, course, *_ in courses if (account := by_id[id_].account_id)]
    coming = [CoursePerson(course, account) for id_, course, *_ in courses if (account := accounts[by_id[id_].key])]
    places = lock_seats({*leaving, *coming})
    # while we waited, an unenrollment may have ended some of them; which there are, the held keys keep as they are
    courses = list_courses_of_students(list(by_id))
    set_accounts([(student.id, accounts[student.key]) for student, _ in moving])
    ended = [
        CoursePerson(course, account)
        for id_, course, status, _ in courses
        if (account := by_id[id_].account_id) and status == statuses.ACTIVE
    ]
    journal_seats(operation, [(p, d) for p, d in write_seats([*ended, *coming], places) if p.changes])
    staff = [(by_id[id_], course) for id_, course, _, course_staff in courses if course_staff]
    taken = [CourseRoleRequest(CourseRole.STAFF, s.account_id, c) for s, c in staff if s.account_id]
    write_grants(operation, taken, granted=False)
    given = [CourseRoleRequest(CourseRole.STAFF, a, c) for s, c in staff if (a := accounts[s.key])]
    write_grants(operation, given, granted=True)
    entries = [e for s, program in moving for e in student_entries(operation, s, program, accounts[s.key])]
    add_entries(operation, entries)


def _handover(before: int | None, after: int | None) -> list[tuple[int | None, int | None]]:
    """The steps (account before, account after) of what passes from one account to another, one for each person: each
    one's history is complete.
    """
    return [(before, None), (None, after)] if before and after else [(before, after)]


def key_entries(
    operation: Operation, organization_id: int, student_key: str, before: int | None, after: int | None
) -> list[Entry]:
    """The key's own entries: one about the account that had the key, one about the account that has it now."""

    def state(account_id: int | None) -> StudentKeyState | None:
        return StudentKeyState(organization_id=organization_id, account_id=account_id) if account_id else None

    return [
        entry_about(
            operation,
            Subject.STUDENT_KEY,
            LINKED if new else UNLINKED,
            state(old),
            state(new),
            account_id=new or old,
            student_key=student_key,
        )
        for old, new in _handover(before, after)
    ]


def student_entries(operation: Operation, student: Student, program_id: int, account_id: int | None) -> list[Entry]:
    """A student's entries in a program: one about the account that had the row, one about the one that has it now."""
    return [
        program_entry(
            operation,
            program_id,
            student.student_key,
            new or old,
            StudentState(status=student.status, account_id=old),
            StudentState(status=student.status, account_id=new),
            transition=LINKED if new else UNLINKED,
        )
        for old, new in _handover(student.account_id, account_id)
    ]
