"""Who got which files about people, the latest first."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.disclosures.statuses import DisclosureKind
from matricula.foundation.database import fetch_all
from matricula.journal.statuses import Source


@dataclass(frozen=True, slots=True)
class DisclosureFilter:
    """Which ones; None: all. ``actor`` is a username."""

    actor: str | None = None
    course_id: int | None = None
    program_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordedDisclosure:
    """A file that someone got, with the names that its ids have now."""

    id: int
    at: datetime
    kind: DisclosureKind
    source: Source
    actor: str | None
    client: str | None
    os_user: str | None
    operation: uuid.UUID
    course: str | None
    program: str | None
    job_id: uuid.UUID | None
    file: str | None
    filters: Mapping[str, Any]
    reason: str | None
    ended: datetime | None
    rows: int | None
    people: int | None
    # None: handed over as a file; not known whether it was read to its end
    complete: bool | None


NAMED = """
from (
    select d.* from matricula_disclosure d
    where (%(actor)s::text is null or d.actor_id = (
        select w.id from matricula_account w where w.username_key = lower(%(actor)s::text collate "C")
    ))
      and (%(course)s::bigint is null or d.course_id = %(course)s)
      and (%(program)s::bigint is null or d.program_id = %(program)s)
      and (%(since)s::timestamptz is null or d.at >= %(since)s)
      and (%(until)s::timestamptz is null or d.at < %(until)s)
      and (%(before)s::bigint is null or d.id < %(before)s)
    order by d.id desc limit %(limit)s
) d
left join matricula_account a on a.id = d.actor_id
left join matricula_client k on k.id = d.client_id
left join matricula_course c on c.id = d.course_id
left join matricula_program p on p.id = d.program_id
"""
"""In SQL: some of them, ``d``; who got them, ``a``; by which API client, ``k``; about which course run or program."""
_LIST = """
select d.id, d.at, d.kind, d.source, a.username, k.client_id, d.os_user, d.operation, c.key, p.key, d.job_id,
    d.file, d.filters, d.reason, d.ended, d.rows, d.people, d.complete
{named} order by d.id desc
"""


def list_disclosures(wanted: DisclosureFilter, *, limit: int, before: int | None = None) -> list[RecordedDisclosure]:
    """The latest ones (older than the one with the id ``before``)."""
    found = fetch_all(_LIST.replace("{named}", NAMED), parameters_of(wanted) | {"limit": limit, "before": before})
    return [RecordedDisclosure(*(*row[:2], DisclosureKind(row[2]), Source(row[3]), *row[4:])) for row in found]


def parameters_of(wanted: DisclosureFilter) -> dict[str, Any]:
    """As ``NAMED`` takes them: all that there are."""
    return {
        "actor": wanted.actor,
        "course": wanted.course_id,
        "program": wanted.program_id,
        "since": wanted.since,
        "until": wanted.until,
        "before": None,
        "limit": None,
    }
