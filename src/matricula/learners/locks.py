"""Locks on e-mail addresses: the race between inviting an address and its account becoming active (docs/locking.md)."""

import zlib
from collections.abc import Iterable

from django.db import connection

_ADDRESS_LOCKS = 7301
_STRIPES = 256


def lock_addresses(email_keys: Iterable[str]) -> None:
    """Holds the addresses until the transaction ends; at most 256 locks, taken in one order, with one statement.

    Whoever invites an address and whoever makes an account with it active both hold it, so neither misses the other.
    """
    stripes = sorted({zlib.crc32(key.encode()) % _STRIPES for key in email_keys})
    if stripes:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(%s, s) from unnest(%s::int[]) with ordinality l(s, n) order by n",
                [_ADDRESS_LOCKS, stripes],
            )
