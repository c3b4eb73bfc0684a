"""The downloads of the Registrar API: students of a program and of its course runs (registrar-api: Jobs).

``options`` of the job: ``format``; ``names`` adds username and email, ``course_staff`` the column of that name.
"""

from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any

from matricula.foundation.database import Tally, copy_csv, copy_json_array, fetch_all
from matricula.jobs.reads import JobStatus
from matricula.tabular.exports import Export, csv_cells

NAMES, COURSE_STAFF = "names", "course_staff"
_STUDENTS = """
from (
    select e.student_key, e.status, e.account_id is not null as account_exists, a.username, a.email,
        e.student_key_folded
    from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
    where e.program_id = %(program)s
) r order by r.student_key_folded
"""
_COURSE_ROWS = """
from (
    select coalesce(p.external_key, k.key) as course_id, e.student_key, c.status,
        e.account_id is not null as account_exists, c.course_staff, p.position, p.id, e.student_key_folded
    from matricula_programcourse p
    join matricula_course k on k.id = p.course_id
    join matricula_programenrollment e on e.program_id = p.program_id
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = p.course_id
    where p.program_id = %(program)s and (%(course)s::bigint is null or p.course_id = %(course)s)
) r
"""
_IN_COURSES = _COURSE_ROWS + "order by r.position, r.id, r.student_key_folded"
_PEOPLE = f"select count(distinct r.student_key_folded) {_COURSE_ROWS}"
_BOOLEANS = frozenset({"account_exists", "course_staff"})


def download_program_enrollments(job: JobStatus) -> Export:
    """The students of the job's program, by student key."""
    columns = ["student_key", "status", "account_exists"]
    columns += ["username", "email"] if job.options.get(NAMES) else []
    return Export(partial(_rows, _STUDENTS, columns, {"program": job.program_id}, job.options["format"]))


def download_course_enrollments(job: JobStatus) -> Export:
    """The students in the job's course run, or in all course runs of its program in the program's order."""
    columns = ["course_id", "student_key", "status", "account_exists"]
    columns += ["course_staff"] if job.options.get(COURSE_STAFF) else []
    parameters = {"program": job.program_id, "course": job.course_id}
    return Export(
        partial(_rows, _IN_COURSES, columns, parameters, job.options["format"]),
        None if job.course_id else lambda: int(fetch_all(_PEOPLE, parameters)[0][0]),
    )


def _rows(
    source: str, columns: Sequence[str], parameters: Mapping[str, Any], form: str, tally: Tally
) -> Generator[bytes]:
    if form == "json":
        shown = ", ".join(f"r.{name}" for name in columns)
        return copy_json_array(f"select {shown} {source}", parameters, tally)
    return copy_csv(f"select {csv_cells(columns, booleans=_BOOLEANS)} {source}", parameters, tally)
