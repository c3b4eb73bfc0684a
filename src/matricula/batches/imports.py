"""``matricula import``: a CSV file run as one job by the command that reads it (institution-and-commands: Commands)."""

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from django.db import DatabaseError, InterfaceError, connection

from matricula.batches import values
from matricula.batches.kinds import get_kind, operation_of
from matricula.batches.repeats import UNCHANGED, Repeats
from matricula.batches.runs import list_rejected, run_here, store_batch_of_file, with_header
from matricula.batches.stored import AnyKind, options_of, stored_options
from matricula.batches.values import FileRow, LeftOut, Options, Parsed, Rejected, count_words, outcomes_of, requests_of
from matricula.catalog.reads import CourseRun
from matricula.foundation.files import StorageFailed
from matricula.foundation.transactions import one_transaction
from matricula.jobs.heartbeat import beating
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import COMPLETED
from matricula.jobs.writes import JobCanceled, advance_job, complete_job, fail_job, record_job, record_start
from matricula.journal.statuses import Source
from matricula.tabular.office import OfficeFile, office_file

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
    # what is said of the file once its header was read: as which columns its names are understood
    understand: Callable[[Options], None] = lambda _options: None


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The rows of one transaction, what they ask for, and how far the file is read with them."""

    rows: list[FileRow]
    requests: list[Any]
    place: int


def import_file(kind: AnyKind, about: Any, file: Path, door: ImportDoor, options: Options) -> Counter[str]:
    """Writes what the rows of a person's file say, in committed chunks; counts by the words of the outcomes.

    The whole file is read once before anything is written. Errors: ``TabularError`` with the row and
    ``WriteUnfinished``, nothing written; ``ImportEnded``; ``StorageFailed`` once all rows are written.
    """
    options = msgspec.structs.replace(options, file=file.name)
    with file.open("rb") as stream, office_file(stream) as table:
        door = replace(door, progress=_scaled(door.progress, file, table))
        return (_write_stored if kind.keep else _write_read)(kind, about, table, door, options)


def _scaled(progress: Callable[[int], None], file: Path, table: OfficeFile) -> Callable[[int], None]:
    """``progress`` of the bytes of a file, for those of the text that was made of it."""
    size, text = file.stat().st_size, table.stream.seek(0, os.SEEK_END)
    table.stream.seek(0)
    return lambda place: progress(size * place // max(1, text))


def _write_stored(kind: AnyKind, about: Any, table: OfficeFile, door: ImportDoor, options: Options) -> Counter[str]:
    """A command that is killed leaves the rest to the worker."""
    job_id = store_batch_of_file(kind, about, table, options, actor_id=door.actor_id, source=door.source)
    stored = get_job(job_id)
    door.understand(options_of(stored, kind))
    total, size = max(1, stored.total), table.stream.tell()
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


def _write_read(kind: AnyKind, about: Any, table: OfficeFile, door: ImportDoor, options: Options) -> Counter[str]:
    """Only the command has the rows: once it is dead, someone has to import the file again."""
    checked = kind.parse(table, about, options)
    assert kind.names is not None  # noqa: S101  a kind that only the command reads has them
    repeats = Repeats(kind.names, checked.rows)
    options = with_header(checked.options, checked.table, table)
    door.understand(options)
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
        with beating(job_id):
            table.stream.seek(0)
            parsed = kind.parse(table, about, options)
            write = partial(_write_chunk, kind, about, job, parsed.options, door)
            waiting = _Chunk([], [], 0)
            chunks = _chunks(parsed, repeats, kind.chunk, table.stream.tell)
            # what is looked up for rows is looked up by the connection that writes them
            for chunk in chunks if parsed.look else _read_ahead(chunks):
                total += write(chunk, waiting)
                door.progress(chunk.place)
            if waiting.rows:
                total += write(waiting, None)
    except JobCanceled:
        job = get_job(job_id)
        raise ImportEnded(f"It ended after {job.done} rows: {job.error or job.state}.") from None
    except BaseException as error:
        _fail(job_id, error)
        raise
    complete_job(job_id)
    return total


def _write_chunk(
    kind: AnyKind, about: Any, job: JobStatus, options: Options, door: ImportDoor, chunk: _Chunk, waiting: _Chunk | None
) -> Counter[str]:
    """How many rows ended how. Those that may be written later are put into ``waiting``, and are not counted yet."""
    with one_transaction():
        outcomes = outcomes_of(chunk.requests, partial(kind.write, operation_of(job), about, options))
        counts = count_words(outcomes, chunk.requests)
        counts[UNCHANGED] += sum(row is LeftOut.ROW for row in chunk.requests)
        if kind.later:
            later = counts.pop(kind.later, 0)
            counts[values.ERROR] += 0 if waiting else later
        advance_job(job.id, counts.total(), +counts)
    if not counts[values.ERROR] and not any(o is not None and o.word == kind.later for o in outcomes):
        return +counts
    for (number, cells), row, outcome in zip(chunk.rows, chunk.requests, outcomes, strict=True):
        if isinstance(row, Rejected):
            door.reject(row)
        elif outcome is not None and outcome.word == kind.later and waiting is not None:
            waiting.rows.append((number, cells))
            waiting.requests.append(row)
        elif outcome is not None and outcome.word in {*kind.rejected, kind.later}:
            door.reject(Rejected(number, cells, kind.describe(row, outcome, False).rejection))
    return +counts


def _fail(job_id: uuid.UUID, error: BaseException) -> None:
    # the lost connection may be the error; where no other one is to be had, a worker fails the job in two minutes
    connection.close_if_unusable_or_obsolete()
    with suppress(DatabaseError, InterfaceError):
        fail_job(job_id, f"The import stopped early: {type(error).__name__}. Import the file again.")


def _chunks(parsed: Parsed[Any, Any], repeats: Repeats, size: int, place: Callable[[], int]) -> Iterator[_Chunk]:
    while rows := list(islice(parsed.rows, size)):
        yield _Chunk(rows, repeats.without(rows, list(requests_of(parsed, rows))), place())


def _read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items; a thread makes the next one while PostgreSQL works on the one before."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
