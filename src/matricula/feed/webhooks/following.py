"""What of the feed a webhook sees: as any other who follows it, with the rights that its owner has now."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from matricula.access.reads import Caller
from matricula.feed.webhooks.reads import Filter, Right
from matricula.journal.records import Position, Record, read_records


@dataclass(frozen=True, slots=True)
class Followed:
    """Some events, as JSON; ``position``: where to go on. ``more``: there may be more already."""

    events: list[bytes]
    position: Position
    more: bool


def follow(right: Right, about: Filter, after: Position, *, limit: int, upto: Position | None = None) -> Followed:
    """Return the next events behind ``after`` that the owner may see, up to ``limit``, or all up to ``upto``.

    A page of the feed may be short although there is more; the caller goes on from ``position``.
    """
    records: list[Record] = []
    position, more = after, True
    while more and len(records) < limit and (upto is None or position < upto):
        found = read_records(
            position,
            limit=limit - len(records),
            course_id=about.course_id,
            program_id=about.program_id,
            subjects=about.subjects,
            courses=right.reach.courses,
            programs=right.reach.programs,
        )
        records += [record for place, record in found.records if upto is None or place <= upto]
        position, more = found.position, found.more
        if upto is None:
            break
    return Followed(render(records, right.caller), position, more)


def render(records: Sequence[Record], caller: Caller) -> list[bytes]:  # noqa: ARG001  until the feed renders them
    """Return the records as the feed shows them to the caller."""
    return [msgspec.json.encode({"id": str(record.change_id), "data": {"record": record}}) for record in records]
