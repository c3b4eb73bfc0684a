"""Adding to the journal."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection


@dataclass(frozen=True, slots=True)
class Operation:
    """One request or job: who acts (``None``: nobody signed in), and through which door."""

    id: uuid.UUID
    actor_id: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's step; exactly as it will be read back."""

    subject: str
    account_id: int | None
    email: str | None
    course_id: int | None
    transition: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str | None
    # an enrollment that follows from an earlier request repeats the actor of that request
    actor_id: int | None
    program_id: int | None = None
    student_key: str | None = None


def new_operation(actor_id: int | None, source: str) -> Operation:
    """A new operation for one request or command."""
    return Operation(id=uuid.uuid4(), actor_id=actor_id, source=source)


_INSERT = """
insert into matricula_journalentry (at, operation, source, subject, actor_id, account_id, email, course_id, program_id,
                                    student_key, transition, before, after, reason)
select clock_timestamp(), %s, %s, e.* from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
    %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::text[]) e
"""
_json = msgspec.json.Encoder()


def add_entries(operation: Operation, entries: Sequence[Entry]) -> None:
    """Adds the entries, in their order, with one statement, in the caller's transaction."""
    if not entries:
        return
    columns = (
        [e.subject for e in entries],
        [e.actor_id for e in entries],
        [e.account_id for e in entries],
        [e.email for e in entries],
        [e.course_id for e in entries],
        [e.program_id for e in entries],
        [e.student_key for e in entries],
        [e.transition for e in entries],
        [_json.encode(e.before).decode() for e in entries],
        [_json.encode(e.after).decode() for e in entries],
        [e.reason for e in entries],
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [operation.id, operation.source, *columns])
