"""Seals as they are shown (record-api: Evidence)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from matricula.history.seals.models import Seal
from matricula.journal.records import BEGINNING, Position, read_records

NOTHING = bytes(32)
"""What is hashed in place of a seal before the first."""


@dataclass(frozen=True, slots=True)
class SealFacts:
    """A seal."""

    id: int
    at: datetime
    first_change_id: int
    position: Position
    changes: int
    digest: bytes
    earliest: datetime
    latest: datetime

    @property
    def last_change_id(self) -> int:
        """The last of its changes, in feed order."""
        return self.position.id


def find_latest() -> SealFacts | None:
    """The last seal; None before the first."""
    found = Seal.objects.order_by("-id").first()
    return _facts(found) if found else None


class Lateness(NamedTuple):
    """When the last seal was made, and when the first change that could be sealed and isn't; None: there is none."""

    sealed: datetime | None
    unsealed: datetime | None

    def is_late(self, now: datetime, allowed: timedelta) -> bool:
        """Return True where a change has waited for so long, and no seal was made for so long either."""
        is_idle = self.sealed is None or now - self.sealed > allowed
        return is_idle and self.unsealed is not None and now - self.unsealed > allowed


def find_lateness() -> Lateness:
    """Return how far sealing is behind. Errors: ``JournalElsewhere``, ``PositionAhead``."""
    last = find_latest()
    found = read_records(place_behind(last), limit=1).records
    return Lateness(last.at if last else None, datetime.fromisoformat(found[0][1].at) if found else None)


def list_seals(*, after: int = 0, since: datetime | None = None, limit: int) -> list[SealFacts]:
    """Seals behind the one with the id ``after``, made from ``since`` on; the oldest first."""
    found = Seal.objects.filter(id__gt=after).order_by("id")
    if since is not None:
        found = found.filter(at__gte=since)
    return [_facts(one) for one in found[:limit]]


def walk_seals() -> Iterator[SealFacts]:
    """All seals, the oldest first, some of which are held at a time."""
    after = 0
    while some := list_seals(after=after, limit=1_000):
        after = some[-1].id
        yield from some


def place_behind(seal: SealFacts | None) -> Position:
    """Where the changes of the next seal begin."""
    return seal.position if seal else BEGINNING


def _facts(seal: Seal) -> SealFacts:
    position = Position(seal.last_xact, seal.last_change_id)
    return SealFacts(
        seal.id, seal.at, seal.first_change_id, position, seal.changes, bytes(seal.digest), seal.earliest, seal.latest
    )
