"""Pages of the feed: the changes behind a place that a reader may see (record-api: Feed)."""

from collections.abc import Collection
from typing import NamedTuple

from matricula.feed.events import Event, Reader, show_events
from matricula.journal.records import Position, Record, read_records
from matricula.journal.statuses import Subject

# how often rows of which the reader sees none are passed over, before an empty page is given
_TIMES = 4


class Page(NamedTuple):
    """Some changes; ``position``: where to go on. ``more``: there may be more already."""

    events: list[Event]
    position: Position
    more: bool


def read_page(
    reader: Reader,
    after: Position,
    *,
    limit: int,
    source: str,
    course_id: int | None = None,
    program_id: int | None = None,
    subjects: Collection[Subject] | None = None,
) -> Page:
    """Return up to ``limit`` changes behind ``after`` that the reader may see and that fit everything given.

    A page may be short, or empty, although there is more: how many rows are looked at is limited. Errors:
    ``JournalElsewhere``.
    """
    records: list[Record] = []
    position, more = after, True
    for _ in range(_TIMES):
        found = read_records(
            position,
            limit=limit,
            course_id=course_id,
            program_id=program_id,
            subjects=subjects,
            courses=reader.courses,
            programs=reader.programs,
        )
        records = [record for _, record in found.records]
        position, more = found.position, found.more
        if records or not more:
            break
    return Page(show_events(records, reader, source), position, more)
