"""The rows of accounts: locked, read, and written. Only ``newcomers`` writes some too (docs/decisions/0024, 0030).

A change begins with the row as read under its lock, never with an object that was read before.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import ManyToOneRel
from msgspec import UNSET

from matricula.foundation.folding import fold
from matricula.journal.states import AccountState
from matricula.learners.models import Account


@dataclass(slots=True)
class AccountRow:
    """An account as read under its lock (``id`` None: not yet there), and then as it shall be."""

    id: int | None
    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    language: str = ""
    password: str = ""
    # made by someone else's sign-up, and named by no one since
    self_registered: bool = False
    # the address that its owner asked for and has not confirmed yet
    wanted_email: str = ""
    # counts what ends sessions, tokens and links that were sent
    generation: int = 0
    # mails about plans that wait for an approval
    wants_plan_mail: bool = True
    # the account of the same person that has what this one had
    merged_into: int | None = None
    activated: datetime | None = None
    stored: "AccountRow | None" = None

    @property
    def pk(self) -> int | None:
        """As Django's token generator calls it."""
        return self.id

    @property
    def switched_off(self) -> bool:
        """True once it has been active and was made inactive by an operator."""
        return not self.is_active and self.activated is not None

    @property
    def never_active(self) -> bool:
        """True as long as no one has confirmed the address, and no operator has vouched for it. Not where it was merged
        into another one: it won't be active.
        """
        return not self.is_active and self.activated is None and self.merged_into is None

    @property
    def may_be_replaced(self) -> bool:
        """True for an unconfirmed sign-up: anyone can make one, with any address."""
        return self.never_active and self.self_registered


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What a save did to one account, for those that must follow it, and for the journal."""

    account_id: int
    email: str
    # None: it is new
    before: AccountState | None
    after: AccountState
    password_changed: bool = False
    # sessions, tokens and links end
    ends: bool = False
    switched_off: bool = False
    # it became active, or is active with another address: invitations are due
    activates: bool = False


_COLUMNS = (
    "username",
    "email",
    "first_name",
    "last_name",
    "is_active",
    "is_staff",
    "is_superuser",
    "language",
    "password",
    "self_registered",
    "wanted_email",
    "generation",
    "wants_plan_mail",
    "merged_into",
)
_LOCK = """
select id, username, email, first_name, last_name, is_active, is_staff, is_superuser, language, password,
    self_registered, wanted_email, generation, wants_plan_mail, merged_into_id, activated
from matricula_account
where username_key = any(%s) or email_key = any(%s) or id = any(%s)
order by id for no key update
"""
_READ = """
select id, username, email, first_name, last_name, is_active, is_staff, is_superuser, language, password,
    self_registered, wanted_email, generation, wants_plan_mail, merged_into_id, activated
from matricula_account where email_key = %s or id = any(%s)
"""
_INSERT = """
insert into matricula_account (username, email, first_name, last_name, is_active, is_staff, is_superuser, language,
    password, self_registered, wanted_email, generation, wants_plan_mail, merged_into_id, date_joined, activated)
select n.*, now(), case when n.is_active then now() end
from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::boolean[], %b::boolean[], %b::boolean[], %b::text[],
        %b::text[], %b::boolean[], %b::text[], %b::integer[], %b::boolean[], %b::bigint[])
    n(username, email, first_name, last_name, is_active, is_staff, is_superuser, language,
        password, self_registered, wanted_email, generation, wants_plan_mail, merged_into_id)
returning id, username_key
"""
_UPDATE = """
update matricula_account a set username = n.username, email = n.email, first_name = n.first_name,
    last_name = n.last_name, is_active = n.is_active, is_staff = n.is_staff, is_superuser = n.is_superuser,
    language = n.language, password = n.password, self_registered = n.self_registered, wanted_email = n.wanted_email,
    generation = n.generation, wants_plan_mail = n.wants_plan_mail, merged_into_id = n.merged_into_id,
    activated = case when n.is_active then coalesce(a.activated, now()) else a.activated end
from unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::boolean[], %b::boolean[], %b::boolean[],
        %b::text[], %b::text[], %b::boolean[], %b::text[], %b::integer[], %b::boolean[], %b::bigint[])
    n(id, username, email, first_name, last_name, is_active, is_staff, is_superuser, language,
        password, self_registered, wanted_email, generation, wants_plan_mail, merged_into_id)
where a.id = n.id
"""
# an address is unique at each moment, also while two accounts exchange theirs: until the next statement, no one has it
_FREE = "update matricula_account set email = gen_random_uuid() || '@exchanged.invalid' where id = any(%s)"
# of a password, the journal says that it changed
_JOURNALED = tuple(name for name in _COLUMNS if name not in {"password", "merged_into"})


class NameTaken(Exception):
    """Someone else stored an account with this username or address at the same moment."""


@contextmanager
def naming() -> Iterator[None]:
    """New accounts are stored within. Errors: ``NameTaken``."""
    try:
        yield
    except IntegrityError as error:
        if "account_username_unique" in str(error) or "account_email_unique" in str(error):
            raise NameTaken from None
        raise


def lock_rows(
    username_keys: Iterable[str] = (), email_keys: Iterable[str] = (), ids: Iterable[int] = ()
) -> list[AccountRow]:
    """The accounts with one of these folded usernames or addresses, or one of these ids, locked in one order.

    Those that may be replaced are locked as for deletion: no one refers to them from here on (``unreferred``).
    """
    rows = _fetch(_LOCK, [list(username_keys), list(email_keys), list(ids)])
    if may_go := [row.id for row in rows if row.may_be_replaced]:
        with connection.cursor() as cursor:
            cursor.execute("select from matricula_account where id = any(%s) order by id for update", [may_go])
    return rows


def lock_alone(account_id: int) -> None:
    """Holds an account so that nothing new refers to it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select from matricula_account where id = %s for update", [account_id])


def read_row(email_key: str = "", account_id: int | None = None) -> AccountRow | None:
    """The account with this folded address or this id, without a lock; None if there is none."""
    return next(iter(_fetch(_READ, [email_key, [] if account_id is None else [account_id]])), None)


def read_rows(ids: Iterable[int]) -> list[AccountRow]:
    """The accounts with these ids, without locks."""
    return _fetch(_READ, ["", list(ids)])


def _fetch(query: str, parameters: Sequence[Any]) -> list[AccountRow]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = [AccountRow(*row) for row in cursor.fetchall()]
    for row in rows:
        row.stored = replace(row)
    return rows


def _handed_on(rows: Sequence[AccountRow]) -> list[int | None]:
    """The accounts whose stored address another one of these gets."""
    changed = [(row, row.stored.email) for row in rows if row.stored and row.stored.email != row.email]
    moving = [(row, fold(before)) for row, before in changed if fold(before) != fold(row.email)]
    taken = {fold(row.email) for row, _ in moving}
    return [row.id for row, address in moving if address in taken]


def save_rows(rows: Iterable[AccountRow]) -> list[AccountChange]:
    """Writes the rows that differ from what is stored, with two statements; what became of each that does.

    What ends sessions, tokens and links is decided here, whatever the door: another password, another address, or an
    account that is switched off. Errors: ``NameTaken``.
    """
    changed = [row for row in rows if _differs(row)]
    for row in changed:
        if row.stored and _ends(row.stored, row):
            row.generation = row.stored.generation + 1
            # an address that was asked for before belongs to the state that has ended
            row.wanted_email = ""
    old, new = [row for row in changed if row.id is not None], [row for row in changed if row.id is None]
    with connection.cursor() as cursor:
        if handed_on := _handed_on(old):
            cursor.execute(_FREE, [handed_on])
        if old:
            cursor.execute(_UPDATE, [[row.id for row in old], *_columns(old)])
        if new:
            with naming():
                cursor.execute(_INSERT, _columns(new))
            ids = {key: id_ for id_, key in cursor.fetchall()}
            for row in new:
                row.id = ids[fold(row.username)]
    return [_change(row) for row in changed]


def _differs(row: AccountRow) -> bool:
    return row.stored is None or any(getattr(row, name) != getattr(row.stored, name) for name in _COLUMNS)


def _ends(stored: AccountRow, row: AccountRow) -> bool:
    return (
        stored.password != row.password
        or fold(stored.email) != fold(row.email)
        or (stored.is_active and not row.is_active)
        or (stored.merged_into is None and row.merged_into is not None)
    )


def _columns(rows: Sequence[AccountRow]) -> list[list[Any]]:
    return [[getattr(row, name) for row in rows] for name in _COLUMNS]


def _change(row: AccountRow) -> AccountChange:
    stored, account_id = row.stored, row.id
    assert account_id is not None  # noqa: S101  it has just been stored
    if stored is None:
        return AccountChange(account_id, row.email, None, journal_state(row), activates=row.is_active)
    return AccountChange(
        account_id,
        row.email,
        journal_state(stored),
        journal_state(row),
        password_changed=row.password != stored.password,
        ends=row.generation != stored.generation,
        switched_off=stored.is_active and not row.is_active,
        activates=row.is_active and (not stored.is_active or fold(stored.email) != fold(row.email)),
    )


def journal_state(row: AccountRow) -> AccountState:
    """Return the account as the journal keeps it."""
    return AccountState(
        **{name: getattr(row, name) for name in _JOURNALED},
        merged_into=UNSET if row.merged_into is None else row.merged_into,
    )


def delete_rows(rows: Sequence[AccountRow]) -> None:
    """Deletes unconfirmed sign-ups; they are locked, and ``unreferred`` says that nothing refers to them."""
    with connection.cursor() as cursor:
        cursor.execute("delete from matricula_account where id = any(%s)", [[row.id for row in rows]])


def unreferred(ids: Iterable[int | None]) -> set[int]:
    """Those of the accounts to which nothing refers: no role, no student key, no client, nothing that an operator did.

    Asked of all tables that have a foreign key to accounts, also of those that are added one day.
    """
    asked = [id_ for id_ in ids if id_ is not None]
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_unreferred(), [asked])
        return {id_ for (id_,) in cursor.fetchall()}


@cache
def _unreferred() -> str:
    relations = [r for r in Account._meta.get_fields(include_hidden=True) if isinstance(r, ManyToOneRel)]
    referring = sorted((r.related_model._meta.db_table, str(r.field.column)) for r in relations)
    nothing = " and ".join(f"not exists (select from {table} r where r.{column} = a.id)" for table, column in referring)
    return f"select a.id from matricula_account a where a.id = any(%s) and {nothing}"  # noqa: S608  from the models, also those to come
