"""Rows of a CSV file carried out as one job, chunk by chunk, by the command that reads them.

See institution-and-commands: Commands.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from django.db import DatabaseError, InterfaceError, connection
from django.utils.translation import gettext as _

from matricula.foundation.transactions import one_transaction
from matricula.jobs.heartbeat import beating
from matricula.jobs.reads import get_job
from matricula.jobs.writes import JobCanceled, advance_job, complete_job, fail_job, record_job
from matricula.journal.writes import Operation

CHUNK = 5_000
# the word under which rejected rows are counted
ERROR = "error"
_BOOLEANS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


class RowRefused(Exception):
    """The row can't be carried out; the message says why and what to do."""


class ImportEnded(Exception):
    """The job was canceled or failed before all rows were written; the message says how far it came."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not carried out, as it was, and why; ``row`` None where its number is not kept."""

    row: int | None
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ImportDoor:
    """Who imports, and where to tell how far it is and which rows were rejected."""

    actor_id: int | None
    source: str
    progress: Callable[[int], None]
    reject: Callable[[Rejected], None]


Row = tuple[int, tuple[str, ...]]
Reject = Callable[[Rejected], None]
Request = TypeVar("Request")
T = TypeVar("T")


def import_rows(
    file: Path,
    kind: str,
    rows: Callable[[BinaryIO], Iterator[Row]],
    write: Callable[[Operation, Sequence[Row], Reject], Counter[str]],
    door: ImportDoor,
    *,
    course_id: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Counter[str]:
    """Reads the whole file once, then writes it in committed chunks; counts by the words that ``write`` gives.

    Errors: ``TabularError`` with the row, nothing written; ``ImportEnded``.
    """
    with file.open("rb") as stream:
        for _row in rows(stream):
            pass
    job_id = record_job(
        kind,
        actor_id=door.actor_id,
        source=door.source,
        course_id=course_id,
        options={"file": file.name, **(options or {})},
    )
    operation = get_job(job_id).operation
    total: Counter[str] = Counter()
    try:
        with beating(job_id), file.open("rb") as stream:
            for chunk, place in _read_ahead(_chunks(stream, rows)):
                rejected: list[Rejected] = []
                with one_transaction():
                    counts = write(operation, chunk, rejected.append)
                    advance_job(job_id, len(chunk), counts)
                total += counts
                # refused when parsed, or when written: told in the order of the file
                for row in sorted(rejected, key=lambda r: r.row or 0):
                    door.reject(row)
                door.progress(place)
    except JobCanceled:
        job = get_job(job_id)
        raise ImportEnded(f"It ended after {job.done} rows: {job.error or job.state}.") from None
    except BaseException as error:
        _fail(job_id, error)
        raise
    complete_job(job_id)
    return total


def _fail(job_id: uuid.UUID, error: BaseException) -> None:
    # the lost connection may be the error; where no other one is to be had, a worker fails the job in two minutes
    connection.close_if_unusable_or_obsolete()
    with suppress(DatabaseError, InterfaceError):
        fail_job(job_id, f"The import stopped early: {type(error).__name__}. Import the file again.")


def _chunks(stream: BinaryIO, rows: Callable[[BinaryIO], Iterator[Row]]) -> Iterator[tuple[list[Row], int]]:
    """The rows of one transaction each, and how far the file is read with them."""
    remaining = rows(stream)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk, stream.tell()


def _read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items; a thread makes the next one while PostgreSQL works on the one before."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def parsed_rows(
    chunk: Sequence[Row], parse: Callable[[tuple[str, ...]], Request], reject: Reject
) -> tuple[list[tuple[Row, Request]], Counter[str]]:
    """The requests that the rows ask for; those that ``parse`` refuses are rejected and counted as errors."""
    requests = []
    counts: Counter[str] = Counter()
    for row in chunk:
        try:
            requests.append((row, parse(row[1])))
        except RowRefused as refused:
            counts[ERROR] += 1
            reject(Rejected(*row, str(refused)))
    return requests, counts


def boolean_cell(column: str, cell: str) -> bool | None:
    """True, false, or None for an empty cell. Errors: ``RowRefused``."""
    if not cell:
        return None
    if cell.lower() not in _BOOLEANS:
        raise RowRefused(_("%(column)s must be true or false.") % {"column": column})
    return _BOOLEANS[cell.lower()]
