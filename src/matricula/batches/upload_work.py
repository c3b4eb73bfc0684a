"""Carrying out uploads, and checks of what they would do: chunk by chunk, then the result file.

See registrar-api: Uploads; registrar-api: Jobs.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from matricula.batches.faults import write_what_can_be
from matricula.batches.uploads import COURSE_COLUMNS, COURSE_STAFF, PROGRAM_COLUMNS
from matricula.catalog.reads import ProgramFacts, get_program
from matricula.enrollments import statuses
from matricula.enrollments.program.rules import Verb, result_code
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    preview_program_course_enrollments,
    preview_program_enrollments,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.foundation.files import write_file
from matricula.foundation.transactions import one_transaction
from matricula.jobs.downloads import finish_with_file, result_name
from matricula.jobs.quota import within_quota
from matricula.jobs.reads import JobStatus, get_job, list_chunks
from matricula.jobs.statuses import CHECK_PROGRAM_ENROLLMENTS, CHECKED, UNFINISHED, WRITE_PROGRAM_ENROLLMENTS
from matricula.jobs.writes import finish_chunk, lock_next_chunk
from matricula.journal.writes import Operation
from matricula.tabular.writing import table_lines

# the word for rows that would stay as they are
UNCHANGED = "unchanged"
_NOTHING = "204"
PROGRAM_KINDS = (CHECK_PROGRAM_ENROLLMENTS, WRITE_PROGRAM_ENROLLMENTS)
CheckedRow = tuple[str, str | None]
Found = TypeVar("Found")


def work_upload_chunk(job: JobStatus) -> bool:
    """Writes the next chunk of an upload in one transaction, its results with it, or only looks at what it would do;
    False once none is left.

    The result of a row is its word; of a check, [word, status before].
    """
    with one_transaction():
        chunk = lock_next_chunk(job.id)
        if chunk is None or job.program_id is None:
            return False
        program, results = get_program(job.program_id), list[Any]()
        if job.kind in CHECKED:
            check = _check_program if job.kind in PROGRAM_KINDS else _check_courses
            results += check(program, chunk.input)
            counted = Counter(map(outcome_of, chunk.input, results))
        else:
            write = _write_program if job.kind in PROGRAM_KINDS else _write_courses
            results += write(job.operation, program, chunk.input)
            counted = Counter(results)
        finish_chunk(job.id, chunk, results, counted)
    return True


def outcome_of(row: Sequence[Any], result: CheckedRow) -> str:
    """The word under which a row of a check is counted: ``unchanged`` for a status that is held already.

    A row that says who is course staff may change that; no status tells.
    """
    word, held = result
    return UNCHANGED if word == held and (len(row) == len(PROGRAM_COLUMNS) + 1 or row[-1] is None) else word


def run_upload(job_id: uuid.UUID, progress: Callable[[int], None] = lambda _: None) -> JobStatus:
    """Carries an upload out here and now, beside a worker that may take part; the job as it ended.

    ``progress`` is told how many rows are done. A caller that is killed leaves the rest to the worker.
    """
    job = get_job(job_id)
    while work_upload_chunk(job):
        progress(get_job(job_id).done)
    finish_upload(job)
    return get_job(job_id)


def finish_upload(job: JobStatus) -> None:
    """Writes the result file of an upload whose chunks are done, and completes it."""
    job = get_job(job.id)
    if job.state not in UNFINISHED:
        return
    name = result_name(job.id, "csv")
    write_file(name, within_quota(job, table_lines(upload_columns(job), _result_rows(job))))
    finish_with_file(job.id, name, _text(job.counts))


def upload_columns(job: JobStatus) -> tuple[str, ...]:
    """The columns of the file of an upload, or of its check."""
    if job.kind in PROGRAM_KINDS:
        return PROGRAM_COLUMNS
    return (*COURSE_COLUMNS, COURSE_STAFF) if job.options.get(COURSE_STAFF) else COURSE_COLUMNS


def _result_rows(job: JobStatus) -> Iterator[Sequence[Any]]:
    for rows, words in list_chunks(job.id):
        for row, word in zip(rows, words, strict=True):
            if job.kind == WRITE_PROGRAM_ENROLLMENTS:
                yield row[0], word
            else:
                course, student_key, _status, _repeated, _course_id, staff = row
                yield (course, student_key, word, staff) if job.options.get(COURSE_STAFF) else (
                    course, student_key, word,
                )  # fmt: skip


def _text(counts: dict[str, int]) -> str:
    words = [word for word, count in counts.items() if count]
    return str(result_code(words, statuses.CARRIED_OUT)) if counts else _NOTHING


def _write_program(operation: Operation, program: ProgramFacts, rows: Sequence[list[Any]]) -> list[str]:
    return write_what_can_be(
        lambda some: write_program_enrollments(operation, program, Verb.CREATE_OR_UPDATE, some), _requests(rows)
    )


def _write_courses(operation: Operation, program: ProgramFacts, rows: Sequence[list[Any]]) -> list[str]:
    words = write_what_can_be(
        lambda some: write_program_course_enrollments(operation, program, Verb.CREATE_OR_UPDATE, some),
        _course_requests(rows),
    )
    return _where_known(rows, words, statuses.COURSE_NOT_FOUND)


def _check_program(program: ProgramFacts, rows: Sequence[list[Any]]) -> list[CheckedRow]:
    return preview_program_enrollments(program, Verb.CREATE_OR_UPDATE, _requests(rows))


def _check_courses(program: ProgramFacts, rows: Sequence[list[Any]]) -> list[CheckedRow]:
    found = preview_program_course_enrollments(program, Verb.CREATE_OR_UPDATE, _course_requests(rows))
    return _where_known(rows, found, (statuses.COURSE_NOT_FOUND, None))


def _requests(rows: Sequence[list[Any]]) -> list[ProgramRequest]:
    return [ProgramRequest(student_key, status, repeated) for student_key, status, repeated in rows]


def _course_requests(rows: Sequence[list[Any]]) -> list[ProgramCourseRequest]:
    """Of the rows whose course run is known."""
    return [
        ProgramCourseRequest(course_id, student_key, status, course_staff, repeated)
        for _course, student_key, status, repeated, course_id, course_staff in rows
        if course_id is not None
    ]


def _where_known(rows: Sequence[list[Any]], found: Iterable[Found], otherwise: Found) -> list[Found]:
    """For each row what was found, which is there for those whose course run is known."""
    known = iter(found)
    return [otherwise if row[4] is None else next(known) for row in rows]
