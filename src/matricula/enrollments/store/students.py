"""Program enrollments and the course enrollments in them, as stored: read and saved a few statements at a time."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from matricula.enrollments.store.values import CourseKey, CoursePerson, CourseStudent
from matricula.foundation.database import Bigints, execute, fetch_all


class Student(Struct, eq=False, gc=False):
    """A student's row in a program."""

    id: int
    student_key: str
    key: str
    status: str
    account_id: int | None


class CourseRow(Struct, eq=False, gc=False):
    """A student's row in a course run of a program."""

    id: int
    status: str
    course_staff: bool


_FIND_STUDENTS = """
select id, student_key, student_key_folded, status, account_id from matricula_programenrollment
where program_id = %s and student_key_folded = any(%b)
"""
_LOCK_STUDENTS = f"{_FIND_STUDENTS} order by id for no key update"
_INSERT_STUDENTS = """
with new as (
    insert into matricula_programenrollment (program_id, student_key, account_id, status, created, updated)
    select %s, n.student_key, i.account_id, n.status, now(), now()
    from unnest(%b::text[], %b::text[]) n(student_key, status)
    left join matricula_studentidentity i
        on i.organization_id = %s and i.student_key_folded = lower(n.student_key collate "C")
    returning student_key_folded, account_id
)
select * from new where account_id is not null
"""
_UPDATE_STUDENTS = """
update matricula_programenrollment e set status = n.status, updated = now()
from unnest(%b::bigint[], %b::text[]) n(id, status) where e.id = n.id
"""
_FIND_COURSE_ROWS = """
select c.program_enrollment_id, c.course_id, c.id, c.status, c.course_staff from matricula_programcourseenrollment c
join unnest(%b::bigint[], %b::bigint[]) n(program_enrollment_id, course_id) using (program_enrollment_id, course_id)
"""
_LOCK_COURSE_ROWS = f"{_FIND_COURSE_ROWS} order by c.id for no key update of c"
_ACTIVE_ELSEWHERE = """
select n.course_id, n.key from unnest(%b::bigint[], %b::text[]) n(course_id, key)
cross join lateral (
    select c.program_enrollment_id from matricula_programcourseenrollment c
    where c.course_id = n.course_id and c.organization_id = %s and c.student_key_folded = n.key and c.status = 'active'
    -- keeps the search by the index for each pair: joined as a whole, the planner reads the table
    offset 0
) c
join matricula_programenrollment e on e.id = c.program_enrollment_id and e.program_id <> %s
"""
_SAVE_COURSE_ROWS = """
insert into matricula_programcourseenrollment
    (program_enrollment_id, course_id, status, course_staff, organization_id, student_key_folded, created, updated)
select n.program_enrollment_id, n.course_id, n.status, n.course_staff, %s, n.key, now(), now()
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::boolean[], %b::text[])
    n(program_enrollment_id, course_id, status, course_staff, key) order by 1, 2
on conflict (program_enrollment_id, course_id) do update
set status = excluded.status, course_staff = excluded.course_staff, updated = now()
"""


def lock_students(program_id: int, keys: Sequence[str]) -> dict[str, Student]:
    """Folded key → the student's row, locked, for those who are in the program."""
    return _students(_LOCK_STUDENTS, program_id, keys)


def find_students(program_id: int, keys: Sequence[str]) -> dict[str, Student]:
    """As ``lock_students``, without locks."""
    return _students(_FIND_STUDENTS, program_id, keys)


def _students(query: str, program_id: int, keys: Sequence[str]) -> dict[str, Student]:
    return {row.key: row for row in (Student(*r) for r in fetch_all(query, [program_id, list(keys)]))}


def insert_students(program_id: int, organization_id: int, students: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Adds (student key, status) rows, linked where the organization knows the key: folded key → account for those."""
    if not students:
        return {}
    keys, statuses = [key for key, _ in students], [status for _, status in students]
    return dict(fetch_all(_INSERT_STUDENTS, [program_id, keys, statuses, organization_id]))


def update_students(changes: Sequence[tuple[int, str]]) -> None:
    """Sets (row id, status)."""
    if changes:
        execute(_UPDATE_STUDENTS, [[id_ for id_, _ in changes], [status for _, status in changes]])


def delete_students(ids: Sequence[int]) -> None:
    """Removes rows of programs, which have no rows in course runs any more."""
    if ids:
        execute("delete from matricula_programenrollment where id = any(%s)", [list(ids)])


def delete_course_rows(ids: Sequence[int]) -> None:
    """Removes rows of course runs in programs."""
    if ids:
        execute("delete from matricula_programcourseenrollment where id = any(%s)", [list(ids)])


def lock_course_rows(pairs: Sequence[CourseStudent]) -> dict[CourseStudent, CourseRow]:
    """(program enrollment id, course id) → the row, locked, for those that exist."""
    return _course_rows(_LOCK_COURSE_ROWS, pairs)


def find_course_rows(pairs: Sequence[CourseStudent]) -> dict[CourseStudent, CourseRow]:
    """As ``lock_course_rows``, without locks."""
    return _course_rows(_FIND_COURSE_ROWS, pairs)


def _course_rows(query: str, pairs: Sequence[CourseStudent]) -> dict[CourseStudent, CourseRow]:
    columns = [[a for a, _ in pairs], [b for _, b in pairs]]
    return {CourseStudent(student, course): CourseRow(*row) for student, course, *row in fetch_all(query, columns)}


def find_active_elsewhere(program_id: int, organization_id: int, pairs: Iterable[CourseKey]) -> set[CourseKey]:
    """Those (course id, folded key) that are active through another program of the organization."""
    known = list(pairs)
    columns = [[course for course, _ in known], [key for _, key in known]]
    return set(fetch_all(_ACTIVE_ELSEWHERE, [*columns, organization_id, program_id]))


_ACTIVE_THROUGH_ANY = """
select n.course_id, n.account_id from unnest(%b::bigint[], %b::bigint[]) n(course_id, account_id)
where exists (
    select 1 from matricula_programenrollment e
    cross join lateral (
        select c.status from matricula_programcourseenrollment c
        where c.program_enrollment_id = e.id and c.course_id = n.course_id
        -- as above: as a join, the planner reads the whole course run for each account where statistics are old
        offset 0
    ) c
    where e.account_id = n.account_id and c.status = 'active'
)
"""


def find_active_through_any(pairs: Iterable[CoursePerson]) -> set[CoursePerson]:
    """Those (course id, account id) for which the account is active in the course run through some program."""
    known = list(pairs)
    return set(fetch_all(_ACTIVE_THROUGH_ANY, [[course for course, _ in known], [account for _, account in known]]))


def save_course_rows(organization_id: int, rows: Sequence[tuple[int, int, str, bool, str]]) -> None:
    """Adds or sets (program enrollment id, course id, status, course staff, folded key)."""
    if rows:
        execute(_SAVE_COURSE_ROWS, [organization_id, *(list(column) for column in zip(*rows, strict=True))])


_FIND_OF_KEYS = """
select e.id, e.student_key, e.student_key_folded, e.status, e.account_id, e.program_id
from matricula_programenrollment e join matricula_program p on p.id = e.program_id and p.organization_id = %s
where e.student_key_folded = any(%s) order by e.id
"""
_STUDENTS_OF_KEYS = _FIND_OF_KEYS + " for no key update of e"
_COURSES_OF_STUDENTS = """
select c.program_enrollment_id, c.course_id, c.status, c.course_staff
from matricula_programcourseenrollment c where c.program_enrollment_id = any(%s) order by c.id
"""


def lock_students_of_keys(organization_id: int, keys: Sequence[str]) -> list[tuple[Student, int]]:
    """The students with these folded keys in every program of an organization, locked, and their programs' ids."""
    rows = fetch_all(_STUDENTS_OF_KEYS, [organization_id, list(keys)])
    return [(Student(*row[:5]), row[5]) for row in rows]


def find_students_of_keys(organization_id: int, keys: Sequence[str]) -> list[tuple[Student, int]]:
    """As ``lock_students_of_keys``, without locks."""
    rows = fetch_all(_FIND_OF_KEYS, [organization_id, list(keys)])
    return [(Student(*row[:5]), row[5]) for row in rows]


def list_courses_of_students(student_ids: Sequence[int]) -> list[tuple[int, int, str, bool]]:
    """(program enrollment id, course id, status, course staff) of these students."""
    return fetch_all(_COURSES_OF_STUDENTS, [list(student_ids)])


def set_accounts(changes: Sequence[tuple[int, int | None]]) -> None:
    """Sets (program enrollment id, account id); to no one first, so that an account may move from row to row."""
    ids, accounts = [id_ for id_, _ in changes], [account for _, account in changes]
    if ids:
        execute("update matricula_programenrollment set account_id = null where id = any(%s)", [ids])
        execute(
            "update matricula_programenrollment e set account_id = n.account_id, updated = now() "
            "from unnest(%b::bigint[], %b::bigint[]) n(id, account_id) where e.id = n.id and n.account_id is not null",
            [ids, accounts],
        )


_FOLLOW = """
with changed as (
    select * from unnest(%b::bigint[], %b::bigint[], %b::boolean[]) n(course_id, account_id, is_active)
),
held as (
    select c.id, c.status, ch.is_active, e.program_id, e.account_id, e.student_key, c.course_id, c.course_staff,
        row_number() over (partition by c.course_id, e.account_id order by c.id desc) as latest,
        bool_or(c.status = 'active') over (partition by c.course_id, e.account_id) as any_active
    from changed ch
    join matricula_programenrollment e on e.account_id = ch.account_id
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = ch.course_id
),
-- in the order in which all writers lock them: those without a seat are held by nothing else
locked as materialized (
    select c.id from matricula_programcourseenrollment c where c.id in (select id from held)
    order by c.id for no key update
)
update matricula_programcourseenrollment c
set status = case when held.is_active then 'active' else 'inactive' end, updated = now()
from held join locked using (id) where c.id = held.id
  and case when held.is_active then not held.any_active and held.latest = 1 else held.status = 'active' end
returning held.program_id, held.course_id, held.account_id, held.student_key, held.course_staff, held.status, c.status
"""


def follow_seats(changes: Sequence[tuple[int, int, bool]]) -> list[tuple[int, int, int, str, bool, str, str]]:
    """Rows in programs follow the course enrollments behind them: (course id, account id, is active).

    An ended enrollment ends every row behind which it is; one that is active again makes the latest row active.
    Gives (program id, course id, account id, student key, course staff, status before, status
    after) of each changed row.
    """
    if not changes:
        return []
    courses, accounts, active = zip(*changes, strict=True)
    return fetch_all(_FOLLOW, [Bigints(courses), Bigints(accounts), list(active)])
