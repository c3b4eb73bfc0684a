"""Making a snapshot: the roster of a moment, streamed into a file, with its count and its digest."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec
from django.utils import timezone

from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents, Recipient, record_file
from matricula.foundation.files import delete_file, write_file
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.history.moments.clock import moment_of
from matricula.history.moments.courses import export_course_roster_at
from matricula.history.moments.programs import export_program_roster_at
from matricula.history.snapshots.models import Snapshot
from matricula.jobs.quota import claim_room, within_room
from matricula.journal.writes import Operation, record_operation

FOLDER = "snapshots"


class _Enrolled(msgspec.Struct):
    username: str
    mode: str


class _Student(msgspec.Struct):
    student_key: str
    status: str


_enrolled = msgspec.json.Decoder(_Enrolled).decode
_student = msgspec.json.Decoder(_Student).decode


def make_snapshot(
    operation: Operation,
    *,
    course_id: int | None = None,
    program_id: int | None = None,
    as_of: datetime | None = None,
    name: str,
    recipient: Recipient,
) -> uuid.UUID:
    """Keeps who was enrolled in the course run, or the rows of the program, at a moment (None: now); its id.

    ``recipient``: whom the disclosure names. The file is there whole or not at all, and so is the snapshot.
    Errors: ``InTheFuture``, ``StorageFull``, ``StorageFailed``.
    """
    moment, snapshot_id = moment_of(as_of), uuid.uuid4()
    then = as_of and moment
    file = f"{FOLDER}/{snapshot_id}.jsonl"
    if course_id is not None:
        taken = _Taken(export_course_roster_at(course_id, then, "jsonl").take_blocks(), course_line)
    elif program_id is not None:
        taken = _Taken(export_program_roster_at(program_id, then, "jsonl", by_bytes=True).take_blocks(), program_line)
    else:
        raise ValueError("a snapshot is of a course run or of a program")
    write_file(file, within_room(operation.actor_id, taken.blocks()))
    try:
        with one_transaction():
            claim_room(operation.actor_id, taken.size)
            record_operation(operation)
            contents = Contents(DisclosureKind.SNAPSHOT, course_id, program_id, filters={"snapshot": str(snapshot_id)})
            record_file(contents, recipient, taken.count)
            Snapshot.objects.create(
                id=snapshot_id,
                course_id=course_id,
                program_id=program_id,
                as_of=moment,
                name=name,
                count=taken.count,
                digest=taken.digest.hexdigest(),
                file_digest=taken.file_digest.hexdigest(),
                file=file,
                file_bytes=taken.size,
                actor_id=operation.actor_id,
                operation=operation.id,
                created=timezone.now(),
            )
    except BaseException:
        delete_file(file)
        raise
    return snapshot_id


class _Taken:
    """Blocks of lines on their way into the file, counted and digested."""

    def __init__(self, blocks: Iterable[bytes], line: Callable[[bytes], str]) -> None:
        self._blocks, self._line = blocks, line
        self.count = self.size = 0
        self.digest, self.file_digest = hashlib.sha256(), hashlib.sha256()

    def blocks(self) -> Iterator[bytes]:
        for block in self._blocks:
            # a block has whole lines
            rows = block.splitlines()
            self.count += len(rows)
            self.size += len(block)
            self.digest.update("".join(map(self._line, rows)).encode())
            self.file_digest.update(block)
            yield block


def course_line(row: bytes) -> str:
    """The line of the digest for a row of a course run's file."""
    enrolled = _enrolled(row)
    return f"{fold(enrolled.username)}\t{enrolled.mode}\n"


def program_line(row: bytes) -> str:
    """The line of the digest for a row of a program's file."""
    student = _student(row)
    return f"{student.student_key}\t{student.status}\n"
