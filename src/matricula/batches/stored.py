"""The rows of batches and their outcomes as they are stored: the one place that writes, reads and decodes them.

A chunk is one JSON text each: ``{"v": 1, "rows": […], "rejected": […]}``. A row is null where it was rejected before,
its ``Rejected`` is then the next of ``rejected``; its outcome is null, too. Enums are stored by value. A bare list is
from before there were versions: the kind knows how to read it.
"""

import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from typing import Any, Generic, Literal, TypeVar

import msgspec
from django.db import connection
from msgspec import Struct

from matricula.batches import values
from matricula.batches.values import Kind, Rejected
from matricula.jobs.reads import JobStatus
from matricula.jobs.writes import advance_job, lock_unfinished_job

VERSION: Literal[1] = 1
Item = TypeVar("Item")
_CHUNKS_HELD = 4
_encode = msgspec.json.Encoder().encode
AnyKind = Kind[Any, Any, Any, Any]


class _Stored(Struct, Generic[Item], omit_defaults=True):
    v: Literal[1]
    rows: list[Item | None]
    rejected: list[Rejected] = []


@dataclass(frozen=True, slots=True)
class Chunk:
    """One transaction's share of a batch."""

    number: int
    rows: list[Any]


def stored_options(options: values.Options) -> dict[str, Any]:
    """What is said once for all rows, for a job to keep."""
    return {"v": VERSION, **msgspec.to_builtins(options)}


def options_of(job: JobStatus, kind: AnyKind) -> Any:
    """The kind's options of a job."""
    return msgspec.convert(job.options, kind.options)


_ADD = "insert into matricula_jobchunk (job_id, number, input) values (%s, %s, %s::jsonb)"


def keep_rows(job_id: uuid.UUID, rows: Iterable[Any]) -> int:
    """Stores the rows of a job in their order, never all of them in memory; how many."""
    remaining, total = iter(rows), 0
    with connection.cursor() as cursor:
        for number in count(1):
            chunk = list(islice(remaining, values.CHUNK))
            if not chunk:
                return total
            rejected = [row for row in chunk if isinstance(row, Rejected)]
            given = [None if isinstance(row, Rejected) else row for row in chunk]
            cursor.execute(_ADD, [job_id, number, _encode(_Stored(VERSION, given, rejected)).decode()])
            total += len(chunk)
    raise AssertionError


_HOLD = """
create temporary table uploaded (
    line bigint generated always as identity,
    course text, student_key text not null, status text not null, course_staff boolean,
    course_id bigint,
    folded text collate "C" not null generated always as (lower(student_key collate "C")) stored
) on commit drop
"""
_STORE = """
with stored as (
    insert into matricula_jobchunk (job_id, number, input)
    select %(job)s, (r.n - 1) / %(size)s + 1,
        jsonb_build_object('v', 1, 'rows', jsonb_agg(jsonb_build_array({fields}) order by r.n))
    from ({numbered}) r group by 2
    returning jsonb_array_length(input -> 'rows') as n
)
select coalesce(sum(n), 0) from stored
"""
# one entry for each student, under the key's first spelling
_STORE_STUDENTS = _STORE.format(
    fields="r.student_key, r.status, r.repeated",
    numbered="""
    select s.*, row_number() over (order by s.student_key collate "C") as n
    from (
        select distinct on (folded) student_key, status, count(*) over (partition by folded) > 1 as repeated
        from uploaded order by folded, line
    ) s
    """,
)
_STORE_COURSE_STUDENTS = _STORE.format(
    fields="r.course, r.student_key, r.status, r.repeated, r.course_id, r.course_staff",
    numbered="""
    select u.*, row_number() over (order by u.line) as n,
        u.course_id is not null and count(*) over (partition by u.course_id, u.folded) > 1 as repeated
    from uploaded u
    """,
)


def keep_students(job_id: uuid.UUID, rows: Iterable[Any]) -> int:
    """Stores the students of a program by key, each once, marked where the file repeats one; how many."""
    return _keep_marked(job_id, rows, ("student_key", "status"), _STORE_STUDENTS)


def keep_course_students(job_id: uuid.UUID, rows: Iterable[Any]) -> int:
    """Stores the students of its course runs in the order of the file, marked where it repeats one; how many."""
    columns = ("course", "student_key", "status", "course_id", "course_staff")
    return _keep_marked(job_id, rows, columns, _STORE_COURSE_STUDENTS)


def _keep_marked(job_id: uuid.UUID, rows: Iterable[Any], columns: Sequence[str], query: str) -> int:
    """Copies the rows into a temporary table as they are read, and from there into the job's chunks."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.uploaded")
        cursor.execute(_HOLD)
        with cursor.copy(f"copy uploaded ({', '.join(columns)}) from stdin") as copy:
            for row in rows:
                copy.write_row([getattr(row, column) for column in columns])
        cursor.execute("analyze uploaded")
        cursor.execute(query, {"job": job_id, "size": values.CHUNK})
        [total] = cursor.fetchone()
        cursor.execute("drop table pg_temp.uploaded")
    return int(total)


_COPY = """
insert into matricula_jobchunk (job_id, number, input)
select %s, number, input from matricula_jobchunk where job_id = %s
"""


def copy_rows(of: uuid.UUID, to: uuid.UUID) -> None:
    """Gives a job the rows of another one."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [to, of])


_NEXT = """
select number, input::text from matricula_jobchunk where job_id = %s and results is null order by number limit 1
"""


def lock_next_rows(job: JobStatus, kind: AnyKind) -> Chunk | None:
    """Holds the job until the transaction ends and gives its next undone rows; None if there are none left.

    Two workers that run one job by mistake thus do its chunks in turn, each once.
    """
    if not lock_unfinished_job(job.id):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [job.id])
        found = cursor.fetchone()
    return Chunk(found[0], _decoded(kind, found[1], None)[0]) if found else None


def keep_outcomes(job_id: uuid.UUID, chunk: Chunk, outcomes: Sequence[Any], counts: Mapping[str, int]) -> None:
    """Stores what became of the rows and moves the job on, in the transaction that did the work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update matricula_jobchunk set results = %s::jsonb where job_id = %s and number = %s",
            [_encode(_Stored(VERSION, list(outcomes))).decode(), job_id, chunk.number],
        )
    advance_job(job_id, len(chunk.rows), counts)


def list_outcomes(job: JobStatus, kind: AnyKind) -> Iterator[tuple[Any, Any]]:
    """Each row that is done (or its ``Rejected``) with its outcome (or None), in order; a few chunks are held."""
    for given, results in _chunks(job.id):
        yield from zip(*_decoded(kind, given, results), strict=True)


_CHUNKS = """
select input::text, results::text from matricula_jobchunk
where job_id = %s and results is not null and number > %s order by number limit %s
"""


def _chunks(job_id: uuid.UUID) -> Iterator[tuple[str, str]]:
    for first in count(step=_CHUNKS_HELD):
        with connection.cursor() as cursor:
            cursor.execute(_CHUNKS, [job_id, first, _CHUNKS_HELD])
            found = cursor.fetchall()
        yield from found
        if len(found) < _CHUNKS_HELD:
            return


def _decoded(kind: AnyKind, given: str, results: str | None) -> tuple[list[Any], list[Any]]:
    """Rows, or those of them that were rejected, and outcomes."""
    if given.startswith("["):
        before = results if results and results.startswith("[") else "[]"
        rows, outcomes = _unversioned(kind)(msgspec.json.decode(given), msgspec.json.decode(before))
        return rows, _items(kind.outcome, results).rows if results and results != before else outcomes
    stored = _items(kind.row, given)
    rejected = iter(stored.rejected)
    rows = [next(rejected) if row is None else row for row in stored.rows] if stored.rejected else stored.rows
    return rows, _items(kind.outcome, results).rows if results else []


def _unversioned(kind: AnyKind) -> Callable[[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    if kind.unversioned is None:
        raise ValueError(f"rows of a job {kind.job} have no version")
    return kind.unversioned


def _items(of: Any, text: str) -> _Stored[Any]:
    stored: _Stored[Any] = _decoder(of).decode(text)
    return stored


@cache
def _decoder(of: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Stored[of])  # type: ignore[valid-type]
