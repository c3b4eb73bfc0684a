"""Saving accounts and student keys; accounts only through ``enrollments.accounts``, which enrolls the invited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.db import connection
from django.db.models.functions import Now
from msgspec import Struct

from matricula.foundation.folding import fold
from matricula.foundation.text import TextProblem, trim
from matricula.learners.models import Account, StudentIdentity
from matricula.learners.rows import AccountChange, AccountRow, delete_rows, lock_rows, save_rows, unreferred

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
EMAIL_TAKEN = "email-taken"
NO_OPERATOR = "no-operator"
USERNAME_REFUSED = "username-refused"
MERGED_AWAY = "merged"


class AccountRequest(Struct, frozen=True, gc=False):
    """An account as it shall be, known by its username; ``None`` leaves what is there (for a new one: the default)."""

    username: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    is_active: bool | None = None
    is_staff: bool | None = None
    is_superuser: bool | None = None
    language: str | None = None
    password: str | None = None


class AccountOutcome(Struct, frozen=True, gc=False):
    """What became of one request; ``account_id`` is None where it was rejected (``email-taken``, ``username-refused``).

    ``problem``: why there can be no new account with this username.
    """

    account_id: int | None
    word: str
    problem: TextProblem | None = None


@dataclass(slots=True)
class Saved:
    """What became of each request, what changed, and the sign-ups that had to give way."""

    outcomes: list[AccountOutcome] = field(default_factory=list)
    changes: list[AccountChange] = field(default_factory=list)
    replaced: list[AccountRow] = field(default_factory=list)


_NAMES = ("first_name", "last_name")
_GIVEN = tuple(name for name in AccountRequest.__struct_fields__ if name != "password")


def save_accounts(requests: Sequence[AccountRequest]) -> Saved:
    """Creates or updates the accounts, in order, with few statements; call it through ``enrollments.accounts``.

    A request whose address belongs to another account is rejected (``email-taken``), the others are saved; an account
    that gets another address by one of the requests gives its own away, also in exchange. A sign-up that no one
    confirmed gives way: one with the username becomes the account that is asked for, with nothing of what the other
    person typed; one with the address is deleted. Errors: ``NameTaken``.
    """
    rows = lock_rows([fold(r.username) for r in requests], [fold(r.email) for r in requests])
    held = {fold(row.username): row for row in rows}
    book = _Book(held, {fold(row.email): row for row in rows}, unreferred(r.id for r in rows if r.may_be_replaced))
    words = book.exchange(requests, [book.enter(request) for request in requests])
    saved = Saved(replaced=book.replaced)
    if book.replaced:
        delete_rows(book.replaced)
    saved.changes = save_rows(held.values())
    for request, word in zip(requests, words, strict=True):
        account_id = None if word == EMAIL_TAKEN else held[fold(request.username)].id
        saved.outcomes.append(AccountOutcome(account_id, word))
    return saved


class _Book:
    """The accounts that the requests are about, by folded username and by folded address."""

    def __init__(self, held: dict[str, AccountRow], owners: dict[str, AccountRow], unreferred: set[int]) -> None:
        self.held = held
        self.owners = owners
        self.unreferred = unreferred
        self.replaced: list[AccountRow] = []

    def enter(self, request: AccountRequest) -> str:
        """Writes one request into the rows; the word for it."""
        key = fold(request.username)
        row = self.held.get(key)
        if not self.make_room(fold(request.email), row):
            return EMAIL_TAKEN
        given = {name: value for name in _GIVEN if (value := getattr(request, name)) is not None}
        if row is None:
            row = AccountRow(None, **given, password=make_password(request.password))
            self.held[key] = self.owners[fold(request.email)] = row
            return CREATED
        if self.owners.get(fold(row.email)) is row:
            del self.owners[fold(row.email)]
        self.owners[fold(request.email)] = row
        if row.may_be_replaced:
            claim(row, given, request.password)
            return CREATED
        for name in _NAMES:
            # a file has no blanks around a name, also where the account has some
            if name in given and trim(getattr(row, name)) == given[name]:
                del given[name]
        return _update(row, given, request.password)

    def exchange(self, requests: Sequence[AccountRequest], words: Sequence[str]) -> list[str]:
        """Writes those whose address was taken by accounts that give it away by one of these requests; the words."""
        done = [*words]
        if EMAIL_TAKEN not in done:
            return done
        # an earlier request of a username must not be written after its later one
        last = {fold(request.username): place for place, request in enumerate(requests)}
        moving = {key: place for key, place in last.items() if words[place] == EMAIL_TAKEN}
        wanted: dict[str, str] = {}
        for key, place in moving.items():
            wanted.setdefault(fold(requests[place].email), key)
        moving = {key: moving[key] for key in wanted.values()}
        while stuck := [key for key, place in moving.items() if not self._is_given_away(requests[place], moving)]:
            for key in stuck:
                del moving[key]
        for key in moving:
            if row := self.held.get(key):
                self.owners.pop(fold(row.email), None)
        for place in sorted(moving.values()):
            done[place] = self.enter(requests[place])
        return done

    def _is_given_away(self, request: AccountRequest, moving: Mapping[str, int]) -> bool:
        """True if no one will have the address who has it now."""
        owner = self.owners.get(fold(request.email))
        return owner is None or owner is self.held.get(fold(request.username)) or fold(owner.username) in moving

    def make_room(self, address: str, row: AccountRow | None) -> bool:
        """Takes an unconfirmed sign-up out of the way; False if the address belongs to someone else."""
        owner = self.owners.get(address)
        if owner is None or owner is row:
            return True
        if not owner.may_be_replaced or owner.id not in self.unreferred:
            return False
        self.replaced.append(owner)
        del self.held[fold(owner.username)], self.owners[address]
        return True


def _update(row: AccountRow, given: Mapping[str, Any], password: str | None) -> str:
    unchanged = all(getattr(row, name) == value for name, value in given.items())
    for name, value in given.items():
        setattr(row, name, value)
    if password is not None and not check_password(password, row.password):
        row.password = make_password(password)
        unchanged = False
    return UNCHANGED if unchanged else UPDATED


def claim(row: AccountRow, given: Mapping[str, Any], password: str | None) -> None:
    """Makes an unconfirmed sign-up the account that someone who may do so asks for.

    Nothing that the other person typed stays, the password least of all: who has confirmed no address may be anyone.
    """
    fresh = AccountRow(row.id, row.username, row.email)
    for name in (*_GIVEN[2:], "wanted_email"):
        setattr(row, name, getattr(fresh, name))
    for name, value in given.items():
        setattr(row, name, value)
    row.password, row.self_registered = make_password(password), False


def change_account(
    account_id: int, changes: Mapping[str, Any], password: str | None, email_seen: str, operator_id: int | None = None
) -> Saved:
    """Changes what is named, and only that, of one account; call it through ``enrollments.accounts``.

    No outcome: its address is no longer ``email_seen``, under which it was looked for.
    """
    address = [fold(changes["email"])] if "email" in changes else []
    asking = [operator_id] if operator_id is not None else []
    rows = {row.id: row for row in lock_rows(email_keys=address, ids=[account_id, *asking])}
    row, operator = rows.get(account_id), rows.get(operator_id)
    if row is None or fold(row.email) != fold(email_seen):
        return Saved()
    if asking and not (operator and operator.is_active and operator.is_superuser):
        return Saved([AccountOutcome(None, NO_OPERATOR)])
    if row.merged_into is not None and changes.get("is_active"):
        return Saved([AccountOutcome(None, MERGED_AWAY)])
    others = [other for other in rows.values() if fold(other.email) in address and other is not row]
    free = unreferred(r.id for r in others if r.may_be_replaced)
    if any(r.id not in free for r in others):
        return Saved([AccountOutcome(None, EMAIL_TAKEN)])
    if others:
        delete_rows(others)
    if row.may_be_replaced:
        # an operator vouches for the account, but not for the password that someone else chose
        row.self_registered, row.password = False, make_password(password)
        password = None
    word = _update(row, changes, password)
    return Saved([AccountOutcome(account_id, word)], save_rows([row]), others)


_LINK = """
insert into matricula_studentidentity (organization_id, student_key, account_id)
select %s, n.student_key, n.account_id from unnest(%b::text[], %b::bigint[]) n(student_key, account_id)
order by n.account_id on conflict do nothing
"""


def save_identities(organization_id: int, links: Sequence[tuple[str, int | None]]) -> bool:
    """Stores (student key, account id) of an organization, None unlinks; call it through ``enrollments.linking``.

    An account has one key at an organization, and its earlier one must be among the links too. False if one of the
    accounts got another key meanwhile: no one can hold a key that is not yet known.
    """
    linked = [(key, account_id) for key, account_id in links if account_id is not None]
    StudentIdentity.objects.filter(
        student_key_folded__in=[fold(key) for key, _ in links], organization_id=organization_id
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [organization_id, [key for key, _ in linked], [account for _, account in linked]])
        return bool(cursor.rowcount == len(linked))


def rehash_password(account_id: int, stored: str, password: str) -> str:
    """The hash of a password that was just found to be right, as new ones are made; saved if it is another.

    Its sessions end, for they repeat the hash; this happens while someone logs in.
    """
    hasher, preferred = identify_hasher(stored), get_hasher()
    if hasher.algorithm == preferred.algorithm and not preferred.must_update(stored):
        return stored
    fresh = make_password(password)
    # only if it is still the one that was right
    saved = Account.objects.filter(pk=account_id, password=stored).update(password=fresh)
    return fresh if saved else stored


def note_login(account_id: int) -> None:
    """Remembers when someone last logged in."""
    Account.objects.filter(pk=account_id).update(logged_in=Now())
