"""Rows in hand: claimed before a call goes out, and what became of them afterwards. Each change is one statement."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection as database

from matricula.connectors.open_edx.conditions import end_pause
from matricula.connectors.open_edx.rules import Invitation, Known, Seat, Target
from matricula.connectors.open_edx.statuses import RowState, Wanted
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import Statement
from matricula.foundation.transactions import one_transaction

_ONE_PUSHES = 7320  # advisory lock: one process pushes to an LMS at a time (docs/locking.md)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row in hand: what is wanted as it was read just now, and what is known."""

    id: int
    course_id: int
    account_id: int | None
    version: int
    tries: int
    operation: str | None
    target: Target
    known: Known


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row in hand. ``state`` waiting: its call failed, or was not made."""

    row: Claimed
    known: Known
    state: RowState
    words: str | None = None
    tries: int = 0
    next_try: float = 0.0
    was_sent: bool = False


_ROW = """
select r.id, r.course_id, r.account_id, r.version, r.tries, r.operation::text, r.wanted, r.mode, r.invite_email,
    r.invite_auto, r.email, r.confirmed_mode, r.confirmed_active, r.sent_email, r.sent_auto, r.is_unsure, n.username
"""
_CLAIM = Statement(
    """
with claimed as (
    update matricula_lmsrow r set is_claimed = true
    where r.id in (
        select id from matricula_lmsrow
        where connection_id = %(connection)s and state = 'waiting' and not is_claimed and next_try <= %(now)s
        order by next_try, id limit %(limit)s for update skip locked
    )
    returning r.*
)
--> row
from claimed r
left join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
order by r.next_try, r.id
""",
    row=_ROW,
)
_READ = Statement(
    """
--> row
from matricula_lmsrow r
left join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
where r.id = %s
""",
    row=_ROW,
)
# a row whose target changed meanwhile keeps waiting; what is known now is kept in either case
_KEEP = """
update matricula_lmsrow r
set is_claimed = false, is_unsure = o.is_unsure, confirmed_mode = o.confirmed_mode,
    confirmed_active = o.confirmed_active, sent_email = o.sent_email, sent_auto = o.sent_auto,
    state = case when r.version = o.version then o.state else r.state end,
    words = case when r.version = o.version then o.words else r.words end,
    tries = case when r.version = o.version then o.tries else r.tries end,
    next_try = case when r.version = o.version then o.next_try else r.next_try end,
    sent = case when o.was_sent then now() else r.sent end, updated = now()
from (
    select k.id as row_id, t.* from unnest(%b::bigint[], %b::int[], %b::text[], %b::text[], %b::int[], %b::float8[],
        %b::boolean[], %b::boolean[], %b::text[], %b::boolean[], %b::text[], %b::boolean[])
        t(id, version, state, words, tries, next_try, was_sent, is_unsure, confirmed_mode, confirmed_active,
          sent_email, sent_auto)
    join matricula_lmsrow k using (id) order by k.id for update of k
) o
where r.id = o.row_id
"""
_NAME = """
insert into matricula_lmsusername as n (connection_id, account_id, username)
select %s, t.account_id, t.username from unnest(%b::bigint[], %b::text[]) t(account_id, username)
order by t.account_id
on conflict (connection_id, account_id) do update set username = excluded.username
where n.username <> excluded.username
"""
_FREE = """
update matricula_lmsrow set is_claimed = false, is_unsure = true
where connection_id = %s and state = 'waiting' and is_claimed
"""
_ANY_DUE = """
select exists (
    select 1 from matricula_lmsrow
    where connection_id = %s and state = 'waiting' and not is_claimed and next_try <= %s
)
"""
_NEXT_TRY = "select min(next_try) from matricula_lmsrow where connection_id = %s and state = 'waiting'"
_RETRY = """
update matricula_lmsrow set state = 'waiting', words = null, tries = 0, next_try = 0
where connection_id = %s and state = any(%s)
"""
_RETRY_CHOSEN = """
update matricula_lmsrow set state = 'waiting', words = null, tries = 0, next_try = 0
where connection_id = %s and id = any(%s) and state = 'rejected'
"""
_RETRY_OF_ACCOUNT = """
update matricula_lmsrow set state = 'waiting', words = null, tries = 0, next_try = 0, confirmed_mode = null,
    confirmed_active = null
where connection_id = %s and account_id = %s and not is_claimed and state in ('rejected', 'absent')
"""
_NO_NAME = "delete from matricula_lmsusername where connection_id = %s and account_id = %s"


@contextmanager
def pushing(connection_id: int) -> Iterator[bool]:
    """Within, no other process pushes to this LMS; False where one does already.

    The lock is the session's: it ends with a killed process, at once.
    """
    [(is_free,)] = fetch_all("select pg_try_advisory_lock(%s, %s)", [_ONE_PUSHES, connection_id])
    try:
        yield bool(is_free)
    finally:
        if is_free:
            fetch_all("select pg_advisory_unlock(%s, %s)", [_ONE_PUSHES, connection_id])


def free_claims(connection_id: int) -> int:
    """Take over what a killed process had in hand: whether its calls went out isn't known. Return how many rows."""
    return execute(_FREE, [connection_id])


def claim_rows(connection_id: int, now: float, limit: int) -> list[Claimed]:
    """Take rows in hand whose time has come, for a process that pushes."""
    rows = fetch_all(_CLAIM(), {"connection": connection_id, "now": now, "limit": limit})
    return [_claimed(row) for row in rows]


def read_claimed(row_id: int) -> Claimed:
    """Return a row in hand with what is wanted of it now."""
    [row] = fetch_all(_READ(), [row_id])
    return _claimed(row)


def is_any_due(connection_id: int, now: float) -> bool:
    """Return whether a row waits whose time has come."""
    [(found,)] = fetch_all(_ANY_DUE, [connection_id, now])
    return bool(found)


def find_next_try(connection_id: int) -> float | None:
    """Return when the next row is due, in seconds since 1970; None: no row waits."""
    [(time,)] = fetch_all(_NEXT_TRY, [connection_id])
    return None if time is None else float(time)


def keep_outcomes(connection_id: int, outcomes: Sequence[Outcome]) -> None:
    """Record what became of rows in hand, and the usernames that were found."""
    if not outcomes:
        return
    rows = [
        (
            o.row.id,
            o.row.version,
            o.state.value,
            o.words,
            o.tries,
            o.next_try,
            o.was_sent,
            o.known.is_unsure,
            *(o.known.confirmed or (None, None)),
            *(o.known.invitation or (None, None)),
        )
        for o in outcomes
    ]
    with database.cursor() as cursor:
        cursor.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])
    keep_usernames(
        connection_id,
        {o.row.account_id: o.known.username for o in outcomes if o.row.account_id and o.known.username}
        if any(o.known.username != o.row.known.username for o in outcomes)
        else {},
    )


def keep_usernames(connection_id: int, usernames: dict[int, str]) -> None:
    """Record the usernames of accounts in an LMS."""
    if usernames:
        with database.cursor() as cursor:
            cursor.execute(_NAME, [connection_id, list(usernames), list(usernames.values())])


def retry_rows(connection_id: int, *states: RowState) -> int:
    """Let rows in these states wait for the next push; return how many."""
    return execute(_RETRY, [connection_id, [state.value for state in states]])


def retry_rejected(connection_id: int, row_ids: Sequence[int] = ()) -> int:
    """Let rejected rows wait for the next push, some or all, and let that go out at once; return how many."""
    with one_transaction():
        if row_ids:
            count = execute(_RETRY_CHOSEN, [connection_id, list(row_ids)])
        else:
            count = retry_rows(connection_id, RowState.REJECTED)
        end_pause(connection_id)
    return count


def correct_username(connection_id: int, account_id: int, username: str) -> None:
    """Keep another username of an account in the LMS; "": look it up again. What was rejected is sent again."""
    with one_transaction():
        if username:
            keep_usernames(connection_id, {account_id: username})
        else:
            execute(_NO_NAME, [connection_id, account_id])
        execute(_RETRY_OF_ACCOUNT, [connection_id, account_id])


def _claimed(row: Sequence[Any]) -> Claimed:
    id_, course_id, account_id, version, tries, operation, wanted, mode, invite_email, invite_auto, email, *rest = row
    confirmed_mode, confirmed_active, sent_email, sent_auto, is_unsure, username = rest
    target = Target(
        Wanted(wanted), mode, Invitation(invite_email, invite_auto) if invite_email is not None else None, email
    )
    known = Known(
        username=username,
        confirmed=Seat(confirmed_mode, confirmed_active) if confirmed_active is not None else None,
        invitation=Invitation(sent_email, sent_auto) if sent_email is not None else None,
        is_unsure=is_unsure,
    )
    return Claimed(id_, course_id, account_id, version, tries, operation, target, known)
