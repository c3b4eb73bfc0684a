"""Sealing the journal: what was committed since the last seal, in feed order."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import connection

from matricula.foundation.transactions import one_transaction
from matricula.history.seals.models import Seal
from matricula.history.seals.reads import NOTHING, find_latest, place_behind
from matricula.journal.records import Record, read_records
from matricula.journal.redactions import digests_of
from matricula.tallies.counts import CHANGES, add_counts

# of one seal at most, so that a first one of millions is many, each in a transaction of some seconds
LARGEST = 50_000
_AT_ONCE = 2_000
# advisory lock (docs/locking.md)
_SEALING = 7309
_log = structlog.get_logger("matricula.seals")


def seal_journal(stop: Callable[[], bool] = lambda: False, *, most: int | None = None) -> int:
    """Seals everything that is final, or about ``most`` changes of it; how many. Where someone else is sealing, that is
    left to them.

    Errors: ``JournalElsewhere``, ``PositionAhead``.
    """
    sealed = 0
    while not stop() and (most is None or sealed < most):
        changes = _seal_next()
        sealed += changes
        if changes < LARGEST:
            break
    return sealed


def _seal_next() -> int:
    """Makes the next seal; 0: there is nothing to seal, or someone else is at it."""
    with one_transaction():
        if not _is_alone():
            return 0
        last = find_latest()
        position, hashed = place_behind(last), hashlib.sha256(last.digest if last else NOTHING)
        count, first, times = 0, 0, _Times()
        # here each change is met once, whichever process wrote it: counting costs writers nothing
        kinds: Counter[tuple[str, str]] = Counter()
        while count < LARGEST:
            found = read_records(position, limit=min(_AT_ONCE, LARGEST - count))
            records = [record for _, record in found.records]
            hashed.update(b"".join(digests_of(records)))
            times.see(records)
            kinds.update((record.subject.value, record.transition) for record in records)
            first = first or records[0].change_id if records else first
            count, position = count + len(records), found.position
            if not found.more:
                break
        if count:
            Seal.objects.create(
                first_change_id=first,
                last_xact=position.xact,
                last_change_id=position.id,
                changes=count,
                digest=hashed.digest(),
                earliest=datetime.fromisoformat(times.earliest),
                latest=datetime.fromisoformat(times.latest),
            )
            add_counts(CHANGES, kinds)
        return count


class _Times:
    """The first and the last time of some records, as they are written: in UTC, and so in their order as texts."""

    earliest, latest = "9999", ""

    def see(self, records: list[Record]) -> None:
        times = [record.at for record in records]
        self.earliest, self.latest = min(times, default=self.earliest), max(times, default=self.latest)


def _is_alone() -> bool:
    """Holds the right to seal until the transaction ends; False if someone else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_SEALING])
        return bool(cursor.fetchone()[0])
