"""The students of a program as people look for them: pages by student key, one student with their courses.

Pages walk an index in the order of the folded key, from a key on, so that a page of a program with a million students
takes the time of a page of one with a hundred. Nothing on a page is counted: the numbers are kept (``counts``).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from matricula.catalog.course_keys import run_title
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.statuses import ENROLLED, PROGRAM_STATUSES
from matricula.foundation.database import execute, fetch_all, pattern_of, stream_rows
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements

# people with the words in their names; where there are more, walking the program meets them soon
_CANDIDATES = 1_000
# of characters: what the index of names needs; a shorter name is looked for where few students are
_SHORTEST_NAME = 3
_FEW_STUDENTS = 5_000
LAST_CHARACTER = "\U0010ffff"
# to skip so many rows costs less than to find the key behind them first
_FEW_SKIPPED = 1_000


@dataclass(frozen=True, slots=True)
class StudentFilter:
    """Which students of a program: ``search`` is the start of a key, or a part of the account's name or email;
    ``course_status`` None: with either, in the course run ``course_id``.
    """

    search: str = ""
    status: str | None = None
    is_linked: bool | None = None
    course_id: int | None = None
    course_status: str | None = None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student in a program, and the account that is linked to the key; who that is, for those who may know."""

    id: int
    student_key: str
    key: str
    status: str
    updated: datetime
    account_id: int | None
    username: str | None
    full_name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class StudentPage:
    """Some students in the order of their keys, and whether there are others before and behind them."""

    rows: list[StudentRow]
    has_previous: bool
    has_next: bool


STATEMENTS = read_statements(__file__)
_PAGE_OF_PROGRAM, _PAGE_OF_COURSE = STATEMENTS["page_of_program"], STATEMENTS["page_of_course"]
# one more than _CANDIDATES, said to the planner
_CANDIDATES_NAMED = """
select id from matricula_account where search_text like '%%' || lower(%(pattern)s) || '%%' limit 1001
"""
_FIRST_STUDENTS = """
select count(*) from (select from matricula_programenrollment where program_id = %(program)s limit %(few)s) e
"""


def list_students(
    asked: "Asked", *, limit: int, offset: int = 0, after: str | None = None, before: str | None = None
) -> StudentPage:
    """The students that fit, in the order of their keys: ``offset`` rows on from the first, or behind the folded key
    ``after``, or (from the last) before ``before``.
    """
    backwards = before is not None
    place = before if backwards else after or ""
    if offset > _FEW_SKIPPED and asked.is_by_status_alone:
        place, offset = _place(asked, offset, backwards=backwards), 0
    # one more shows whether there is another page
    parameters = {"from": place, "limit": limit + 1, "offset": offset, "reach": offset + limit + 1}
    query = _page(asked, backwards=backwards)
    found = [_row(row, names=asked.names) for row in fetch_all(query, {**asked.parameters, **parameters})]
    rows, more = found[:limit], len(found) > limit
    if backwards:
        return StudentPage(rows[::-1], has_previous=more, has_next=True)
    return StudentPage(rows, has_previous=bool(offset or place), has_next=more)


class Asked:
    """What is asked of the students of a program: a filter, and how those who are searched for are found.

    ``names``: the reader may know who they are. Without it no one is found by a name or an address either.
    """

    def __init__(self, program: ProgramFacts, wanted: StudentFilter, *, names: bool) -> None:
        """One statement, where something is searched for."""
        self.wanted = wanted
        self.names = names
        self.parameters: dict[str, Any] = {
            "program": program.id,
            "organization": program.organization_id,
            "status": wanted.status,
            "is_linked": wanted.is_linked,
            "course": wanted.course_id,
            "course_status": wanted.course_status,
            "pattern": pattern_of(wanted.search),
            "search": fold(wanted.search),
            "search_end": fold(wanted.search) + LAST_CHARACTER,
        }
        named = _named(wanted, self.parameters) if names else []
        self.parameters["named"] = named
        self.where = "of_program" if wanted.course_id is None else "of_course"
        if not wanted.search:
            self.searched = "all_students"
        elif named is None:
            self.searched = "keyed_or_named"
        else:
            self.searched = "keyed_then_named" if named else "keyed"

    @property
    def is_by_status_alone(self) -> bool:
        """True if an index has exactly those who fit, or nearly: all, or those with a status, linked or not."""
        return not self.wanted.search and self.wanted.course_id is None

    @property
    def status_variant(self) -> str:
        """How the status is asked for."""
        status = self.wanted.status
        return "any_status" if not status else "enrolled" if status == ENROLLED else "rare_status"


def list_sorted(asked: Asked, sort: str, *, limit: int, offset: int) -> StudentPage:
    """The students that fit, by ``sort`` (``name``, ``status`` or ``updated``, the other way with a minus before it).

    The time grows with all who fit.
    """
    column, direction = f"by_{sort.removeprefix('-')}", "down" if sort.startswith("-") else "up"
    query = STATEMENTS["sorted_students"](asked.where, asked.searched, column, direction)
    parameters = {"statuses": list(PROGRAM_STATUSES), "limit": limit + 1, "offset": offset}
    found = [_row(row, names=asked.names) for row in fetch_all(query, {**asked.parameters, **parameters})]
    return StudentPage(found[:limit], has_previous=offset > 0, has_next=len(found) > limit)


def _place(asked: Asked, skipped: int, *, backwards: bool) -> str:
    """The key behind which the rest begins once so many rows are skipped."""
    direction = "backwards" if backwards else "forwards"
    query = STATEMENTS["place_in_program"](direction, asked.status_variant)
    found = fetch_all(query, {**asked.parameters, "skipped": skipped - 1})
    return found[0][0] if found else "" if backwards else LAST_CHARACTER


def select_students(program: ProgramFacts, wanted: StudentFilter, *, names: bool) -> None:
    """Adds the keys of all who fit to the temporary table ``selected`` of the caller's transaction, one statement."""
    asked = Asked(program, wanted, names=names)
    execute(STATEMENTS["select_students"](asked.where, asked.searched), asked.parameters)


def stream_students(program: ProgramFacts, wanted: StudentFilter, *, names: bool) -> Iterator[StudentRow]:
    """All students whom ``list_students`` would give page by page, a few thousand at a time in memory."""
    asked = Asked(program, wanted, names=names)
    whole = {"from": "", "limit": None, "offset": 0, "reach": None}
    for row in stream_rows(_page(asked, backwards=False), {**asked.parameters, **whole}):
        yield _row(row, names=names)


def find_student_key(program_id: int, row_id: int | None) -> str | None:
    """The folded key of a student's row, or None."""
    query = "select student_key_folded from matricula_programenrollment where program_id = %(program)s and id = %(id)s"
    return next((key for (key,) in fetch_all(query, {"program": program_id, "id": row_id})), None)


def _page(asked: Asked, *, backwards: bool) -> str:
    direction = "backwards" if backwards else "forwards"
    if asked.wanted.course_id is not None:
        return _PAGE_OF_COURSE(direction, asked.searched, asked.wanted.course_status or "either")
    return _PAGE_OF_PROGRAM(direction, asked.searched, asked.status_variant)


def _row(row: tuple[Any, ...], *, names: bool) -> StudentRow:
    found = StudentRow(*row)
    return found if names else replace(found, username=None, full_name="", email=None)


def find_student_id(program_id: int, student_key: str) -> int | None:
    """The id of the student's row, or None."""
    query = "select id from matricula_programenrollment where program_id = %(program)s and student_key_folded = %(key)s"
    return next((id_ for (id_,) in fetch_all(query, {"program": program_id, "key": fold(student_key)})), None)


def find_student_ids(program_id: int, student_keys: Collection[str]) -> dict[str, int]:
    """Folded student key → id of the student's row, of those that are in the program."""
    query = """
        select student_key_folded, id from matricula_programenrollment
        where program_id = %(program)s and student_key_folded = any(%(keys)s)
    """
    return dict(fetch_all(query, {"program": program_id, "keys": [fold(key) for key in student_keys]}))


def list_student_keys(program_id: int, row_ids: Sequence[int]) -> list[str]:
    """The keys of those of these rows that are the program's, in order."""
    query = """
        select student_key from matricula_programenrollment where program_id = %(program)s and id = any(%(ids)s)
        order by student_key_folded
    """
    return [key for (key,) in fetch_all(query, {"program": program_id, "ids": list(row_ids)})]


def has_fewer_students(program_id: int, few: int) -> bool:
    """True if a program has fewer students than ``few``: no more are looked at."""
    [(students,)] = fetch_all(_FIRST_STUDENTS, {"program": program_id, "few": few})
    return bool(students < few)


def _named(wanted: StudentFilter, parameters: dict[str, Any]) -> list[int] | None:
    """The accounts with the words in their names; None where it takes less to look at each student."""
    if not wanted.search:
        return []
    if len(wanted.search) < _SHORTEST_NAME:
        return None if has_fewer_students(int(parameters["program"]), _FEW_STUDENTS) else []
    named = [account_id for (account_id,) in fetch_all(_CANDIDATES_NAMED, parameters)]
    return named if len(named) <= _CANDIDATES else None


@dataclass(frozen=True, slots=True)
class StudentCourse:
    """A course run of the program and the student's row in it; ``status`` None: there is none."""

    course_id: int
    key: str
    plain_title: str
    status: str | None
    course_staff: bool
    updated: datetime | None

    @property
    def title(self) -> str:
        """What people read: the title with the run."""
        return run_title(self.plain_title, self.key)


@dataclass(frozen=True, slots=True)
class ProgramStudent:
    """A student, and each course run of the program."""

    row: StudentRow
    courses: list[StudentCourse] = field(default_factory=list)


_COURSES_OF_STUDENT = """
select k.id, k.key, k.title, c.status, coalesce(c.course_staff, false), c.updated
from matricula_programcourse p
join matricula_course k on k.id = p.course_id
left join matricula_programcourseenrollment c on c.program_enrollment_id = %(student)s and c.course_id = p.course_id
where p.program_id = %(program)s order by p.position, p.id
"""


def find_student(program_id: int, student_id: int, *, names: bool) -> ProgramStudent | None:
    """The student with this id in the program, or None; ``names`` as for ``list_students``."""
    given = {"program": program_id, "student": student_id}
    found = fetch_all(STATEMENTS["student"](), given)
    if not found:
        return None
    courses = [StudentCourse(*row) for row in fetch_all(_COURSES_OF_STUDENT, given)]
    return ProgramStudent(_row(found[0], names=names), courses)
