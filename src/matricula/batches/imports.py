"""``matricula import``: a CSV file run as one job by the command that reads it (institution-and-commands: Commands)."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from django.db import DatabaseError, InterfaceError, connection

from matricula.batches import values
from matricula.batches.kinds import get_kind, operation_of
from matricula.batches.runs import list_rejected, run_here, store_batch_of_file
from matricula.batches.stored import AnyKind, stored_options
from matricula.batches.values import FileRow, Options, Parsed, Rejected, count_words, outcomes_of, requests_of
from matricula.catalog.reads import CourseRun
from matricula.foundation.files import StorageFailed
from matricula.foundation.transactions import one_transaction
from matricula.jobs.heartbeat import beating
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import COMPLETED
from matricula.jobs.writes import JobCanceled, advance_job, complete_job, fail_job, record_job, record_start
from matricula.journal.statuses import Source

T = TypeVar("T")


class ImportEnded(Exception):
    """The job was canceled or failed before all rows were written; the message says how far it came."""


@dataclass(frozen=True, slots=True)
class ImportDoor:
    """Who imports, and where to report how far it is (in bytes of the file) and which rows were rejected."""

    actor_id: int | None
    source: Source
    progress: Callable[[int], None]
    reject: Callable[[Rejected], None]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The rows of one transaction, what they ask for, and how far the file is read with them."""

    rows: Sequence[FileRow]
    requests: Sequence[Any]
    place: int


def import_file(kind: AnyKind, about: Any, file: Path, door: ImportDoor, options: Options) -> Counter[str]:
    """Writes what the rows say, in committed chunks; counts by the words of the outcomes.

    The whole file is read once before anything is written. Errors: ``TabularError`` with the row and
    ``WriteUnfinished``, nothing written; ``ImportEnded``; ``StorageFailed`` once all rows are written.
    """
    options = msgspec.structs.replace(options, file=file.name)
    return (_write_stored if kind.keep else _write_read)(kind, about, file, door, options)


def _write_stored(kind: AnyKind, about: Any, file: Path, door: ImportDoor, options: Options) -> Counter[str]:
    """A command that is killed leaves the rest to the worker."""
    with file.open("rb") as stream:
        job_id = store_batch_of_file(kind, about, stream, options, actor_id=door.actor_id, source=door.source)
    total, size = max(1, get_job(job_id).total), file.stat().st_size
    try:
        job = run_here(job_id, lambda done: door.progress(size * done // total))
    except StorageFailed:
        _reject(get_job(job_id), door)
        raise
    _reject(job, door)
    if job.state != COMPLETED:
        raise ImportEnded(f"It ended after {job.done} of {job.total} rows: {job.error or job.state}.")
    return Counter(job.counts)


def _reject(job: JobStatus, door: ImportDoor) -> None:
    # its counts say whether there are any, without reading it all again
    if job.counts.keys().isdisjoint({values.ERROR, *get_kind(job).rejected}):
        return
    for row in list_rejected(job):
        door.reject(Rejected(row.number, row.cells, row.rejection))


def _write_read(kind: AnyKind, about: Any, file: Path, door: ImportDoor, options: Options) -> Counter[str]:
    """Only the command has the rows: once it is dead, someone has to import the file again."""
    with file.open("rb") as stream:
        for _row in kind.parse(stream, about, options).rows:
            pass
    with one_transaction():
        job_id = record_job(
            kind.job,
            actor_id=door.actor_id,
            source=door.source,
            course_id=about.id if isinstance(about, CourseRun) else None,
            options=stored_options(options),
        )
        record_start(operation_of(get_job(job_id)))
    job, total = get_job(job_id), Counter[str]()
    try:
        with beating(job_id), file.open("rb") as stream:
            parsed = kind.parse(stream, about, options)
            for chunk in _read_ahead(_chunks(parsed, kind.chunk, stream.tell)):
                total += _write_chunk(kind, about, job, parsed.options, chunk, door)
                door.progress(chunk.place)
    except JobCanceled:
        job = get_job(job_id)
        raise ImportEnded(f"It ended after {job.done} rows: {job.error or job.state}.") from None
    except BaseException as error:
        _fail(job_id, error)
        raise
    complete_job(job_id)
    return total


def _write_chunk(
    kind: AnyKind, about: Any, job: JobStatus, options: Options, chunk: _Chunk, door: ImportDoor
) -> Counter[str]:
    with one_transaction():
        outcomes = outcomes_of(chunk.requests, partial(kind.write, operation_of(job), about, options))
        counts = count_words(outcomes)
        advance_job(job.id, len(outcomes), counts)
    if not any(counts[word] for word in (values.ERROR, *kind.rejected)):
        return counts
    for (number, cells), row, outcome in zip(chunk.rows, chunk.requests, outcomes, strict=True):
        if outcome is None:
            door.reject(row)
        elif outcome.word in kind.rejected:
            door.reject(Rejected(number, cells, kind.describe(row, outcome, False).rejection))
    return counts


def _fail(job_id: uuid.UUID, error: BaseException) -> None:
    # the lost connection may be the error; where no other one is to be had, a worker fails the job in two minutes
    connection.close_if_unusable_or_obsolete()
    with suppress(DatabaseError, InterfaceError):
        fail_job(job_id, f"The import stopped early: {type(error).__name__}. Import the file again.")


def _chunks(parsed: Parsed[Any, Any], size: int, place: Callable[[], int]) -> Iterator[_Chunk]:
    while rows := list(islice(parsed.rows, size)):
        yield _Chunk(rows, list(requests_of(parsed, rows)), place())


def _read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items; a thread makes the next one while PostgreSQL works on the one before."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
