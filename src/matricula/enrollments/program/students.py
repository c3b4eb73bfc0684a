"""The students of a program as people look for them: pages by student key, numbers, one student with their courses.

Pages walk an index in the order of the folded key, from a key on, so that a page of a program with a million students
takes the time of a page of one with a hundred. Nothing on a page is counted: the numbers are read by themselves.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.statuses import COURSE_STATUSES, ENROLLED, PROGRAM_STATUSES
from matricula.foundation.database import pattern_of
from matricula.foundation.folding import fold

# people with the words in their names; where there are more, walking the program meets them soon
_CANDIDATES = 1_000
# of characters: what the index of names needs; a shorter name is looked for where few students are
_SHORTEST_NAME = 3
_FEW_STUDENTS = 5_000
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class StudentFilter:
    """Which students of a program: ``search`` is the start of a key, or a part of the account's name or e-mail;
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


_SHOWN = """
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
"""
_WALK = """
(select e.id from {source} where {conditions} and {key} {beyond} %(from)s order by {key} {order} limit %(limit)s)
"""
_PAGE = f"""
with found as materialized ({{walks}})
{_SHOWN} from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded {{order}} limit %(limit)s
"""
_STUDENTS = "matricula_programenrollment e"
# "offset 0" keeps the order: one index is walked, the other rows are looked up; joined as a whole, all would be read
_STUDENTS_OF_COURSE = """
matricula_programcourseenrollment c
cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
"""
_COURSES_OF_NAMED = """
(select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
cross join lateral (select * from matricula_programcourseenrollment
    where program_enrollment_id = e.id and course_id = %(course)s offset 0) c
"""
_NAMED = "search_text like '%%' || lower(%(pattern)s) || '%%'"
_CANDIDATES_NAMED = f"select id from matricula_account where {_NAMED} limit {_CANDIDATES + 1}"  # noqa: S608  ours
_FIRST_STUDENTS = """
select count(*) from (select from matricula_programenrollment where program_id = %(program)s limit %(few)s) e
"""
_KEYED = "{key} >= %(search)s and {key} < %(search_end)s"


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

    ``names``: the reader may know who they are. Without it nobody is found by a name or an address either.
    """
    backwards = before is not None
    parameters: dict[str, Any] = {
        "program": program.id,
        "organization": program.organization_id,
        "status": wanted.status,
        "course": wanted.course_id,
        "pattern": pattern_of(wanted.search),
        "search": fold(wanted.search),
        "search_end": fold(wanted.search) + _LAST_CHARACTER,
        "from": before if backwards else after or "",
        # one more shows whether there is another page
        "limit": limit + 1,
    }
    ways = _ways(wanted, parameters, names=names)
    walks = " union ".join(_walk(wanted, way, backwards=backwards) for way in ways)
    query = _PAGE.format(walks=walks, order="desc" if backwards else "")
    found = [_row(row, names=names) for row in _fetch(query, parameters)]
    rows, more = found[:limit], len(found) > limit
    if backwards:
        return StudentPage(rows[::-1], has_previous=more, has_next=True)
    return StudentPage(rows, has_previous=bool(after), has_next=more)


def find_student_key(program_id: int, row_id: int | None) -> str | None:
    """The folded key of a student's row, or None."""
    query = "select student_key_folded from matricula_programenrollment where program_id = %(program)s and id = %(id)s"
    return next((key for (key,) in _fetch(query, {"program": program_id, "id": row_id})), None)


def _walk(wanted: StudentFilter, way: tuple[str, str], *, backwards: bool) -> str:
    source, condition = way
    key = "e.student_key_folded" if wanted.course_id is None else "c.student_key_folded"
    beyond, order = ("<", "desc") if backwards else (">", "")
    conditions = " and ".join([*_conditions(wanted), condition.format(key=key)])
    return _WALK.format(source=source, conditions=conditions, key=key, beyond=beyond, order=order)


def _conditions(wanted: StudentFilter) -> list[str]:
    conditions = ["e.program_id = %(program)s"]
    if wanted.status is not None:
        conditions.append("e.status = %(status)s")
        if wanted.status != ENROLLED:
            # what the index of rare statuses holds
            conditions.append(f"e.status <> '{ENROLLED}'")
    if wanted.is_linked is not None:
        conditions.append(f"e.account_id is {'not null' if wanted.is_linked else 'null'}")
    if wanted.course_id is not None:
        conditions.append("c.course_id = %(course)s and c.organization_id = %(organization)s")
    return conditions


def _row(row: tuple[Any, ...], *, names: bool) -> StudentRow:
    found = StudentRow(*row)
    return found if names else replace(found, username=None, full_name="", email=None)


def _ways(wanted: StudentFilter, parameters: dict[str, Any], *, names: bool) -> list[tuple[str, str]]:
    """(where to walk, which rows): together they find what is searched for, each in the order of its index."""
    named = _named(wanted, parameters) if names else []
    searched = "true"
    if wanted.search:
        # too many have such a name: walking on, 50 of them come soon
        many = f" or (select {_NAMED} from matricula_account where id = e.account_id)"  # noqa: S608  ours
        searched = f"({_KEYED}{many if named is None else ''})"
    if wanted.course_id is None:
        ways = [(_STUDENTS, searched)]
        source = _STUDENTS
    else:
        # each status in a course run has an index of its own
        there = [f"c.status = '{one}'" for one in COURSE_STATUSES if wanted.course_status in {None, one}]
        ways = [(_STUDENTS_OF_COURSE, f"{status} and {searched}") for status in there]
        source = _COURSES_OF_NAMED
    if named:
        parameters["named"] = named
        status = "true" if wanted.course_status is None else f"c.status = '{wanted.course_status}'"
        ways.append((source, f"e.account_id = any(%(named)s) and {'true' if wanted.course_id is None else status}"))
    return ways


def _named(wanted: StudentFilter, parameters: dict[str, Any]) -> list[int] | None:
    """The accounts with the words in their names; None where it takes less to look at each student."""
    if not wanted.search:
        return []
    if len(wanted.search) < _SHORTEST_NAME:
        [(students,)] = _fetch(_FIRST_STUDENTS, {**parameters, "few": _FEW_STUDENTS})
        return None if students < _FEW_STUDENTS else []
    named = [account_id for (account_id,) in _fetch(_CANDIDATES_NAMED, parameters)]
    return named if len(named) <= _CANDIDATES else None


@dataclass(frozen=True, slots=True)
class StudentNumbers:
    """How many students a program has, by status, and how many have an account."""

    total: int
    by_status: dict[str, int]
    linked: int

    @property
    def waiting(self) -> int:
        """How many wait for an account."""
        return self.total - self.linked


_TOTAL = "select count(*) from matricula_programenrollment where program_id = %(program)s"
# most are enrolled: the others are counted, and the rest is theirs
_RARE = f"""
select status, count(*) from matricula_programenrollment
where program_id = %(program)s and status <> '{ENROLLED}' group by status
"""  # noqa: S608  the pieces are ours
_LINKED = f"{_TOTAL} and account_id is not null"


def count_students(program_id: int) -> int:
    """How many students a program has."""
    return int(_fetch(_TOTAL, {"program": program_id})[0][0])


def count_students_by_status(program_id: int) -> StudentNumbers:
    """How many students a program has in each status, and with an account; each status is there."""
    given = {"program": program_id}
    total = count_students(program_id)
    rare: dict[str, int] = dict(_fetch(_RARE, given))
    by_status = {status: rare.get(status, 0) for status in PROGRAM_STATUSES}
    by_status[ENROLLED] = total - sum(rare.values())
    return StudentNumbers(total, by_status, int(_fetch(_LINKED, given)[0][0]))


_IN_COURSES = """
select c.course_id, c.status, count(*) from matricula_programcourseenrollment c
join matricula_programenrollment e on e.id = c.program_enrollment_id
where e.program_id = %(program)s group by c.course_id, c.status
"""


def count_in_courses(program_id: int) -> dict[int, dict[str, int]]:
    """Course id → status → how many students of the program have it there, for those where anybody has one."""
    counts: dict[int, dict[str, int]] = {}
    for course_id, status, number in _fetch(_IN_COURSES, {"program": program_id}):
        counts.setdefault(course_id, {})[status] = number
    return counts


@dataclass(frozen=True, slots=True)
class StudentCourse:
    """A course run of the program and the student's row in it; ``status`` None: there is none."""

    course_id: int
    key: str
    title: str
    status: str | None
    course_staff: bool
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class ProgramStudent:
    """A student, and each course run of the program."""

    row: StudentRow
    courses: list[StudentCourse] = field(default_factory=list)


_STUDENT = f"""
{_SHOWN} from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.id = %(student)s and e.program_id = %(program)s
"""
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
    found = _fetch(_STUDENT, given)
    if not found:
        return None
    courses = [StudentCourse(*row) for row in _fetch(_COURSES_OF_STUDENT, given)]
    return ProgramStudent(_row(found[0], names=names), courses)


def _fetch(query: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
