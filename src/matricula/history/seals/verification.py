"""Recomputing all seals from the journal (record-api: Evidence)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matricula.foundation.database import fetch_all
from matricula.history.seals.reads import NOTHING, SealFacts, walk_seals
from matricula.journal.records import BEGINNING, Position, Record, digest_of, read_records
from matricula.journal.redactions import kept_digests

# ids of changes → the digests of those that were redacted, as they were before
KeptDigests = Callable[[Sequence[int]], Mapping[int, bytes]]
_AT_ONCE = 2_000
# whether the parts of the journal that are attached hold all times between two; what is in no part of a quarter is in
# that for all other times, and no one detaches it with entries in it
_IS_ATTACHED = """
select coalesce(range_agg(tstzrange(lower, upper)), '{}') @> tstzrange(%s, %s, '[]') from matricula_journal_parts()
where lower is not null
"""


@dataclass(slots=True)
class Verified:
    """What came of recomputing the seals."""

    seals: int = 0
    changes: int = 0
    # that no longer fit, and the first of them
    wrong: int = 0
    first_wrong: SealFacts | None = None
    # how many changes there are now where the first wrong one was made
    found: int = 0
    # whose changes are in parts of the journal that were detached: they can't be recomputed here
    detached: list[SealFacts] = field(default_factory=list)


def verify_seals(kept: KeptDigests = kept_digests) -> Verified:
    """Recomputes every seal, one after the other, in one walk over the journal; memory stays flat.

    Each is computed with the digest of the one before it as that is stored: so one that was itself replaced makes the
    next one wrong. Errors: ``JournalElsewhere``.
    """
    verified, journal, before = Verified(), _Journal(kept), NOTHING
    for seal in walk_seals():
        hashed = hashlib.sha256(before)
        count = journal.hash_up_to(seal.position, hashed.update)
        before = seal.digest
        verified.seals, verified.changes = verified.seals + 1, verified.changes + count
        if count == seal.changes and hashed.digest() == seal.digest:
            continue
        if count < seal.changes and not _is_attached(seal):
            verified.detached.append(seal)
            continue
        verified.wrong += 1
        if verified.first_wrong is None:
            verified.first_wrong, verified.found = seal, count
    return verified


class _Journal:
    """The journal in feed order, read on and on."""

    def __init__(self, kept: KeptDigests) -> None:
        self._kept = kept
        self._digests = self._walk()
        self._next = next(self._digests, None)

    def hash_up_to(self, end: Position, update: Callable[[bytes], None]) -> int:
        """Passes on the digests of the changes up to a place; how many."""
        count, held = 0, bytearray()
        while self._next is not None and self._next[0] <= end:
            held += self._next[1]
            count += 1
            if len(held) >= 64 * _AT_ONCE:
                update(bytes(held))
                held.clear()
            self._next = next(self._digests, None)
        update(bytes(held))
        return count

    def _walk(self) -> Iterator[tuple[Position, bytes]]:
        position, more = BEGINNING, True
        while more:
            records, position, more = read_records(position, limit=_AT_ONCE)
            yield from self._digested(records)

    def _digested(self, records: Sequence[tuple[Position, Record]]) -> Iterator[tuple[Position, bytes]]:
        kept = self._kept([record.change_id for _, record in records])
        for position, record in records:
            yield position, kept.get(record.change_id) or digest_of(record)


def _is_attached(seal: SealFacts) -> bool:
    [(is_attached,)] = fetch_all(_IS_ATTACHED, [seal.earliest, seal.latest])
    return bool(is_attached)
