"""Files of students for a program or its course runs, carried out by the command that reads them.

They are the uploads of the Registrar API, from a file of any size and without anybody's features.

See institution-and-commands: Commands.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from matricula.batches.upload_work import run_upload
from matricula.batches.uploads import (
    COURSE_COLUMNS,
    COURSE_STAFF,
    PROGRAM_COLUMNS,
    start_course_upload,
    start_program_upload,
)
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments import statuses
from matricula.enrollments.program.outcomes import rejection_text
from matricula.foundation.files import StorageFailed
from matricula.jobs.imports import ImportDoor, ImportEnded, Rejected
from matricula.jobs.reads import JobStatus, get_job, list_chunks
from matricula.jobs.statuses import COMPLETED, WRITE_PROGRAM_ENROLLMENTS

PROGRAM_IMPORT_COLUMNS = PROGRAM_COLUMNS
COURSE_IMPORT_COLUMNS = (*COURSE_COLUMNS, COURSE_STAFF)


def import_program_enrollments(file: Path, program: ProgramFacts, door: ImportDoor) -> Counter[str]:
    """Creates or updates program enrollments as the rows say; counts by the words of the result.

    A command that is killed leaves the rest to the worker. Errors: ``TabularError`` with the row and
    ``WriteUnfinished``, nothing written; ``ImportEnded``; ``StorageFailed`` once all rows are written.
    """
    return _run(
        file,
        lambda stream: start_program_upload(stream, program, actor_id=door.actor_id, source=door.source),
        door,
    )


def import_program_course_enrollments(file: Path, program: ProgramFacts, door: ImportDoor) -> Counter[str]:
    """As ``import_program_enrollments``, for the program's course runs."""
    return _run(
        file,
        lambda stream: start_course_upload(
            stream, program, actor_id=door.actor_id, source=door.source, course_roles=True
        ),
        door,
    )


def _run(file: Path, start: Callable[[BinaryIO], uuid.UUID], door: ImportDoor) -> Counter[str]:
    with file.open("rb") as stream:
        job_id = start(stream)
    total, size = max(1, get_job(job_id).total), file.stat().st_size
    # progress is told in bytes of the file, as the other imports tell it
    try:
        job = run_upload(job_id, lambda done: door.progress(size * done // total))
    except StorageFailed:
        _reject(get_job(job_id), door)
        raise
    _reject(job, door)
    if job.state != COMPLETED:
        raise ImportEnded(f"It ended after {job.done} of {job.total} rows: {job.error or job.state}.")
    return Counter(job.counts)


def _reject(job: JobStatus, door: ImportDoor) -> None:
    for cells, word in _rejected(job):
        door.reject(Rejected(None, cells, rejection_text(word)))


def _rejected(job: JobStatus) -> Iterator[tuple[tuple[str, ...], str]]:
    """(cells, word) of the rows that were not carried out."""
    for rows, words in list_chunks(job.id):
        for row, word in zip(rows, words, strict=False):
            if word in statuses.CARRIED_OUT:
                continue
            if job.kind == WRITE_PROGRAM_ENROLLMENTS:
                student_key, status, _repeated = row
                yield (student_key, status), word
            else:
                course, student_key, status, _repeated, _course_id, staff = row
                yield (course, student_key, status, "" if staff is None else str(staff)), word
