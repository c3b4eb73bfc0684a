"""Snapshots as they are found, listed and read."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import msgspec

from matricula.foundation.database import fetch_all
from matricula.foundation.files import StorageFailed, open_file
from matricula.foundation.statements import read_statements
from matricula.history.moments import courses as of_courses
from matricula.history.moments import programs as of_programs
from matricula.history.moments.values import UnknownCursor
from matricula.history.snapshots.models import Snapshot
from matricula.tabular.exports import Export, export_rows

_OF_COURSES, _OF_PROGRAMS = of_courses.COLUMNS, of_programs.COLUMNS
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
    # when a person's traces were removed from the file; None: it is as it was made
    redacted: datetime | None = None


def find_snapshot(snapshot_id: uuid.UUID) -> SnapshotFacts | None:
    """The snapshot with this id, or None."""
    found = fetch_all(_STATEMENTS["one"](), {"id": snapshot_id})
    return SnapshotFacts(*found[0]) if found else None


def list_snapshot_files() -> list[str]:
    """The names of the files of all snapshots."""
    return list(Snapshot.objects.order_by("pk").values_list("file", flat=True))


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


def read_page(
    snapshot: SnapshotFacts, *, limit: int, after: int | None = None, names: bool = True
) -> tuple[list[SnapshotRow], int | None]:
    """One page of a snapshot's rows, and the cursor of the next; ``after``: the cursor of the page before.

    ``names`` False: not whose the student keys are. A cursor is where in the file a line begins.
    Errors: ``UnknownCursor``, ``StorageFailed``.
    """
    with _opened(snapshot) as file:
        if after:
            file.seek(after - 1)
            if file.read(1) != b"\n":
                raise UnknownCursor
        rows: list[SnapshotRow] = []
        for _ in range(limit):
            line = file.readline()
            if not line:
                return rows, None
            rows.append(_row(line, names=names))
        place = file.tell()
        return rows, place if file.read(1) else None


def export_snapshot(snapshot: SnapshotFacts, *, names: bool = True) -> Export:
    """All rows of a snapshot, as CSV; ``names`` False: not whose the student keys are. Errors: ``StorageFailed``."""
    file, columns = _opened(snapshot), columns_of(snapshot)
    return export_rows(columns, ([row[name] for name in columns] for row in _rows(file, names=names)))


def columns_of(snapshot: SnapshotFacts) -> Sequence[str]:
    """What each row has."""
    return _OF_COURSES if snapshot.course_id is not None else _OF_PROGRAMS


def _opened(snapshot: SnapshotFacts) -> BinaryIO:
    """The file; that it is gone is the storage's failure."""
    try:
        return open_file(snapshot.file)
    except FileNotFoundError:
        raise StorageFailed(f"the file of snapshot {snapshot.id} is missing") from None


def _rows(file: BinaryIO, *, names: bool) -> Iterator[SnapshotRow]:
    with file:
        for line in file:
            yield _row(line, names=names)


def _row(line: bytes, *, names: bool) -> SnapshotRow:
    row = _decode(line)
    return row if names or "student_key" not in row else {**row, "username": None}
