"""What of the feed a webhook sees: as any other who follows it, with the rights that its owner has now."""

from dataclasses import dataclass

import msgspec
from django.conf import settings

from matricula.feed.events import Reader, show_events
from matricula.feed.webhooks.rights import Filter, Right
from matricula.journal.records import Position, Record, read_records

# over rows of which the owner sees none, before others have their turn
_LOOKS = 4
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Followed:
    """Some changes; ``position``: where to go on."""

    records: list[Record]
    position: Position


def follow(right: Right, about: Filter, after: Position, *, limit: int, upto: Position | None = None) -> Followed:
    """Return the next changes behind ``after`` that the owner may see, up to ``limit``, or all up to ``upto``.

    Without ``upto`` there may be none although there is more; the caller goes on from ``position``. Errors:
    ``JournalElsewhere``, ``PositionAhead``.
    """
    records: list[Record] = []
    position, more, looks = after, True, 0
    while more and len(records) < limit and (position < upto if upto else looks < _LOOKS and not records):
        looks += 1
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
    return Followed(records, position)


def body_of(followed: Followed, right: Right) -> bytes:
    """Return the changes as the body of a delivery: events as in the feed."""
    reader = Reader(right.reach.courses, right.reach.programs, right.caller.sees_names)
    return _encode({"changes": show_events(followed.records, reader, settings.PUBLIC_URL or "http://localhost")})
