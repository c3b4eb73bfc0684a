"""Adding to the journal."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from matricula.foundation.database import Bigints
from matricula.foundation.request_ids import new_operation_id
from matricula.foundation.statements import Statement
from matricula.journal.states import State, encode_state
from matricula.journal.statuses import SCHEDULE, SIGN_UP, OperationKind, Source, Subject

_KINDS = {SIGN_UP: OperationKind.SIGN_UP, SCHEDULE: OperationKind.NIGHTLY}


@dataclass(frozen=True, slots=True)
class Operation:
    """One request or job: who acts (``None``: no one signed in), through which door, and why, where that is said once
    for all of it. Work with a job of the same id says so in ``job_id``; its end is recorded by ``end_operation``.
    """

    id: uuid.UUID
    actor_id: int | None
    source: Source
    reason: str | None = None
    kind: OperationKind = OperationKind.REQUEST
    course_id: int | None = None
    program_id: int | None = None
    job_id: uuid.UUID | None = None
    file: str | None = None
    reverts: uuid.UUID | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One change of one subject; exactly as it will be read back. A state is None where there is nothing."""

    subject: Subject
    account_id: int | None
    email: str | None
    course_id: int | None
    transition: str
    before: State | None
    after: State | None
    reason: str | None
    # an enrollment that follows from an earlier request repeats the actor of that request
    actor_id: int | None
    program_id: int | None = None
    student_key: str | None = None


def new_operation(
    actor_id: int | None,
    source: Source,
    reason: str | None = None,
    kind: OperationKind | None = None,
    *,
    course_id: int | None = None,
    program_id: int | None = None,
) -> Operation:
    """A new operation for one request or command; without a ``kind``, what one from this source is.

    The first of a request has the id of the request. Of the course run or the program that it is about alone, it has
    the id: who manages that sees it, and takes it back.
    """
    kind = kind or _KINDS.get(source, OperationKind.REQUEST)
    return Operation(new_operation_id(), actor_id, source, reason, kind, course_id, program_id)


# Many people take the same step: what their rows share is sent and parsed once. What all rows of an operation share
# is in its own row, made by whichever of its transactions comes first.
_RECORD = """
insert into matricula_operation (id, kind, source, actor_id, reason, course_id, program_id, job_id, file, reverts,
                                 ended)
select o.*, case when o.job_id is null then clock_timestamp() end
from (values (%s::uuid, %s::text, %s::text, %s::bigint, %s::text, %s::bigint, %s::bigint, %s::uuid, %s::text,
              %s::uuid)) o (id, kind, source, actor_id, reason, course_id, program_id, job_id, file, reverts)
on conflict (id) do nothing
"""
_INSERT = Statement(
    """
with operation as (
    --> record
)
insert into matricula_journalentry (at, operation, subject, actor_id, own, account_id, email, course_id,
                                    program_id, student_key, transition, before, after, reason)
select clock_timestamp(), %s, s.subject, s.actor_id, s.own, e.account_id, e.email, s.course_id, s.program_id,
    e.student_key, s.transition, s.before, s.after, s.reason
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[])
    with ordinality e(step, account_id, email, student_key, position)
join unnest(%b::text[], %b::bigint[], %b::boolean[], %b::bigint[], %b::bigint[], %b::text[], %b::jsonb[], %b::jsonb[],
            %b::text[])
    with ordinality s(subject, actor_id, own, course_id, program_id, transition, before, after, reason, step)
    using (step)
order by e.position
""",
    record=_RECORD,
)
_END = "update matricula_operation set ended = clock_timestamp() where id = %s and ended is null"


def add_entries(operation: Operation, entries: Sequence[Entry]) -> None:
    """Adds the entries, in their order, with one statement, in the caller's transaction."""
    if not entries:
        return
    # states are shared by many entries, and live as long as they do
    states = {id(state): state for e in entries for state in (e.before, e.after)}
    encoded = {number: encode_state(state) for number, state in states.items()}
    steps: dict[tuple[Any, ...], int] = {}
    taken = []
    for e in entries:
        step = (
            e.subject,
            *(own := _own(operation, e))[:2],
            e.course_id,
            e.program_id,
            e.transition,
            encoded[id(e.before)],
            encoded[id(e.after)],
            own[2],
        )
        taken.append(steps.setdefault(step, len(steps) + 1))
    people: list[list[Any]]
    people = [[e.account_id for e in entries], [e.email for e in entries], [e.student_key for e in entries]]
    columns = [Bigints(taken), *map(_column, people)]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT(),
            [*_row(operation), operation.id, *columns, *(list(c) for c in zip(*steps, strict=True))],
        )


def journal_act(operation: Operation, entries: Sequence[Entry]) -> None:
    """Adds the entries of an act; one that changed nothing is recorded alone. With one statement in either case."""
    if entries:
        add_entries(operation, entries)
    else:
        record_operation(operation)


def record_operation(operation: Operation) -> None:
    """Records the operation alone: an act that changed nothing, or whose changes follow."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, _row(operation))


def _own(operation: Operation, entry: Entry) -> tuple[int | None, bool | None, str | None]:
    """Actor, own, reason as they are stored: nothing of what the operation's row says already."""
    same_actor, same_reason = entry.actor_id == operation.actor_id, entry.reason == operation.reason
    if same_actor and (same_reason or entry.reason is not None):
        return None, None, None if same_reason else entry.reason
    return entry.actor_id, True, entry.reason


def _row(operation: Operation) -> list[Any]:
    return [
        operation.id,
        operation.kind,
        operation.source,
        operation.actor_id,
        operation.reason,
        operation.course_id,
        operation.program_id,
        operation.job_id,
        operation.file,
        operation.reverts,
    ]


def entry_about(
    operation: Operation,
    subject: Subject,
    transition: str,
    before: State | None,
    after: State | None,
    *,
    account_id: int | None = None,
    email: str | None = None,
    course_id: int | None = None,
    program_id: int | None = None,
    student_key: str | None = None,
) -> Entry:
    """Return an entry whose actor and reason are the operation's."""
    return Entry(
        subject=subject,
        account_id=account_id,
        email=email,
        course_id=course_id,
        transition=transition,
        before=before,
        after=after,
        reason=operation.reason,
        actor_id=operation.actor_id,
        program_id=program_id,
        student_key=student_key,
    )


def end_operation(operation_id: uuid.UUID) -> None:
    """Records that an operation of several transactions is over; nothing where it changed nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [operation_id])


def _column(values: list[Any]) -> list[Any]:
    """As it is sent: nothing where all is missing, since ``unnest`` fills up with nulls what is shorter."""
    if not any(values):
        return []
    return Bigints(values) if isinstance(values[0], int) and None not in values else values
