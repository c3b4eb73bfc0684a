"""Everything derived, computed once more from scratch, and the journal read from its beginning (``check --deep``).

Each check is one statement, so that it sees one moment, also while others write.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from matricula.enrollments.course.counts import BLOCK_OF_SEAT
from matricula.foundation.statements import Statement


class Difference(NamedTuple):
    """What does not agree: how often, and where the first of them are, by ids."""

    what: str
    times: int
    places: list[str]


_COUNTS = Statement(
    """
select 'course ' || course_id || ', block "' || block || '"' from (
    select course_id, block, is_active, mode, count(*) as seats from (
        select e.course_id, e.is_active, e.mode,
            --> block_of_seat
            as block
        from matricula_courseenrollment e
    ) seats group by 1, 2, 3, 4
    union all
    select course_id, block, is_active, mode, -sum(seats) from matricula_rostercount group by 1, 2, 3, 4
) both_ways group by course_id, block, is_active, mode having sum(seats) <> 0
""",
    block_of_seat=BLOCK_OF_SEAT,
)
# A step from no seat to no seat says nothing of one. It may stand behind the first step of somebody who was faster:
# there is no row yet by which the two could wait for each other (docs/locking.md).
_SEAT_STEPS = """
select 'journal row ' || id from (
    select id, before -> 'enrollment' as before,
        lag(after -> 'enrollment') over (partition by account_id, course_id order by id) as left_as
    from matricula_journalentry
    where subject = 'course_enrollment' and account_id is not null and (before ? 'enrollment' or after ? 'enrollment')
) steps where before is distinct from left_as
"""
_SEATS = """
select 'course ' || course_id || ', account ' || account_id from (
    select distinct on (course_id, account_id) course_id, account_id, after -> 'enrollment' as told
    from matricula_journalentry
    where subject = 'course_enrollment' and account_id is not null and (before ? 'enrollment' or after ? 'enrollment')
    order by course_id, account_id, id desc
) journal
full join (
    select course_id, account_id, jsonb_build_object('mode', mode, 'is_active', is_active) as stored
    from matricula_courseenrollment
) seats using (course_id, account_id)
where told is distinct from stored
"""
_STUDENT_STEPS = """
select 'journal row ' || id from (
    select id, before ->> 'status' as before, lag(after ->> 'status') over (
        partition by subject, program_id, course_id, lower(student_key collate "C") order by id
    ) as left_as
    from matricula_journalentry where subject in ('program_enrollment', 'program_course_enrollment')
) steps where before is distinct from left_as
"""
_STUDENTS = """
select 'program ' || program_id || coalesce(', course ' || nullif(course_id, 0), '') || ', row ' || coalesce(row_id, 0)
from (
    select distinct on (program_id, course_id, key) * from (
        select program_id, coalesce(course_id, 0) as course_id, lower(student_key collate "C") as key,
            after ->> 'status' as told, id
        from matricula_journalentry where subject in ('program_enrollment', 'program_course_enrollment')
    ) entries order by program_id, course_id, key, id desc
) journal
full join (
    select program_id, 0 as course_id, student_key_folded as key, status as stored, id as row_id
    from matricula_programenrollment
    union all
    select e.program_id, c.course_id, c.student_key_folded, c.status, c.id
    from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
) students using (program_id, course_id, key)
where told is distinct from stored
"""
# with rows in several programs of which some are active, the newest word counts: nothing can be said
_ROWS_AND_SEATS = """
select 'course ' || c.course_id || ', account ' || e.account_id
from matricula_programcourseenrollment c
join matricula_programenrollment e on e.id = c.program_enrollment_id and e.account_id is not null
left join matricula_courseenrollment s on s.course_id = c.course_id and s.account_id = e.account_id
group by c.course_id, e.account_id
having bool_and(c.status = 'active') and not bool_or(coalesce(s.is_active, false))
    or bool_and(c.status = 'inactive') and bool_or(coalesce(s.is_active, false))
"""
_OPERATIONS = """
select 'journal row ' || e.id from matricula_journalentry e
where not exists (select 1 from matricula_operation o where o.id = e.operation)
"""
_CHECKS = {
    "audit rows have no operation": _OPERATIONS,
    "counts of a roster differ from its seats": _COUNTS(),
    "audit rows of course enrollments do not begin where the one before ended": _SEAT_STEPS,
    "course enrollments differ from what the journal tells last": _SEATS,
    "audit rows of programs do not begin where the one before ended": _STUDENT_STEPS,
    "rows of programs differ from what the journal tells last": _STUDENTS,
    "rows of programs contradict the course enrollments behind them": _ROWS_AND_SEATS,
}
_SHOWN = 5


def list_differences() -> Iterator[Difference]:
    """What does not agree; nothing where all is well. Reads whole tables: minutes, where there are millions of rows."""
    with connection.cursor() as cursor:
        for what, query in _CHECKS.items():
            # one of the statements above
            counted = f"with found(place) as ({query}) select count(*) over (), place from found limit %s"  # noqa: S608
            cursor.execute(counted, [_SHOWN])
            if found := cursor.fetchall():
                yield Difference(what, found[0][0], [place for _, place in found])
