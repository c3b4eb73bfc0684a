"""Is the file of a snapshot still the one that was kept? Computed again from nothing but the file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from matricula.foundation.files import open_file
from matricula.history.snapshots.models import Snapshot
from matricula.history.snapshots.reads import SnapshotFacts
from matricula.history.snapshots.writes import course_line, program_line


@dataclass(frozen=True, slots=True)
class Verified:
    """What the file of a snapshot contains now; ``is_missing``: there is none.

    ``is_right``: count and digest are the recorded ones, and so is each byte that is not in the digest's lines. Of a
    snapshot from which a person's traces were removed (``redacted``): count and bytes are as they were left then; the
    digest that was recorded is that of the roster as it was, and can't be computed from the file any more.
    """

    count: int
    digest: str
    is_right: bool
    is_missing: bool = False
    redacted: datetime | None = None


def verify_snapshot(snapshot: SnapshotFacts) -> Verified:
    """Count and digest of the file as it is. Errors: ``StorageFailed``."""
    line = course_line if snapshot.course_id is not None else program_line
    count, digest, whole = 0, hashlib.sha256(), hashlib.sha256()
    try:
        with open_file(snapshot.file) as file:
            for row in file:
                count += 1
                whole.update(row)
                digest.update(_line_or_row(line, row))
    except FileNotFoundError:
        return Verified(0, "", is_right=False, is_missing=True)
    kept = Snapshot.objects.get(pk=snapshot.id)
    found = count, digest.hexdigest(), whole.hexdigest()
    if kept.redacted is not None:
        is_right = (count, found[2]) == (snapshot.count, kept.redacted_digest)
    else:
        is_right = found == (snapshot.count, snapshot.digest, kept.file_digest)
    return Verified(count, digest.hexdigest(), is_right, redacted=kept.redacted)


def _line_or_row(line: Callable[[bytes], str], row: bytes) -> bytes:
    """What is no row of a roster is digested as it is, and so is not right."""
    try:
        return line(row).encode()
    except msgspec.MsgspecError:
        return row
