"""The journal in feed order: each committed change once, and always at the same place (record-api: Feed; Evidence).

Ids are given before a transaction commits, so the order of ids is not one that a reader can follow. The order here is
(number, id). The number is that of the transaction, or the highest of those that had ended when the row was written,
where that is higher; and only rows are read whose number is lower than that of every transaction that still runs. So:

- none of those can add a row in front of what was read: its number is at least that of its transaction;
- who waited for another to commit, to change the same person, comes behind it, though it may have begun before;
- a transaction that runs long holds back what was written since it began.
"""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import rfc8785

from matricula.foundation.database import Bigints, fetch_all
from matricula.foundation.statements import read_statements
from matricula.journal.statuses import Source, Subject

# how many rows are looked at, at most, for one page of those that fit
LOOKED = 5_000
_STATEMENTS = read_statements(__file__)


class JournalElsewhere(Exception):
    """The database was restored into another server, and `matricula migrate` has not run since: there is no order."""


class PositionAhead(Exception):
    """A place that isn't in the feed: it is of a later state of the database, before it was restored."""


class Position(NamedTuple):
    """A place in the feed: behind this change, before the next one; ``xact`` 0: the number was not recorded."""

    xact: int
    id: int


BEGINNING = Position(0, 0)


class Record(msgspec.Struct, frozen=True, gc=False):
    """An entry as it is stored, with ids instead of names; what a seal covers. States are shared: don't change them."""

    change_id: int
    # UTC, with six digits behind the seconds
    at: str
    subject: Subject
    account_id: int | None
    email: str | None
    student_key: str | None
    course: int | None
    program: int | None
    operation_id: uuid.UUID
    source: Source | None
    actor_id: int | None
    transition: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None


class Slice(NamedTuple):
    """Some records in feed order; ``position`` is where to go on, behind all that were looked at. ``more``: there may
    be more already.
    """

    records: list[tuple[Position, Record]]
    position: Position
    more: bool


_SUBJECTS: Mapping[str, Subject] = {subject.value: subject for subject in Subject}
_SOURCES: Mapping[str | None, Source | None] = {None: None} | {source.value: source for source in Source}
# what many records share is made once
_uuid = lru_cache(1024)(uuid.UUID)
_state = lru_cache(4096)(msgspec.json.Decoder(dict[str, Any]).decode)
_encode = msgspec.json.Encoder(order="sorted").encode


def read_records(
    after: Position,
    *,
    limit: int,
    course_id: int | None = None,
    program_id: int | None = None,
    subjects: Collection[Subject] | None = None,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
) -> Slice:
    """Up to ``limit`` records behind ``after`` that fit everything given.

    ``courses``, ``programs``: those whose changes the reader may see, as for ``operations.list_changes``. With any
    filter, ``LOOKED`` rows are looked at, and a slice may be short, or empty, though there is more. Errors:
    ``JournalElsewhere``, ``PositionAhead``.
    """
    asked = {"course": course_id, "program": program_id, "subjects": subjects}
    variant = [name for name, value in asked.items() if value is not None]
    if courses is not None or programs is not None:
        variant.append("some")
    parameters = {
        **asked,
        "subjects": None if subjects is None else [*subjects],
        "every_course": courses is None,
        "courses": [*(courses or ())],
        "programs": [*(programs or ())],
    }
    found = _read("early", variant, parameters, after, limit) if after.xact == 0 else Slice([], after, False)
    if not found.more:
        # behind the rows of before come those of the first transaction
        later = _read("late", variant, parameters, found.position, limit - len(found.records))
        found = Slice(found.records + later.records, later.position, later.more)
    return found


def _read(era: str, variant: list[str], parameters: dict[str, Any], after: Position, limit: int) -> Slice:
    looked_at = max(limit + 1, LOOKED) if variant else limit + 1
    place = {"xact": str(after.xact), "id": after.id, "limit": limit + 1, "looked": looked_at}
    rows = fetch_all(_STATEMENTS["next"](era, *variant), {**parameters, **place})
    is_elsewhere, is_ahead, looked, last_xact, last_id, *_ = rows[0]
    _check(is_elsewhere)
    if is_ahead:
        raise PositionAhead
    records = [(Position(int(row[5] or 0), row[6]), _record(row[6:])) for row in rows if row[6] is not None]
    if len(records) > limit:
        page = records[:limit]
        return Slice(page, page[-1][0] if page else after, True)
    return Slice(records, Position(int(last_xact or 0), last_id) if looked else after, looked == looked_at)


def _record(row: Sequence[Any]) -> Record:
    id_, at, subject, account, email, key, course, program, operation, source, actor, transition, *rest = row
    before, after, reason = rest
    return Record(
        id_,
        at,
        _SUBJECTS[subject],
        account,
        email,
        key,
        course,
        program,
        _uuid(operation),
        _SOURCES[source],
        actor,
        transition,
        _state(before),
        _state(after),
        reason,
    )


def records_of(ids: Collection[int]) -> list[Record]:
    """The records of these entries, in no order."""
    return [_record(row) for row in fetch_all(_STATEMENTS["by_id"](), {"ids": Bigints(ids)})] if ids else []


def head() -> Position:
    """The place behind everything that can be read now. Errors: ``JournalElsewhere``."""
    [(xact, id_, is_elsewhere)] = fetch_all(_STATEMENTS["head"](), {})
    _check(is_elsewhere)
    return Position(xact, id_)


def held_back_since() -> datetime | None:
    """Return when the oldest change was made that waits for an older transaction; None if none waits."""
    [(since,)] = fetch_all(_STATEMENTS["held_back"](), {})
    found: datetime | None = since
    return found


def _check(is_elsewhere: bool) -> None:
    if is_elsewhere:
        raise JournalElsewhere


def canonical(record: Record) -> bytes:
    """The record as canonical JSON (RFC 8785)."""
    if record.subject is Subject.GRADE:
        return rfc8785.dumps(msgspec.to_builtins(record))
    # the same bytes, many times faster, where there is no fraction; a test compares them
    return _encode(record)


def digest_of(record: Record) -> bytes:
    """The SHA-256 of a record."""
    return hashlib.sha256(canonical(record)).digest()
