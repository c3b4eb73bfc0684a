"""Snapshots as they are found, listed and read."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from matricula.foundation.database import fetch_all
from matricula.foundation.files import open_file
from matricula.foundation.statements import read_statements
from matricula.history.moments.values import UnknownCursor

_STATEMENTS = read_statements(__file__)
_decode = msgspec.json.Decoder(dict[str, str | None]).decode
SnapshotRow = dict[str, str | None]
"""By name what the rosters of the contract have: ``username, email, mode, since`` of a course run, ``student_key,
status, username`` of a program."""


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """A snapshot; ``actor`` None: no one was signed in."""

    id: uuid.UUID
    course_id: int | None
    program_id: int | None
    as_of: datetime
    name: str
    count: int
    digest: str
    actor: str | None
    operation_id: uuid.UUID
    created: datetime
    file: str


def find_snapshot(snapshot_id: uuid.UUID) -> SnapshotFacts | None:
    """The snapshot with this id, or None."""
    found = fetch_all(_STATEMENTS["one"](), {"id": snapshot_id})
    return SnapshotFacts(*found[0]) if found else None


def list_snapshots(
    *,
    limit: int,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
    course_id: int | None = None,
    program_id: int | None = None,
    before: uuid.UUID | None = None,
) -> list[SnapshotFacts]:
    """The latest snapshots that fit everything given, and are older than the snapshot ``before``.

    ``courses``, ``programs``: those whose snapshots the reader may see (``access.reads.Reach``); None: all of them.
    """
    parameters = {
        "every_course": courses is None,
        "courses": list(courses or ()),
        "every_program": programs is None,
        "programs": list(programs or ()),
        "course": course_id,
        "program": program_id,
        "before": before,
        "limit": limit,
    }
    asked = {"course": course_id, "program": program_id, "before": before}
    variant = [name for name, value in asked.items() if value is not None]
    return [SnapshotFacts(*row) for row in fetch_all(_STATEMENTS["latest"](*variant), parameters)]


def read_page(snapshot: SnapshotFacts, *, limit: int, after: int | None = None) -> tuple[list[SnapshotRow], int | None]:
    """One page of a snapshot's rows, and the cursor of the next; ``after``: the cursor of the page before.

    A cursor is where in the file a line begins. Errors: ``UnknownCursor``, ``StorageFailed``.
    """
    with open_file(snapshot.file) as file:
        if after:
            file.seek(after - 1)
            if file.read(1) != b"\n":
                raise UnknownCursor
        rows: list[SnapshotRow] = []
        for _ in range(limit):
            line = file.readline()
            if not line:
                return rows, None
            rows.append(_decode(line))
        place = file.tell()
        return rows, place if file.read(1) else None


def stream_snapshot(snapshot: SnapshotFacts) -> Iterator[SnapshotRow]:
    """All rows of a snapshot. Errors: ``StorageFailed``, before the first."""
    file = open_file(snapshot.file)
    return _rows(file)


def _rows(file: Any) -> Iterator[SnapshotRow]:
    with file:
        for line in file:
            yield _decode(line)
