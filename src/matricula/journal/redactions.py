"""Entries from which a person's traces were removed: their digests as they were, by which seals stay verifiable."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from matricula.foundation.database import Bigints, execute, fetch_all
from matricula.journal.records import Record, digest_of

_KEPT = "select entry_id, digest from matricula_journalredaction where entry_id = any(%s)"
_MARKS = "select entry_id, at, digest from matricula_journalredaction where entry_id = any(%s)"
_KEEP = """
insert into matricula_journalredaction (entry_id, digest, operation)
select k.entry_id, k.digest, %s from unnest(%s::bigint[], %s::bytea[]) k(entry_id, digest)
on conflict (entry_id) do nothing
"""


def kept_digests(ids: Sequence[int]) -> Mapping[int, bytes]:
    """The original digests of those entries that were changed."""
    if not ids:
        return {}
    return {entry_id: bytes(digest) for entry_id, digest in fetch_all(_KEPT, [Bigints(ids)])}


def marks_of(ids: Iterable[int]) -> Mapping[int, tuple[datetime, str]]:
    """When each of these entries was changed, and its original digest; without those that are as they were."""
    asked = Bigints(ids)
    if not asked:
        return {}
    return {entry_id: (at, bytes(digest).hex()) for entry_id, at, digest in fetch_all(_MARKS, [asked])}


def digests_of(records: Sequence[Record]) -> list[bytes]:
    """The digests that seals cover: of entries that were changed, the original ones. Ask once the records are read."""
    kept = kept_digests([record.change_id for record in records])
    return [kept.get(record.change_id) or digest_of(record) for record in records]


def keep_digests(operation: object, records: Sequence[Record]) -> None:
    """Keeps the digests of entries that are about to be changed; of one that was changed before, the first stays."""
    execute(_KEEP, [operation, [record.change_id for record in records], [digest_of(record) for record in records]])
