"""Writing program enrollments and course enrollments in programs, by student key.

Order of locks: student keys, program rows, course enrollments of accounts, course rows in programs (docs/locking.md).

See registrar-api: Writing a few students.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.conf import settings
from msgspec import Struct

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.statuses import CourseRole
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program import rules as program_rules
from matricula.enrollments.program.rules import Step, Verb
from matricula.enrollments.store.entries import journal_seats, program_entry, student_course_state, student_state
from matricula.enrollments.store.standings import (
    Place,
    in_one_transaction,
    lock_standings,
    read_standings,
    save_standings,
)
from matricula.enrollments.store.students import (
    CourseRow,
    Student,
    find_active_elsewhere,
    find_active_through_any,
    find_course_rows,
    find_students,
    insert_students,
    lock_course_rows,
    lock_students,
    save_course_rows,
    update_students,
)
from matricula.enrollments.store.values import CourseKey, CoursePerson, CourseStudent, Decision
from matricula.enrollments.store.work import course_standing, standing_text
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Entry, Operation, journal_act
from matricula.learners.locks import lock_student_keys
from matricula.learners.reads import get_learners


class ProgramRequest(Struct, frozen=True, gc=False):
    """A wanted program status; ``repeated``: the key is elsewhere in the same request or file too.

    ``expected``: only if the student's status is still this one ('': not in the program).
    """

    student_key: str
    status: str
    repeated: bool = False
    expected: str | None = None


class ProgramCourseRequest(Struct, frozen=True, gc=False):
    """A wanted course status; ``course_staff`` None leaves the role alone.

    ``expected``: only if what is stored of the student in the course run is still this (``standing_text``).
    """

    course_id: int
    student_key: str
    status: str
    course_staff: bool | None = None
    repeated: bool = False
    expected: str | None = None


def write_program_enrollments(
    operation: Operation, program: ProgramFacts, verb: Verb, requests: Sequence[ProgramRequest]
) -> list[str]:
    """Creates or updates students' rows in a program, in one transaction; one word for each request.

    Keys that repeat each other without being marked so are applied in turn. Statements don't grow with the requests.
    """
    keys = [fold(r.student_key) for r in requests]
    with one_transaction():
        lock_student_keys(program.organization_id, keys)
        held = lock_students(program.id, keys)
        before = {key: student.status for key, student in held.items()}
        wanted, words = dict(before), []
        spelled: dict[str, str] = {}
        for key, request, step in _decide_students(verb, keys, requests, wanted):
            words.append(step.word)
            if step.writes:
                spelled.setdefault(key, request.student_key)
        new = [(spelled[key], status) for key, status in wanted.items() if key not in before]
        accounts = {key: s.account_id for key, s in held.items()}
        accounts.update(insert_students(program.id, program.organization_id, new))
        update_students([(s.id, wanted[key]) for key, s in held.items() if wanted[key] != s.status])
        changed = [key for key in wanted if wanted[key] != before.get(key)]
        journal_act(
            operation,
            [
                program_entry(
                    operation,
                    program.id,
                    held[key].student_key if key in held else spelled[key],
                    accounts.get(key),
                    student_state(before.get(key)),
                    student_state(wanted[key]),
                )
                for key in changed
            ],
        )
    return words


def preview_program_enrollments(
    program: ProgramFacts, verb: Verb, requests: Sequence[ProgramRequest]
) -> list[tuple[str, str | None]]:
    """(the word that ``write_program_enrollments`` would give now, the status before) for each request.

    Nothing is locked or stored.
    """
    keys = [fold(r.student_key) for r in requests]
    wanted = {key: student.status for key, student in find_students(program.id, keys).items()}
    before = dict(wanted)
    return [(step.word, before.get(key)) for key, _, step in _decide_students(verb, keys, requests, wanted)]


def _decide_students(
    verb: Verb, keys: Sequence[str], requests: Sequence[ProgramRequest], standing: dict[str, str]
) -> Iterator[tuple[str, ProgramRequest, Step]]:
    """What becomes of each request, in order; ``standing``, folded key → status, moves with it."""
    moves = program_rules.allowed_moves(settings.ENVIRONMENT.forbidden_moves)
    for key, request in zip(keys, requests, strict=True):
        held = standing.get(key)
        step = program_rules.decide_program_enrollment(
            verb, held, request.status, repeated=request.repeated, expected=request.expected, moves=moves
        )
        if step.writes:
            standing[key] = request.status
        yield key, request, step


def write_program_course_enrollments(
    operation: Operation, program: ProgramFacts, verb: Verb, requests: Sequence[ProgramCourseRequest]
) -> list[str]:
    """Creates or updates students' rows in course runs of a program, and the course enrollments of linked accounts.

    One transaction, one word for each request; statements don't grow with the requests.
    """
    return in_one_transaction(lambda: _write_courses(operation, program, verb, requests))


class _Row(Struct, eq=False, gc=False):
    """A student's row in a course run: as stored (None: not there) and as it shall be."""

    student: Student
    course_id: int
    stored: CourseRow | None
    status: str | None
    course_staff: bool

    def is_as_stored(self) -> bool:
        """True if there is nothing to save."""
        return self.stored is not None and (self.status, self.course_staff) == (
            self.stored.status,
            self.stored.course_staff,
        )


def _write_courses(
    operation: Operation, program: ProgramFacts, verb: Verb, requests: Sequence[ProgramCourseRequest]
) -> list[str]:
    keys = [fold(r.student_key) for r in requests]
    lock_student_keys(program.organization_id, keys)
    students = lock_students(program.id, keys)
    places = lock_seats(_seats(keys, requests, students))
    stored = lock_course_rows(_pairs(keys, requests, students))
    rows, words = _decide_courses(program, verb, requests, students, stored, places)
    _save(operation, program, rows, places)
    return words


class CoursePreview(Struct, frozen=True, gc=False):
    """The word that a request would get now, and what is stored: the row, and all of it as one text."""

    word: str
    stored: CourseRow | None
    standing: str


def preview_program_course_enrollments(
    program: ProgramFacts, verb: Verb, requests: Sequence[ProgramCourseRequest]
) -> list[CoursePreview]:
    """What ``write_program_course_enrollments`` would answer now; nothing is locked or stored."""
    keys = [fold(r.student_key) for r in requests]
    students = find_students(program.id, keys)
    stored = find_course_rows(_pairs(keys, requests, students))
    places = lock_seats(_seats(keys, requests, students), hold=False)
    _rows, words = _decide_courses(program, verb, requests, students, stored, places)
    found = []
    for key, request, word in zip(keys, requests, words, strict=True):
        student = students.get(key)
        row = stored.get(CourseStudent(student.id, request.course_id)) if student else None
        found.append(CoursePreview(word, row, standing_in_course(student, request.course_id, row, places)))
    return found


def standing_in_course(
    student: Student | None,
    course_id: int,
    row: CourseRow | None,
    places: Mapping[CoursePerson, Place],
) -> str:
    """What is stored of a student in a course run of the program as one text, as ``course_bulk`` reads it."""
    if student is None:
        return course_standing(None, None, None)
    place = places[CoursePerson(course_id, student.account_id)] if student.account_id else None
    seat = standing_text(place.stored) if place else None
    return course_standing(row.status if row else None, bool(row and row.course_staff), seat, in_program=True)


def _seats(
    keys: Sequence[str], requests: Sequence[ProgramCourseRequest], students: Mapping[str, Student]
) -> set[CoursePerson]:
    """(course id, account id) of the requests for linked students."""
    known = zip(keys, requests, strict=True)
    return {CoursePerson(r.course_id, s.account_id) for k, r in known if (s := students.get(k)) and s.account_id}


def _pairs(
    keys: Sequence[str], requests: Sequence[ProgramCourseRequest], students: Mapping[str, Student]
) -> list[CourseStudent]:
    """(program enrollment id, course id) of the requests for students of the program, each once."""
    known = zip(keys, requests, strict=True)
    return list({CourseStudent(students[k].id, r.course_id): None for k, r in known if k in students})


def _decide_courses(
    program: ProgramFacts,
    verb: Verb,
    requests: Sequence[ProgramCourseRequest],
    students: Mapping[str, Student],
    stored: Mapping[CourseStudent, CourseRow],
    places: Mapping[CoursePerson, Place],
) -> tuple[Collection[_Row], list[str]]:
    """The rows as they shall be, and the word for each request."""
    keyed = [(fold(r.student_key), r) for r in requests]
    elsewhere = find_active_elsewhere(
        program.id, program.organization_id, {CourseKey(r.course_id, k) for k, r in keyed}
    )
    rows: dict[tuple[str, int], _Row] = {}
    words: list[str] = []
    for key, request in keyed:
        student = students.get(key)
        row = rows.get((key, request.course_id)) or _row(student, request.course_id, stored)
        if request.expected is not None and request.expected != standing_in_course(
            student, request.course_id, row.stored if row else None, places
        ):
            words.append(statuses.STALE)
            continue
        step = program_rules.decide_course_enrollment(
            verb,
            row.status if row else None,
            request.status,
            repeated=request.repeated,
            in_program=student is not None,
            active_elsewhere=(request.course_id, key) in elsewhere,
        )
        words.append(step.word)
        if row is not None:
            _apply(row, step, request)
            rows[key, request.course_id] = row
    return rows.values(), words


def _row(student: Student | None, course_id: int, stored: Mapping[CourseStudent, CourseRow]) -> _Row | None:
    if student is None:
        return None
    held = stored.get(CourseStudent(student.id, course_id))
    return _Row(student, course_id, held, held.status if held else None, held.course_staff if held else False)


def _apply(row: _Row, step: Step, request: ProgramCourseRequest) -> None:
    if step.writes:
        row.status = request.status
        if request.course_staff is not None:
            row.course_staff = request.course_staff


def lock_seats(pairs: Collection[CoursePerson], *, hold: bool = True) -> dict[CoursePerson, Place]:
    """(course id, account id) → the account's place in the course run, locked unless ``hold`` is False."""
    people = {learner.id: learner for learner in get_learners({account_id for _, account_id in pairs})}
    places = {
        pair: Place(*pair, people[pair.account_id].email, people[pair.account_id].email_key) for pair in sorted(pairs)
    }
    if places:
        (lock_standings if hold else read_standings)(list(places.values()))
    return places


def write_seats(pairs: Iterable[CoursePerson], places: Mapping[CoursePerson, Place]) -> list[tuple[Place, Decision]]:
    """Sets the course enrollments of (course id, account id) to what the rows in programs make of them; stores them.

    The rows are saved by now, and more than one may be before a course enrollment: that of a program that the
    student left, and that of another one. It is active while one of them is.
    """
    wanted = list(dict.fromkeys(pairs))
    if not wanted:
        return []
    active = find_active_through_any(wanted)
    written = []
    for pair in wanted:
        place = places[pair]
        status = statuses.ACTIVE if pair in active else statuses.INACTIVE
        decision = program_rules.decide_seat(place.standing, status)
        place.standing = decision.standing
        written.append((place, decision))
    save_standings(place for place, _ in written)
    return written


def _save(
    operation: Operation,
    program: ProgramFacts,
    rows: Iterable[_Row],
    places: Mapping[CoursePerson, Place],
) -> None:
    written = [(row, row.status) for row in rows if row.status is not None]
    changed = [(r, status) for r, status in written if not r.is_as_stored()]
    save_course_rows(
        program.organization_id,
        [(r.student.id, r.course_id, status, r.course_staff, r.student.key) for r, status in changed],
    )
    seats = write_seats((CoursePerson(r.course_id, a) for r, _ in written if (a := r.student.account_id)), places)
    turned = [
        (CourseRoleRequest(CourseRole.STAFF, account, r.course_id), r.course_staff)
        for r, _ in changed
        if (account := r.student.account_id) and r.course_staff != bool(r.stored and r.stored.course_staff)
    ]
    write_grants(operation, [role for role, granted in turned if granted], granted=True)
    write_grants(operation, [role for role, granted in turned if not granted], granted=False)
    journal_act(operation, [_course_entry(operation, program.id, r) for r, _ in changed])
    journal_seats(operation, [(p, d) for p, d in seats if p.changes])


def _course_entry(operation: Operation, program_id: int, row: _Row) -> Entry:
    student, before = row.student, row.stored
    return program_entry(
        operation,
        program_id,
        student.student_key,
        student.account_id,
        student_course_state(before.status, before.course_staff) if before else None,
        student_course_state(row.status or "", row.course_staff),
        course_id=row.course_id,
    )
