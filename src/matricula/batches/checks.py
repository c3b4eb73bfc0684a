"""Files of students looked at before they are written: the check, the job that carries it out, and the rows of both."""

import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

from msgspec import Struct

from matricula.batches.at_once import work_few_at_once
from matricula.batches.upload_work import PROGRAM_KINDS, outcome_of, run_upload, work_upload_chunk
from matricula.batches.uploads import CHUNK, COURSE_STAFF, add_upload_check
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program.outcomes import rejection_text
from matricula.foundation.files import StorageFailed
from matricula.jobs.reads import JobStatus, list_chunks
from matricula.jobs.statuses import CHECKED
from matricula.jobs.writes import add_checked_job, queue_job


class UploadRow(Struct, frozen=True):
    """A row of a file and what became of it, or would.

    ``word`` is the one under which it is counted, ``before`` the status before, which only a check knows, ``after`` the
    status that it has then (None: as before), ``refusal`` why it is not carried out, in words.
    """

    student_key: str
    course: str | None
    course_staff: bool | None
    word: str
    before: str | None
    after: str | None
    refusal: str
    # as they stood in the file
    cells: tuple[str, ...]


def start_upload_check(
    stream: BinaryIO, program: ProgramFacts, *, actor_id: int, source: str, file: str, course_roles: bool
) -> uuid.UUID:
    """Stores a job that tells what a file of either kind would do; few rows are looked at here and now.

    Errors: ``TabularError`` with the row; nothing is stored.
    """
    job_id = add_upload_check(stream, program, actor_id=actor_id, source=source, file=file, course_roles=course_roles)
    work_few_at_once(job_id, work_upload_chunk, few=CHUNK)
    return job_id


def carry_out_upload_check(check: JobStatus, *, source: str, reason: str) -> uuid.UUID:
    """Does what a check has looked at, as a job; few rows here and now. A second call gives the same job.

    Errors: ``WriteUnfinished``.
    """
    job_id, new = add_checked_job(check.id, source=source, options={"reason": reason})
    if new and check.total > CHUNK:
        queue_job(job_id)
    elif new:
        try:
            run_upload(job_id)
        except StorageFailed:
            # the rows are written; the worker tries the file again, and says so where it can't
            queue_job(job_id)
    return job_id


def list_upload_rows(job: JobStatus) -> Iterator[UploadRow]:
    """The rows of a check or of an upload that are done, in order; a few chunks at a time are held."""
    for rows, results in list_chunks(job.id):
        for row, result in zip(rows, results, strict=False):
            yield _upload_row(job, row, result)


def _upload_row(job: JobStatus, row: list[Any], result: Any) -> UploadRow:
    if job.kind in PROGRAM_KINDS:
        course, (student_key, status, _repeated), staff = None, row, None
        cells: tuple[str, ...] = (student_key, status)
    else:
        course, student_key, status, _repeated, _course_id, staff = row
        cells = (course, student_key, status)
        if job.options.get(COURSE_STAFF):
            cells += ("" if staff is None else str(staff).lower(),)
    word, before, counted = result, None, result
    if job.kind in CHECKED:
        word, before = result
        counted = outcome_of(row, (word, before))
    done = word in statuses.CARRIED_OUT
    return UploadRow(
        student_key, course, staff, counted, before, word if done else None, "" if done else rejection_text(word), cells
    )
