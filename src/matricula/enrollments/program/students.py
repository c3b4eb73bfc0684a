"""The students of a program as people look for them: pages by student key, one student with their courses.

Pages walk an index in the order of the folded key, from a key on, so that a page of a program with a million students
takes the time of a page of one with a hundred. Nothing on a page is counted: the numbers are kept (``counts``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from matricula.catalog.course_keys import run_title
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.statuses import ENROLLED
from matricula.foundation.database import fetch_all, pattern_of, stream_rows
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements

# people with the words in their names; where there are more, walking the program meets them soon
_CANDIDATES = 1_000
# of characters: what the index of names needs; a shorter name is looked for where few students are
_SHORTEST_NAME = 3
_FEW_STUDENTS = 5_000
_LAST_CHARACTER = "\U0010ffff"


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


_STATEMENTS = read_statements(__file__)
_PAGE_OF_PROGRAM, _PAGE_OF_COURSE = _STATEMENTS["page_of_program"], _STATEMENTS["page_of_course"]
# one more than _CANDIDATES, said to the planner
_CANDIDATES_NAMED = """
select id from matricula_account where search_text like '%%' || lower(%(pattern)s) || '%%' limit 1001
"""
_FIRST_STUDENTS = """
select count(*) from (select from matricula_programenrollment where program_id = %(program)s limit %(few)s) e
"""


def list_students(
    program: ProgramFacts,
    wanted: StudentFilter,
    *,
    names: bool,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> StudentPage:
    """The first students that fit, those behind the folded key ``after``, or the last ones before ``before``.

    ``names``: the reader may know who they are. Without it no one is found by a name or an address either.
    """
    backwards = before is not None
    parameters = _parameters(program, wanted) | {
        "from": before if backwards else after or "",
        # one more shows whether there is another page
        "limit": limit + 1,
    }
    named = _named(wanted, parameters) if names else []
    query = _page(wanted, named, backwards=backwards)
    found = [_row(row, names=names) for row in fetch_all(query, {**parameters, "named": named})]
    rows, more = found[:limit], len(found) > limit
    if backwards:
        return StudentPage(rows[::-1], has_previous=more, has_next=True)
    return StudentPage(rows, has_previous=bool(after), has_next=more)


def stream_students(program: ProgramFacts, wanted: StudentFilter, *, names: bool) -> Iterator[StudentRow]:
    """All students whom ``list_students`` would give page by page, a few thousand at a time in memory."""
    parameters = _parameters(program, wanted) | {"from": "", "limit": None}
    named = _named(wanted, parameters) if names else []
    for row in stream_rows(_page(wanted, named, backwards=False), {**parameters, "named": named}):
        yield _row(row, names=names)


def _parameters(program: ProgramFacts, wanted: StudentFilter) -> dict[str, Any]:
    return {
        "program": program.id,
        "organization": program.organization_id,
        "status": wanted.status,
        "is_linked": wanted.is_linked,
        "course": wanted.course_id,
        "pattern": pattern_of(wanted.search),
        "search": fold(wanted.search),
        "search_end": fold(wanted.search) + _LAST_CHARACTER,
    }


def find_student_key(program_id: int, row_id: int | None) -> str | None:
    """The folded key of a student's row, or None."""
    query = "select student_key_folded from matricula_programenrollment where program_id = %(program)s and id = %(id)s"
    return next((key for (key,) in fetch_all(query, {"program": program_id, "id": row_id})), None)


def _page(wanted: StudentFilter, named: list[int] | None, *, backwards: bool) -> str:
    """``named`` as ``_named`` gives it."""
    direction = "backwards" if backwards else "forwards"
    if not wanted.search:
        searched = "all_students"
    elif named is None:
        searched = "keyed_or_named"
    else:
        searched = "keyed_then_named" if named else "keyed"
    if wanted.course_id is not None:
        return _PAGE_OF_COURSE(direction, searched, wanted.course_status or "either")
    status = wanted.status and (ENROLLED if wanted.status == ENROLLED else "rare_status")
    return _PAGE_OF_PROGRAM(direction, searched, status or "any_status")


def _row(row: tuple[Any, ...], *, names: bool) -> StudentRow:
    found = StudentRow(*row)
    return found if names else replace(found, username=None, full_name="", email=None)


def _named(wanted: StudentFilter, parameters: dict[str, Any]) -> list[int] | None:
    """The accounts with the words in their names; None where it takes less to look at each student."""
    if not wanted.search:
        return []
    if len(wanted.search) < _SHORTEST_NAME:
        [(students,)] = fetch_all(_FIRST_STUDENTS, {**parameters, "few": _FEW_STUDENTS})
        return None if students < _FEW_STUDENTS else []
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
    found = fetch_all(_STATEMENTS["student"](), given)
    if not found:
        return None
    courses = [StudentCourse(*row) for row in fetch_all(_COURSES_OF_STUDENT, given)]
    return ProgramStudent(_row(found[0], names=names), courses)
