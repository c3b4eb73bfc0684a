"""The limiter of guessing, shared by all processes: every check of a password or a secret asks it first.

A check of a secret takes three steps::

    attempt = begin_attempt(LOGIN, identifier, client_address)
    if attempt.wait:
        ...                        # answer 429 with Retry-After: attempt.wait, without looking at the secret
    elif secret_is_right:
        end_attempt(attempt)       # the failures of this subject are cleared; the address keeps its own
    else:
        fail_attempt(attempt)      # counted at the subject and at the client address

A request of which each one counts, right or wrong (it sends a mail, say), takes one::

    wait = count_request(PASSWORD_RESET, email, client_address)     # 0, or the seconds for Retry-After

Call them outside of any transaction: a failure is committed at once, whatever becomes of the request. Subjects are
compared without the case of A to Z, whether or not there is such an account. ``known`` is for those who have proved
themselves before (a known device): they have a count of their own, so that guessing from elsewhere can't lock them out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from matricula.foundation.folding import fold
from matricula.guessing.limited import log_limited
from matricula.guessing.models import FailureCount, KnownAddress
from matricula.guessing.rules import NOTHING, Count, Kind, Limit, count_failure, wait_of

_KEEP_KNOWN = timedelta(days=90)
_READ = """
select key, wait_until, clock_timestamp() from matricula_failurecount where key = any(%b::bytea[])
"""
# true: seen today; a client may ask for tokens all day, and is written down once
_KNOWN = "select seen > clock_timestamp() - interval '1 day' from matricula_knownaddress where key = %s"
# a row that is there is locked by the update; both come back as they were
_LOCK = """
insert into matricula_failurecount as c (key, zero_at, wait_until)
select key, 'epoch'::timestamptz, 'epoch'::timestamptz from unnest(%b::bytea[]) k(key) order by key
on conflict (key) do update set wait_until = c.wait_until
returning key, zero_at, wait_until, clock_timestamp()
"""
_SAVE = """
update matricula_failurecount c set zero_at = n.zero_at, wait_until = n.wait_until
from unnest(%b::bytea[], %b::timestamptz[], %b::timestamptz[]) n(key, zero_at, wait_until) where c.key = n.key
"""
_REMEMBER = """
insert into matricula_knownaddress (key, seen) values (%s, clock_timestamp())
on conflict (key) do update set seen = excluded.seen
"""


@dataclass(frozen=True)
class Attempt:
    """An attempt at a secret; ``wait``: seconds until it is taken, 0 if the secret may be looked at now."""

    wait: int
    # the count of the secret, and the others that a failure raises
    own: bytes = b""
    limits: Mapping[bytes, Limit] = field(default_factory=dict)
    # the failure of this attempt is already in its own count, so that attempts at the same time can't slip through
    counted: bool = False
    # to be remembered as known if the secret is right
    pair: bytes = b""


def begin_attempt(kind: Kind, subject: str, address: str | None, *, known: str = "") -> Attempt:
    """Begin an attempt at the secret of ``subject``: a username, an email address, a client id.

    ``address`` is ``client_address(request.META)``; None is not counted. ``known`` names a device that has proved
    itself for this subject: then only its own failures count.
    """
    own = _key(kind, "known", known) if known else _key(kind, "subject", fold(subject))
    return _begin(kind, own, None if known else address)


def begin_client_attempt(kind: Kind, subject: str, address: str | None) -> Attempt:
    """Begin an attempt of a program, which keeps no cookie: it is known by the address that it succeeded from."""
    pair = _key(kind, "pair", f"{subject}\n{address}") if address else b""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [pair])
        found = cursor.fetchone()
    if found:
        attempt = _begin(kind, pair, None)
        return attempt if found[0] else _with_pair(attempt, pair)
    return _with_pair(_begin(kind, _key(kind, "subject", subject), address), pair)


def fail_attempt(attempt: Attempt) -> None:
    """Count the attempt: the secret was wrong."""
    limits = {key: limit for key, limit in attempt.limits.items() if key != attempt.own or not attempt.counted}
    if limits:
        _count(limits, in_turn=False)


def end_attempt(attempt: Attempt) -> None:
    """End the attempt: the secret was right, and its failures are cleared."""
    if attempt.counted:
        FailureCount.objects.filter(key=attempt.own).delete()
    if attempt.pair:
        with connection.cursor() as cursor:
            cursor.execute(_REMEMBER, [attempt.pair])


def count_request(kind: Kind, subject: str, address: str | None) -> int:
    """Count a request, and return 0 if it is taken, else the seconds to wait. An empty ``subject`` is not counted."""
    limits = {_key(kind, "subject", fold(subject)): kind.by_subject} if subject else {}
    if address and kind.by_address:
        limits[_key(kind, "address", address)] = kind.by_address
    wait = _longest_wait(limits) or _count(limits)
    if wait:
        log_limited(kind.name)
    return wait


def delete_expired_attempts() -> int:
    """Delete counts that have faded, and addresses that no client came from for 90 days; return how many."""
    now = datetime.now(UTC)
    faded, _ = FailureCount.objects.filter(zero_at__lt=now, wait_until__lt=now).delete()
    unseen, _ = KnownAddress.objects.filter(seen__lt=now - _KEEP_KNOWN).delete()
    return faded + unseen


def _begin(kind: Kind, own: bytes, address: str | None) -> Attempt:
    limits = {own: kind.by_subject}
    if address and kind.by_address:
        limits[_key(kind, "address", address)] = kind.by_address
    counts, now = _read(limits)
    wait = max((wait_of(count, now) for count in counts.values()), default=0)
    counted = not wait and own in counts
    if counted:
        # someone failed here lately: this attempt takes its turn under the lock of the row
        wait = _count({own: kind.by_subject})
    if wait:
        log_limited(kind.name)
        return Attempt(wait)
    return Attempt(0, own, limits, counted)


def _with_pair(attempt: Attempt, pair: bytes) -> Attempt:
    return attempt if attempt.wait else Attempt(0, attempt.own, attempt.limits, attempt.counted, pair)


def _longest_wait(keys: Iterable[bytes]) -> int:
    counts, now = _read(keys)
    return max((wait_of(count, now) for count in counts.values()), default=0)


def _read(keys: Iterable[bytes]) -> tuple[dict[bytes, Count], float]:
    """What is stored of these counts, and the database's time: the clocks of several machines differ."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(keys)])
        rows = cursor.fetchall()
    counts = {bytes(key): Count(0, wait_until.timestamp()) for key, wait_until, _ in rows}
    return counts, rows[0][2].timestamp() if rows else 0.0


def _count(limits: Mapping[bytes, Limit], *, in_turn: bool = True) -> int:
    """Count a failure everywhere and return 0; ``in_turn``: only if no count has to wait, else return how long."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(limits)])
        rows = cursor.fetchall()
        now = rows[0][3].timestamp() if rows else 0.0
        counts = {bytes(key): Count(zero_at.timestamp(), until.timestamp()) for key, zero_at, until, _ in rows}
        wait = max((wait_of(count, now) for count in counts.values()), default=0)
        if wait and in_turn:
            return wait
        later = {key: count_failure(limit, counts.get(key, NOTHING), now) for key, limit in limits.items()}
        cursor.execute(
            _SAVE,
            [list(later), [_at(c.zero_at) for c in later.values()], [_at(c.wait_until) for c in later.values()]],
        )
    return 0


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _key(kind: Kind, part: str, text: str) -> bytes:
    """A keyed hash: who reads the table, or a backup of it, learns neither names nor addresses."""
    return salted_hmac(f"matricula.guessing.{kind.name}.{part}", text, algorithm="sha256").digest()[:16]
