"""The rows of the reports that Matricula itself writes (registrar-api: Reports)."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from matricula.catalog.reads import ProgramRun
from matricula.enrollments.statuses import COURSE_STATUSES, PROGRAM_STATUSES
from matricula.foundation.database import fetch_all, stream_rows
from matricula.journal.statuses import Subject

AGGREGATE_COLUMNS = ("measure", "course_id", "date", "status", "count")
_STUDENTS = """
select e.student_key, e.status, e.account_id is not null, (
    select jsonb_object_agg(c.course_id, c.status)::text from matricula_programcourseenrollment c
    where c.program_enrollment_id = e.id
)
from matricula_programenrollment e where e.program_id = %s order by e.student_key_folded
"""
_BY_STATUS = "select status, count(*) from matricula_programenrollment where program_id = %s group by status"
_BY_RUN = """
select c.course_id, c.status, count(*) from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id where e.program_id = %s group by 1, 2
"""
# linking a key to an account leaves the status as it is
_BY_DAY = """
select (at at time zone 'UTC')::date, after ->> 'status', count(*) from matricula_journalentry
where program_id = %s and subject = %s and before ->> 'status' is distinct from after ->> 'status'
group by 1, 2 order by 1, 2
"""


def enrollment_columns(runs: Iterable[ProgramRun]) -> list[str]:
    """The columns of the enrollment report: one for each course run, named as the university names it."""
    return ["student_key", "status", "account_exists", *(run.external_key or run.key for run in runs)]


def list_students(program_id: int, runs: Iterable[ProgramRun]) -> Iterator[list[Any]]:
    """A row for each student, by student key, with the status in every course run of the program; streamed.

    No names: who may read reports need not be among those who may see names in downloads.
    """
    courses = [str(run.course_id) for run in runs]
    for student_key, status, account_exists, studied in stream_rows(_STUDENTS, [program_id]):
        held = msgspec.json.decode(studied) if studied else {}
        yield [student_key, status, account_exists, *(held.get(course) for course in courses)]


def list_counts(program_id: int, runs: Iterable[ProgramRun]) -> Iterator[tuple[str, str | None, str | None, str, int]]:
    """How many students have which status (``students``), how many which status in which course run
    (``course_enrollments``), and how many came to which status on which day, in UTC, by the journal (``became``).
    """
    by_status = {status: count for status, count in fetch_all(_BY_STATUS, [program_id])}
    for status in PROGRAM_STATUSES:
        yield "students", None, None, status, by_status.get(status, 0)
    by_run = {(course_id, status): count for course_id, status, count in fetch_all(_BY_RUN, [program_id])}
    for run in runs:
        for in_course in COURSE_STATUSES:
            name = run.external_key or run.key
            yield "course_enrollments", name, None, in_course, by_run.get((run.course_id, in_course), 0)
    for day, status, count in fetch_all(_BY_DAY, [program_id, Subject.PROGRAM_ENROLLMENT]):
        yield "became", None, day.isoformat(), status, count
