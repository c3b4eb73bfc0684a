"""Files of students for a program or its course runs: read, checked and stored as a job (registrar-api: Uploads).

The rows go into a temporary table as they are read, and from there, marked where they repeat each other, into the
job's chunks: all in the transaction that makes the job, and never all of them in memory.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.db import connection

from matricula.catalog.reads import ProgramFacts, list_program_runs
from matricula.foundation.text import has_control_characters, invisible_character
from matricula.foundation.transactions import one_transaction
from matricula.jobs.statuses import (
    CHECK_COURSE_RUN_ENROLLMENTS,
    CHECK_PROGRAM_ENROLLMENTS,
    WRITE_COURSE_RUN_ENROLLMENTS,
    WRITE_PROGRAM_ENROLLMENTS,
)
from matricula.jobs.writes import add_write_job, queue_job, update_job
from matricula.tabular.reading import TabularError, read_table

STUDENT_KEY = "student_key"
PROGRAM_COLUMNS = (STUDENT_KEY, "status")
COURSE_COLUMNS = ("course_id", STUDENT_KEY, "status")
COURSE_STAFF = "course_staff"
# rows in one transaction
CHUNK = 5_000
_LONGEST_CELL = 255
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": None}

_HOLD = """
create temporary table uploaded (
    line bigint generated always as identity,
    course text, student_key text not null, status text not null, course_staff boolean,
    course_id bigint,
    folded text collate "C" not null generated always as (lower(student_key collate "C")) stored
) on commit drop
"""
# one entry for each student, under the key's first spelling
_STORE_PROGRAM = """
insert into matricula_jobchunk (job_id, number, input)
select %s, (r.n - 1) / %s + 1, jsonb_agg(jsonb_build_array(r.student_key, r.status, r.repeated) order by r.n)
from (
    select s.*, row_number() over (order by s.student_key collate "C") as n
    from (
        select distinct on (folded) student_key, status, count(*) over (partition by folded) > 1 as repeated
        from uploaded order by folded, line
    ) s
) r group by 2
"""
_STORE_COURSE = """
insert into matricula_jobchunk (job_id, number, input)
select %s, (r.n - 1) / %s + 1, jsonb_agg(
    jsonb_build_array(r.course, r.student_key, r.status, r.repeated, r.course_id, r.course_staff) order by r.n)
from (
    select u.*, row_number() over (order by u.line) as n,
        u.course_id is not null and count(*) over (partition by u.course_id, u.folded) > 1 as repeated
    from uploaded u
) r group by 2
"""


def start_program_upload(stream: BinaryIO, program: ProgramFacts, *, actor_id: int | None, source: str) -> uuid.UUID:
    """Stores and queues a job that creates or updates the program enrollments of a CSV file.

    Errors: ``WriteUnfinished``, then ``TabularError`` with the row; nothing is stored.
    """
    with one_transaction():
        job_id = add_write_job(
            WRITE_PROGRAM_ENROLLMENTS, actor_id=actor_id, source=source, program_id=program.id, options={}
        )
        queue_job(job_id, total=_store_students(job_id, stream))
    return job_id


def start_course_upload(
    stream: BinaryIO, program: ProgramFacts, *, actor_id: int | None, source: str, course_roles: bool
) -> uuid.UUID:
    """As ``start_program_upload``, for the program's course runs; ``course_roles``: column course_staff is taken."""
    with one_transaction():
        job_id = add_write_job(
            WRITE_COURSE_RUN_ENROLLMENTS, actor_id=actor_id, source=source, program_id=program.id, options={}
        )
        total, has_staff = _store_course_students(job_id, stream, program, course_roles=course_roles)
        queue_job(job_id, total=total, options={COURSE_STAFF: has_staff})
    return job_id


def add_upload_check(
    stream: BinaryIO, program: ProgramFacts, *, actor_id: int, source: str, file: str, course_roles: bool
) -> uuid.UUID:
    """Stores a job that tells what a CSV file of either kind would do, not queued yet; its header says which kind.

    Errors: ``TabularError`` with the row; nothing is stored.
    """
    table = read_table(stream, PROGRAM_COLUMNS, COURSE_COLUMNS[:1])
    stream.seek(0)
    kind = CHECK_COURSE_RUN_ENROLLMENTS if COURSE_COLUMNS[0] in table.columns else CHECK_PROGRAM_ENROLLMENTS
    options: dict[str, Any] = {"file": file}
    with one_transaction():
        job_id = add_write_job(kind, actor_id=actor_id, source=source, program_id=program.id, options={})
        if kind == CHECK_PROGRAM_ENROLLMENTS:
            total = _store_students(job_id, stream)
        else:
            total, options[COURSE_STAFF] = _store_course_students(job_id, stream, program, course_roles=course_roles)
        update_job(job_id, total=total, options=options)
    return job_id


def _store_students(job_id: uuid.UUID, stream: BinaryIO) -> int:
    """The rows of a file into the job's chunks; how many entries."""
    table = read_table(stream, PROGRAM_COLUMNS, max_cell=_LONGEST_CELL)
    _hold(("student_key", "status"), (_checked(row, PROGRAM_COLUMNS, cells) for row, cells in table.rows))
    return _store(job_id, _STORE_PROGRAM)


def _store_course_students(
    job_id: uuid.UUID, stream: BinaryIO, program: ProgramFacts, *, course_roles: bool
) -> tuple[int, bool]:
    """As ``_store_students``; and True if the column course_staff is there, and taken."""
    optional = (COURSE_STAFF,) if course_roles else ()
    table = read_table(stream, COURSE_COLUMNS, optional, max_cell=_LONGEST_CELL)
    _hold(
        ("course", "student_key", "status", "course_staff", "course_id"),
        _course_rows(table.rows, _run_ids(program.id)),
    )
    return _store(job_id, _STORE_COURSE), COURSE_STAFF in table.columns


def _run_ids(program_id: int) -> dict[str, int]:
    """Own and external key → course run; the own key of one goes before the external key of another."""
    runs = list_program_runs(program_id)
    external = {run.external_key: run.course_id for run in runs if run.external_key is not None}
    return external | {run.key: run.course_id for run in runs}


def _course_rows(rows: Iterable[tuple[int, tuple[str, ...]]], runs: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for row, cells in rows:
        course, student_key, status, *staff = _checked(row, COURSE_COLUMNS, cells)
        yield course, student_key, status, _boolean(row, staff[0]) if staff else None, runs.get(course)


def _boolean(row: int, cell: str) -> bool | None:
    try:
        return _BOOLEANS[cell.lower()]
    except KeyError:
        message = f"Row {row}, column {COURSE_STAFF}: write true or false, 1 or 0, yes or no, or leave it empty."
        raise TabularError(message, row, COURSE_STAFF) from None


def _checked(row: int, columns: tuple[str, ...], cells: tuple[str, ...]) -> tuple[str, ...]:
    """The cells of a row, none of which breaks a line."""
    joined = "".join(cells)
    if not (joined.isprintable() and joined.isascii()):
        for name, cell in zip(columns, cells, strict=False):
            if has_control_characters(cell):
                message = f"Row {row}, column {name}: there is a line break or a control character. Remove it."
                raise TabularError(message, row, name)
            if name == STUDENT_KEY and (hidden := invisible_character(cell)):
                message = f"Row {row}, column {name}: there is the invisible character {hidden}. Delete it."
                raise TabularError(message, row, name)
    return cells


def _hold(columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Copies the rows into the temporary table as they are read."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.uploaded")
        cursor.execute(_HOLD)
        with cursor.copy(f"copy uploaded ({', '.join(columns)}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("analyze uploaded")


def _store(job_id: uuid.UUID, query: str) -> int:
    """Moves the rows into the job's chunks; how many entries they make."""
    with connection.cursor() as cursor:
        cursor.execute(query, [job_id, CHUNK])
        cursor.execute(
            "select coalesce(sum(jsonb_array_length(input)), 0) from matricula_jobchunk where job_id = %s", [job_id]
        )
        [total] = cursor.fetchone()
        cursor.execute("drop table pg_temp.uploaded")
    return int(total)
