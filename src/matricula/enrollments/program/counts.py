"""How many students programs have, kept by triggers (docs/decisions/0013): exact at any moment, read in no time.

Triggers add a row to ``matricula_studentcount`` for whatever a statement changed; reading sums them. Adding them up now
and then keeps reading fast, and changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from matricula.enrollments.statuses import PROGRAM_STATUSES, ProgramStatus
from matricula.foundation.database import fetch_all


@dataclass(frozen=True, slots=True)
class StudentNumbers:
    """How many students a program has, by status, and how many have an account."""

    total: int
    by_status: Mapping[ProgramStatus, int]
    linked: int

    @property
    def waiting(self) -> int:
        """How many wait for an account."""
        return self.total - self.linked


_FOLD = """
with several as (
    select program_id, course_id, status, is_linked from matricula_studentcount group by 1, 2, 3, 4
    having count(*) > 1 or sum(students) = 0
),
taken as (
    delete from matricula_studentcount where id in (
        select c.id from matricula_studentcount c join several s on s.program_id = c.program_id
            and s.course_id is not distinct from c.course_id and s.status = c.status
            and s.is_linked is not distinct from c.is_linked
        for update of c skip locked
    ) returning program_id, course_id, status, is_linked, students
)
insert into matricula_studentcount (program_id, course_id, status, is_linked, students)
select program_id, course_id, status, is_linked, sum(students) from taken group by 1, 2, 3, 4 having sum(students) <> 0
"""
_OF_PROGRAMS = """
select program_id, status, coalesce(sum(students) filter (where is_linked), 0)::bigint, sum(students)::bigint
from matricula_studentcount where program_id = any(%(programs)s) and course_id is null group by program_id, status
"""
_OF_FILTER = """
select coalesce(sum(students), 0)::bigint from matricula_studentcount
where program_id = %(program)s and course_id is not distinct from %(course)s::bigint
    and (%(status)s::text is null or status = %(status)s)
    and (%(is_linked)s::boolean is null or is_linked = %(is_linked)s)
"""
_IN_COURSES = """
select course_id, status, sum(students)::bigint from matricula_studentcount
where program_id = %(program)s and course_id is not null group by course_id, status having sum(students) <> 0
"""


def fold_student_counts() -> None:
    """Adds up rows that count the same thing. No writer waits for it, and two at once do no harm."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)


def count_students_by_status(program_id: int) -> StudentNumbers:
    """How many students a program has in each status, and with an account; each status is there."""
    return list_student_numbers([program_id])[program_id]


def list_student_numbers(program_ids: Collection[int]) -> dict[int, StudentNumbers]:
    """Program id → how many students it has in each status, and with an account; one statement for any number."""
    by_status = {program_id: dict.fromkeys(PROGRAM_STATUSES, 0) for program_id in program_ids}
    linked = dict.fromkeys(program_ids, 0)
    for program_id, status, with_account, total in fetch_all(_OF_PROGRAMS, {"programs": list(program_ids)}):
        by_status[program_id][ProgramStatus(status)] = total
        linked[program_id] += with_account
    return {id_: StudentNumbers(sum(counts.values()), counts, linked[id_]) for id_, counts in by_status.items()}


def count_kept(
    program_id: int, *, status: str | None = None, is_linked: bool | None = None, course_id: int | None = None
) -> int:
    """How many students have a status (None: any), with an account or without; or have a status in a course run."""
    asked = {"program": program_id, "course": course_id, "status": status, "is_linked": is_linked}
    return int(fetch_all(_OF_FILTER, asked)[0][0])


def count_in_courses(program_id: int) -> dict[int, dict[str, int]]:
    """Course id → status → how many students of the program have it there, for those where anyone has one."""
    counts: dict[int, dict[str, int]] = {}
    for course_id, status, number in fetch_all(_IN_COURSES, {"program": program_id}):
        counts.setdefault(course_id, {})[status] = number
    return counts
