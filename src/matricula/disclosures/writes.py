"""Recording who gets a file about people: before its first byte, and how it ended.

``disclosed`` is the way from an ``Export`` to its bytes, ``disclosing`` that of rows which are printed. What is kept as
a file is recorded where it is fetched (``record_file``), or, where the storage gives it out by itself, where the link
is made (``links.py``).
"""

import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from matricula.disclosures.statuses import DisclosureKind
from matricula.foundation.database import Tally, execute, fetch_all
from matricula.foundation.postgresql.replicas import on_primary
from matricula.journal.statuses import Source
from matricula.tabular.exports import Export

_log = structlog.get_logger("matricula.disclosures")
_BEGIN = """
insert into matricula_disclosure (kind, source, actor_id, client_id, os_user, operation, course_id, program_id, job_id,
    file, filters, reason, ended, people)
values (%(kind)s, %(source)s, %(actor)s, %(client)s, %(os_user)s, %(operation)s, %(course)s, %(program)s, %(job)s,
    %(file)s, %(filters)s, %(reason)s, case when %(ended)s then now() end, %(people)s)
returning id
"""
_END = """
update matricula_disclosure set ended = now(), rows = %s, people = %s, complete = %s where id = %s and ended is null
"""


class ReasonMissing(Exception):
    """The operator requires a reason (``MATRICULA_EXPORT_REASON_REQUIRED``), and none was given."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a file, through which door, and why; ``operation`` is the id of the request."""

    source: Source
    operation: uuid.UUID
    account_id: int | None = None
    client_id: int | None = None
    os_user: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file is; ``filters`` are what else was chosen, and name no person."""

    kind: DisclosureKind
    course_id: int | None = None
    program_id: int | None = None
    job_id: uuid.UUID | None = None
    file: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)


def is_reason_required() -> bool:
    """Whether the operator requires a reason for files about people."""
    return bool(settings.ENVIRONMENT.export_reason_required)


def check_reason(reason: str | None) -> None:
    """Errors: ``ReasonMissing``."""
    if is_reason_required() and not reason:
        raise ReasonMissing


def disclosed(export: Export, contents: Contents, recipient: Recipient) -> Generator[bytes]:
    """The blocks of a file for someone, recorded once: what was given, also where the rest was not taken.

    The record is begun with the first block: what is not read is not recorded, and what can't be recorded isn't given.
    Whether the operator requires a reason is asked at the door, before (``check_reason``).
    """
    with disclosing(contents, recipient, export.tally, export.count_people), closing(export.take_blocks()) as blocks:
        yield from blocks


@contextmanager
def disclosing(
    contents: Contents, recipient: Recipient, tally: Tally, count_people: Callable[[], int] | None = None
) -> Iterator[None]:
    """Records what is given within, as far as ``tally`` counted it; without ``count_people``, each row is a person."""
    recorded = _begin(contents, recipient)
    is_whole = False
    try:
        yield
        is_whole = True
    finally:
        _end(recorded, tally, count_people, is_whole=is_whole)


def record_file(contents: Contents, recipient: Recipient, people: int | None) -> None:
    """Records a file that is handed over as it is; ``people`` None: not known."""
    _begin(contents, recipient, is_ended=True, people=people)


def _begin(contents: Contents, recipient: Recipient, *, is_ended: bool = False, people: int | None = None) -> int:
    # what is given may come from a replica; the record does not
    with on_primary():
        found = fetch_all(_BEGIN, parameters_of(contents, recipient) | {"ended": is_ended, "people": people})
    return int(found[0][0])


def parameters_of(contents: Contents, recipient: Recipient) -> dict[str, Any]:
    """The columns of a record that are known when it is begun."""
    return {
        "kind": contents.kind,
        "source": recipient.source,
        "actor": recipient.account_id,
        "client": recipient.client_id,
        "os_user": recipient.os_user,
        "operation": recipient.operation,
        "course": contents.course_id,
        "program": contents.program_id,
        "job": contents.job_id,
        "file": contents.file,
        "filters": msgspec.json.encode(contents.filters).decode(),
        "reason": recipient.reason or None,
    }


def _end(recorded: int, tally: Tally, count_people: Callable[[], int] | None, *, is_whole: bool) -> None:
    """Where the database is gone, the record stays without an end, which says that rows were given."""
    try:
        # a query that was ended on its way can leave a connection that is no good any more
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        people = count_people() if count_people else tally.rows
        with on_primary():
            execute(_END, [tally.rows, people, is_whole, recorded])
    except DatabaseError as error:
        _log.error("disclosure_without_end", disclosure=recorded, error=type(error).__name__)
