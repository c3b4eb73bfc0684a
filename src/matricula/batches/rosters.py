"""Changes of a roster by a list or a file: looked at first, then carried out, as jobs with the same rows."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from msgspec import Struct, convert, to_builtins

from matricula.batches.at_once import work_few_at_once
from matricula.batches.imports import ENROLLMENT_COLUMNS, enrollment_request
from matricula.catalog.reads import CourseRun, get_courses
from matricula.enrollments.course.outcomes import ERROR, error_text, outcome_word
from matricula.enrollments.course.rules import Wish
from matricula.enrollments.course.writes import (
    EnrollmentOutcome,
    EnrollmentRequest,
    preview_course_enrollments,
    state,
    write_course_enrollments,
)
from matricula.enrollments.store.values import Person
from matricula.foundation.transactions import one_transaction
from matricula.jobs.imports import RowRefused
from matricula.jobs.reads import JobStatus, list_chunks
from matricula.jobs.statuses import CHANGE_ROSTER, CHECK_ROSTER
from matricula.jobs.writes import add_checked_job, add_job, finish_chunk, lock_next_chunk
from matricula.tabular.reading import read_table

CHUNK = 5_000
# the word for somebody who stays enrolled, in another mode
MODE_CHANGED = "mode_changed"


class RosterRow(Struct, frozen=True, array_like=True):
    """One row of a list or a file; what is None there is said once for all rows.

    ``number`` is the row's in the file, ``refused`` why it can't be carried out whatever is stored.
    """

    identifier: str
    number: int | None = None
    action: str | None = None
    mode: str | None = None
    auto_enroll: bool | None = None
    reason: str | None = None
    refused: str | None = None
    # the cells of a refused row as they were given, by ``ENROLLMENT_COLUMNS``
    cells: tuple[str, ...] = ()


class RosterOptions(Struct, frozen=True):
    """What is said once for all rows."""

    action: str
    mode: str | None = None
    auto_enroll: bool = False
    email_student: bool = False
    reason: str | None = None
    # the name of the file
    file: str | None = None


class RosterResult(Struct, frozen=True, array_like=True):
    """What became of a row, or would: a word of ``outcomes`` or ``mode_changed``, before and after as the API shows
    them, or why not.
    """

    word: str
    before: dict[str, Any]
    after: dict[str, Any]
    # the name of a ``Person``
    person: str | None = None


def file_rows(stream: BinaryIO, course: CourseRun) -> Iterator[RosterRow]:
    """The rows of a CSV file; those that can't be read say why.

    Errors: ``TabularError`` with the row, for a file that is no such table.

    See institution-and-commands: Files for `matricula import enrollments`.
    """
    # the header is looked at here and now
    table = read_table(stream, (), ENROLLMENT_COLUMNS, any_of=[("identifier", "email")])
    return (_file_row(number, cells, course) for number, cells in table.rows)


def _file_row(number: int, cells: tuple[str, ...], course: CourseRun) -> RosterRow:
    identifier, email, mode, auto_enroll, reason, action = cells
    try:
        request = enrollment_request(cells, course)
    except RowRefused as refused:
        return RosterRow(identifier or email, number, refused=str(refused), cells=cells)
    return RosterRow(
        request.identifier,
        number,
        request.wish.action if action else None,
        mode or None,
        request.wish.auto_enroll if auto_enroll else None,
        reason or None,
    )


def start_roster_check(
    course: CourseRun, rows: Iterable[RosterRow], options: RosterOptions, *, actor_id: int, source: str
) -> uuid.UUID:
    """Stores a job that tells what the rows would do; few rows are looked at here and now.

    Errors: ``TabularError``, for a file that turns out to be no table; nothing is stored.
    """
    job_id = add_job(
        CHECK_ROSTER,
        (to_builtins(row) for row in rows),
        actor_id=actor_id,
        source=source,
        course_id=course.id,
        options=to_builtins(options),
        chunk_size=CHUNK,
    )
    work_few_at_once(job_id, work_roster_chunk, few=CHUNK)
    return job_id


def carry_out_roster_check(check: JobStatus, *, source: str, email_student: bool, reason: str | None) -> uuid.UUID:
    """Does what a check has looked at, as a job; few rows here and now. A second call gives the same job."""
    job_id, new = add_checked_job(check.id, source=source, options={"email_student": email_student, "reason": reason})
    if new:
        work_few_at_once(job_id, work_roster_chunk, few=CHUNK)
    return job_id


def work_roster_chunk(job: JobStatus) -> bool:
    """Looks at, or does, the next chunk in one transaction; False once none is left."""
    with one_transaction():
        chunk = lock_next_chunk(job.id)
        if chunk is None or job.course_id is None:
            return False
        course = get_courses([job.course_id])[job.course_id]
        rows = convert(chunk.input, list[RosterRow])
        options = convert(job.options, RosterOptions)
        requests = [_request(row, options) for row in rows if row.refused is None]
        if job.kind == CHECK_ROSTER:
            outcomes = preview_course_enrollments(course, requests)
        else:
            outcomes = write_course_enrollments(job.operation, course, requests, journal_unchanged=False)
        done = iter(outcomes)
        results = [_result(next(done)) if row.refused is None else RosterResult(ERROR, {}, {}) for row in rows]
        finish_chunk(job.id, chunk, results, Counter(result.word for result in results))
    return True


def _request(row: RosterRow, options: RosterOptions) -> EnrollmentRequest:
    auto_enroll = options.auto_enroll if row.auto_enroll is None else row.auto_enroll
    wish = Wish(row.action or options.action, row.mode or options.mode, auto_enroll)
    return EnrollmentRequest(row.identifier, wish, options.email_student, row.reason or options.reason)


def _result(outcome: EnrollmentOutcome) -> RosterResult:
    moded = outcome.changed and outcome.before.enrolled and outcome.after.enrolled
    return RosterResult(
        MODE_CHANGED if moded else outcome_word(outcome),
        dict(state(outcome.before)),
        dict(state(outcome.after)),
        outcome.error.name if outcome.error else None,
    )


def list_roster_results(job: JobStatus) -> Iterator[tuple[RosterRow, RosterResult]]:
    """Each row with what became of it, or would; a few chunks at a time are held."""
    if job.kind not in {CHECK_ROSTER, CHANGE_ROSTER}:
        return
    for rows, results in list_chunks(job.id):
        done = convert(results, list[RosterResult])
        yield from zip(convert(rows, list[RosterRow])[: len(done)], done, strict=True)


def refusal(row: RosterRow, result: RosterResult) -> str:
    """Why a row was not, or would not be, carried out, in words; '' where it was."""
    return row.refused or (error_text(Person[result.person], row.identifier) if result.person else "")
