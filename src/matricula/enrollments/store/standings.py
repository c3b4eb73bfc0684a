"""Where people are in course runs, as stored: locked and read, then saved, a few statements for any number."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import IntegrityError, connection
from msgspec import Struct

from matricula.enrollments.store.values import CoursePerson, Invitation, Seat, Standing
from matricula.foundation.database import Bigints
from matricula.foundation.statements import Statement
from matricula.foundation.transactions import one_transaction
from matricula.learners.reads import FITTING, fitting_keys


class Collision(Exception):
    """Someone else stored a row between our read and our save; the caller reads and decides again."""


# a Collision means that someone else has stored something, and each try locks what the one before ran into
_TRIES = 50
T = TypeVar("T")
NOWHERE = Standing()


def in_one_transaction(write: Callable[[], T]) -> T:
    """Runs ``write`` in a transaction, and again after a ``Collision``: what got in the way is then read and locked."""
    for _ in range(_TRIES - 1):
        try:
            with one_transaction():
                return write()
        except Collision:
            continue
    with one_transaction():
        return write()


class Place(Struct, eq=False, gc=False):
    """One person in one course run: as stored, and as it shall be. ``account_id`` None: an address without account.

    ``is_active``: the account is, where the place was found by an identifier.
    """

    course_id: int
    account_id: int | None
    email: str
    email_key: str
    is_active: bool = True
    stored: Standing = NOWHERE
    standing: Standing = NOWHERE
    # rows of pre-enrollments found; more than one where an address with an invitation came to a bound account
    invitation_ids: tuple[int, ...] = ()
    # True if one of them waits under the address; the journal knows that one by it
    waited: bool = False
    # who invited last, and why
    actor_id: int | None = None
    reason: str | None = None
    invited_again: bool = False

    @property
    def changes(self) -> bool:
        """True if there is something to save."""
        return self.standing != self.stored or self.invited_again or len(self.invitation_ids) > 1


# "offset 0" keeps the search by the index for each account: joined as a whole, and with the course run as a constant,
# the planner reads all its seats whenever the statistics are older than they
_FIND = Statement(
    """
--> fitting
select f.key, f.id, f.email, f.email_key, f.is_active, e.mode, e.is_active from fitting f
left join lateral (
    select mode, is_active from matricula_courseenrollment
    where course_id = (select %s::bigint) and account_id = f.id offset 0
) e on true
""",
    fitting=FITTING,
)
_SEATS = """
select e.course_id, e.account_id, e.mode, e.is_active from matricula_courseenrollment e
join unnest(%b::bigint[], %b::bigint[]) p(course_id, account_id) using (course_id, account_id)
"""
# each half is searched in one go by its index; joined with the arrays, each person would be looked for by itself
_READ_INVITATIONS = """
select id, course_id, account_id, email_key, mode, auto_enroll, actor_id, reason
from matricula_preenrollment where course_id = %s and account_id = any(%b)
union all
select id, course_id, account_id, email_key, mode, auto_enroll, actor_id, reason
from matricula_preenrollment where course_id = %s and account_id is null and email_key = any(%b)
order by id
"""
_INVITATIONS = """
select id, course_id, account_id, email_key, mode, auto_enroll, actor_id, reason
from matricula_preenrollment where id in (
    select i.id from matricula_preenrollment i
    join unnest(%b::bigint[], %b::bigint[]) p(course_id, account_id)
      on i.course_id = p.course_id and i.account_id = p.account_id
    union
    select i.id from matricula_preenrollment i
    join unnest(%b::bigint[], %b::text[]) p(course_id, email_key)
      on i.course_id = p.course_id and i.email_key = p.email_key and i.account_id is null
) order by id
"""
_INSERT_SEATS = """
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select p.course_id, a.id, a.username_key, p.mode, p.is_active, now()
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::boolean[]) p(course_id, account_id, mode, is_active)
join matricula_account a on a.id = p.account_id and (a.merged_into_id is null or not p.is_active)
order by p.course_id, a.id for key share of a
"""
_UPDATE_SEATS = """
update matricula_courseenrollment e set mode = p.mode, is_active = p.is_active
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::boolean[]) p(course_id, account_id, mode, is_active)
join matricula_account a on a.id = p.account_id and (a.merged_into_id is null or not p.is_active)
where e.course_id = p.course_id and e.account_id = p.account_id
"""
_INSERT_INVITATIONS = """
insert into matricula_preenrollment (course_id, email, account_id, mode, auto_enroll, actor_id, reason, created)
select p.*, now() from unnest(%b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::boolean[], %b::bigint[],
    %b::text[]) p(course_id, email, account_id, mode, auto_enroll, actor_id, reason) order by 1, 2
on conflict do nothing
"""
_UPDATE_INVITATIONS = """
update matricula_preenrollment i set email = p.email, account_id = p.account_id, mode = p.mode,
    auto_enroll = p.auto_enroll, actor_id = p.actor_id, reason = p.reason
from unnest(%b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::boolean[], %b::bigint[], %b::text[])
    p(id, email, account_id, mode, auto_enroll, actor_id, reason)
where i.id = p.id
"""


def find_places(course_id: int, keys: Sequence[str]) -> dict[str, list[Place]]:
    """The accounts that each folded identifier fits, by username or email, with their seats in a course run: none,
    one or (a clash) two. Two identifiers of one account give one place.

    Nothing is locked: ``lock_as_read`` must follow before a save. Invitations are not read yet.
    """
    found: dict[str, list[Place]] = {}
    by_account: dict[int, Place] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND(), [*fitting_keys(keys), course_id])
        for key, account_id, email, email_key, is_active, mode, seated in cursor.fetchall():
            place = by_account.get(account_id)
            if place is None:
                standing = NOWHERE if mode is None else _seated(mode, seated)
                place = Place(course_id, account_id, email, email_key, is_active, standing, standing)
                by_account[account_id] = place
            found.setdefault(key, []).append(place)
    return found


def read_invitations(course_id: int, places: Collection[Place]) -> None:
    """Fills in what is stored of pre-enrollments to a course run, with one statement; nothing is locked."""
    if not places:
        return
    accounts = Bigints(p.account_id for p in places if p.account_id is not None)
    with connection.cursor() as cursor:
        cursor.execute(_READ_INVITATIONS, [course_id, accounts, course_id, [p.email_key for p in places]])
        _fill_in_invitations(cursor.fetchall(), places)


def lock_as_read(places: Iterable[Place]) -> None:
    """Locks the stored rows of places that were only read, with two statements.

    Errors: ``Collision`` if one of them has changed since, or another one has come to it.
    """
    read = [p for p in places if p.stored != NOWHERE]
    held = [Place(p.course_id, p.account_id, p.email, p.email_key) for p in read]
    lock_standings(held)
    if any(
        (now.stored, now.invitation_ids) != (then.stored, then.invitation_ids)
        for now, then in zip(held, read, strict=True)
    ):
        raise Collision


def lock_standings(places: Collection[Place]) -> None:
    """Locks what is stored of these people and fills it in, with two statements."""
    _fill_in(places, f"{_SEATS} order by e.id for no key update of e", f"{_INVITATIONS} for update")


def read_standings(places: Collection[Place]) -> None:
    """As ``lock_standings``, without locks."""
    _fill_in(places, _SEATS, _INVITATIONS)


def _fill_in(places: Collection[Place], seats: str, invitations: str) -> None:
    if not places:
        return
    accounts = {(p.course_id, p.account_id): p for p in places if p.account_id is not None}
    with connection.cursor() as cursor:
        if accounts:
            cursor.execute(seats, _pairs(accounts))
            for course_id, account_id, mode, is_active in cursor.fetchall():
                place = accounts[course_id, account_id]
                place.stored = place.standing = _seated(mode, is_active)
        cursor.execute(invitations, [*_pairs(accounts), *_pairs([(p.course_id, p.email_key) for p in places])])
        _fill_in_invitations(cursor.fetchall(), places)


def _fill_in_invitations(rows: Sequence[tuple[Any, ...]], places: Collection[Place]) -> None:
    """An invitation of the address that waits for an account counts as the account's: it will be bound when saved."""
    if not rows:
        return
    accounts = {(p.course_id, p.account_id): p for p in places if p.account_id is not None}
    addresses = {(p.course_id, p.email_key): p for p in places}
    for row_id, course_id, account_id, email_key, mode, auto_enroll, actor_id, reason in rows:
        bound = account_id is not None
        place = accounts[course_id, account_id] if bound else addresses[course_id, email_key]
        place.invitation_ids += (row_id,)
        place.waited = place.waited or not bound
        place.actor_id, place.reason = actor_id, reason
        place.stored = place.standing = Standing(place.stored.seat, Invitation(mode, auto_enroll, bound))


@cache
def _seated(mode: str, is_active: bool) -> Standing:
    return Standing(Seat(mode, is_active))


def _pairs(keys: Collection[tuple[int, int | None]] | Collection[tuple[int, str]]) -> list[list[object]]:
    return [[course_id for course_id, _ in keys], [key for _, key in keys]]


def save_standings(places: Iterable[Place]) -> None:
    """Stores what changed, with at most five statements. Errors: ``Collision`` where a row appeared meanwhile."""
    changed = [p for p in places if p.changes]
    new_seats = [p for p in changed if p.stored.seat is None and p.standing.seat is not None]
    old_seats = [p for p in changed if p.stored.seat is not None and p.standing.seat != p.stored.seat]
    ended, kept, new = _sort_invitations(changed)
    with connection.cursor() as cursor:
        if new_seats:
            try:
                cursor.execute(_INSERT_SEATS, _seat_columns(new_seats))
            except IntegrityError as error:
                if "enrollment_once" in str(error):
                    raise Collision from None
                raise
            _check_stored(cursor.rowcount, new_seats)
        if old_seats:
            cursor.execute(_UPDATE_SEATS, _seat_columns(old_seats))
            _check_stored(cursor.rowcount, old_seats)
        if ended:
            cursor.execute("delete from matricula_preenrollment where id = any(%s)", [ended])
        if kept:
            cursor.execute(_UPDATE_INVITATIONS, [[p.invitation_ids[-1] for p in kept], *_invitation_columns(kept)])
        if new:
            cursor.execute(_INSERT_INVITATIONS, [[p.course_id for p in new], *_invitation_columns(new)])
            if cursor.rowcount != len(new):
                raise Collision


def _check_stored(stored: int, seats: Sequence[Place]) -> None:
    """Errors: ``Collision`` where an account was merged into another one meanwhile, who is the person now."""
    if stored != len(seats):
        raise Collision


def _sort_invitations(changed: Sequence[Place]) -> tuple[list[int], list[Place], list[Place]]:
    """Row ids to delete, places whose row is kept and updated, places that need a new row."""
    ended: list[int] = []
    kept, new = [], []
    for place in changed:
        if place.standing.invitation is None:
            ended.extend(place.invitation_ids)
        elif place.invitation_ids:
            ended.extend(place.invitation_ids[:-1])
            kept.append(place)
        else:
            new.append(place)
    return ended, kept, new


def _seat_columns(places: Sequence[Place]) -> list[list[Any]]:
    seats = [p.standing.seat for p in places]
    return [
        Bigints(p.course_id for p in places),
        Bigints(p.account_id for p in places if p.account_id is not None),
        [seat and seat.mode for seat in seats],
        [seat and seat.is_active for seat in seats],
    ]


def _invitation_columns(places: Sequence[Place]) -> list[list[object]]:
    invitations = [(p, p.standing.invitation) for p in places]
    return [
        [p.email for p in places],
        [p.account_id if i and i.bound else None for p, i in invitations],
        [i and i.mode for _, i in invitations],
        [i and i.auto_enroll for _, i in invitations],
        [p.actor_id for p in places],
        [p.reason for p in places],
    ]


_UNBOUND = """
select i.course_id, a.id from matricula_preenrollment i
join matricula_account a on a.email_key = i.email_key and a.is_active and a.id = any(%s)
where i.account_id is null
"""


def find_waiting_invitations(account_ids: Sequence[int]) -> list[CoursePerson]:
    """(course id, account id) of every pre-enrollment that waits for the address of one of these active accounts."""
    with connection.cursor() as cursor:
        cursor.execute(_UNBOUND, [list(account_ids)])
        return [CoursePerson(course_id, account_id) for course_id, account_id in cursor.fetchall()]
