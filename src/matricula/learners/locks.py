"""Locks on email addresses and student keys, which hold also what is not stored yet (docs/locking.md)."""

import zlib
from collections.abc import Iterable, Sequence

from django.db import connection

_ADDRESS_LOCKS = 7301
_STUDENT_KEY_LOCKS = 7303
_USERNAME_LOCKS = 7306
_STRIPES = 256
# so many keys leave hardly a stripe out: which ones need not be found out
_ALL = 2_000
_LOCK_USERNAMES = """
select pg_advisory_xact_lock(%s, stripe) from (
    select distinct hashtext(matricula_skeleton(s.spelling)) & 255 as stripe
    from unnest(%b::text[]) n(name), lateral (values (n.name), (lower(n.name))) s(spelling) order by 1
) l
"""


def lock_addresses(email_keys: Iterable[str]) -> None:
    """Holds the addresses until the transaction ends; at most 256 locks, taken in one order, with one statement.

    Both an invitation of an address and the activation of an account with it hold the lock: neither misses the other.
    """
    _lock(_ADDRESS_LOCKS, email_keys)


def lock_usernames(usernames: Iterable[str]) -> None:
    """Holds the usernames, and all that look like them, until the transaction ends, as ``lock_addresses`` does.

    Anyone who makes an account looks for names like its own, which another may be making.
    """
    names = list(usernames)
    if len(names) >= _ALL:
        _lock_stripes(_USERNAME_LOCKS, range(_STRIPES))
    elif names:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_USERNAMES, [_USERNAME_LOCKS, names])


def lock_student_keys(organization_id: int, folded_keys: Iterable[str]) -> None:
    """Holds the student keys of an organization until the transaction ends, as ``lock_addresses`` holds addresses.

    Anyone who writes a student's rows in a program and anyone who links the key to an account both hold it.
    """
    lock_keys_of_organizations((organization_id, key) for key in folded_keys)


def lock_keys_of_organizations(keys: Iterable[tuple[int, str]]) -> None:
    """``lock_student_keys`` for (organization id, folded key) of several organizations at once."""
    _lock(_STUDENT_KEY_LOCKS, (f"{organization_id} {key}" for organization_id, key in keys))


_SHARE = "select pg_advisory_xact_lock_shared(%s, s) from generate_series(0, %s) s order by s"


def share_student_keys() -> None:
    """Holds all student keys until the transaction ends, together with others who do so, and against all others.

    For slices of one job, of which no two write the same student.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [_STUDENT_KEY_LOCKS, _STRIPES - 1])


def _lock(kind: int, keys: Iterable[str]) -> None:
    held = list(keys)
    if len(held) >= _ALL:
        _lock_stripes(kind, range(_STRIPES))
    else:
        _lock_stripes(kind, sorted({zlib.crc32(key.encode()) % _STRIPES for key in held}))


def _lock_stripes(kind: int, stripes: Sequence[int]) -> None:
    if stripes:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(%s, s) from unnest(%b::int[]) with ordinality l(s, n) order by n",
                [kind, list(stripes)],
            )
