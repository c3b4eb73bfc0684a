"""Saving accounts and student keys; accounts only through ``enrollments.accounts``, which enrolls the invited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.models.functions import Coalesce, Now

from matricula.foundation.folding import fold
from matricula.foundation.text import TextFault
from matricula.foundation.transactions import one_transaction
from matricula.learners.models import Account, StudentIdentity

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
EMAIL_TAKEN = "email-taken"
USERNAME_REFUSED = "username-refused"


@dataclass(frozen=True, slots=True)
class AccountRequest:
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


@dataclass(frozen=True, slots=True)
class AccountOutcome:
    """What became of one request; ``account_id`` is None where it was refused (``email-taken``, ``username-refused``).

    ``fault``: why there can be no new account with this username.
    """

    account_id: int | None
    word: str
    # the account became active, or an active one got another address: its invitations are due
    to_settle: bool = False
    fault: TextFault | None = None


_DEFAULTS: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "is_active": True,
    "is_staff": False,
    "is_superuser": False,
    "language": "",
}
_FIELDS = ("username", "email", *_DEFAULTS, "password")
_READ = f"""
select id, {", ".join(_FIELDS)} from matricula_account
where username_key = any(%s) or email_key = any(%s) order by id for no key update
"""  # noqa: S608  the names are ours
_TYPES = ("text", "text", "text", "text", "boolean", "boolean", "boolean", "text", "text")
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in _TYPES)
_INSERT = f"""
insert into matricula_account ({", ".join(_FIELDS)}, date_joined, activated)
select n.*, now(), case when n.is_active then now() end
from unnest({_ARRAYS}) n({", ".join(_FIELDS)}) returning id, username_key
"""  # noqa: S608  the names are ours
_UPDATE = f"""
update matricula_account a set {", ".join(f"{f} = n.{f}" for f in _FIELDS)},
    activated = case when n.is_active then coalesce(a.activated, now()) else a.activated end
from unnest(%b::bigint[], {_ARRAYS}) n(id, {", ".join(_FIELDS)}) where a.id = n.id
"""  # noqa: S608  the names are ours


@dataclass(slots=True)
class _Held:
    """An account as it stands in the database (``id`` None: not yet there) and as it shall be."""

    id: int | None
    stored: dict[str, Any] | None
    wanted: dict[str, Any]


def lock_accounts(username_keys: Sequence[str], email_keys: Sequence[str]) -> list[tuple[int, dict[str, Any]]]:
    """The accounts with one of these folded usernames or e-mails, locked; id and fields."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(username_keys), list(email_keys)])
        return [(row[0], dict(zip(_FIELDS, row[1:], strict=True))) for row in cursor.fetchall()]


def save_accounts(requests: Sequence[AccountRequest]) -> list[AccountOutcome]:
    """Creates or updates the accounts, in order, with three statements; call it through ``enrollments.accounts``.

    A request whose address belongs to another account is refused (``email-taken``), the others are saved.
    """
    rows = lock_accounts([fold(r.username) for r in requests], [fold(r.email) for r in requests])
    held = {fold(fields["username"]): _Held(id_, fields, dict(fields)) for id_, fields in rows}
    owners = {fold(fields["email"]): fold(fields["username"]) for _, fields in rows}
    words = [_apply(request, held, owners) for request in requests]
    new = [h for h in held.values() if h.id is None]
    changed = [h for h in held.values() if h.id is not None and h.wanted != h.stored]
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(_UPDATE, [[h.id for h in changed], *_columns(changed)])
        if new:
            cursor.execute(_INSERT, _columns(new))
            ids = {key: id_ for id_, key in cursor.fetchall()}
            for h in new:
                h.id = ids[fold(h.wanted["username"])]
    return [
        AccountOutcome(None, word) if word == EMAIL_TAKEN else _outcome(held[fold(request.username)], word)
        for request, word in zip(requests, words, strict=True)
    ]


def _columns(accounts: Sequence[_Held]) -> list[list[Any]]:
    return [[h.wanted[field] for h in accounts] for field in _FIELDS]


def _apply(request: AccountRequest, held: dict[str, _Held], owners: dict[str, str]) -> str:
    """Writes the request into ``held``; the word for it."""
    key, address = fold(request.username), fold(request.email)
    if owners.get(address, key) != key:
        return EMAIL_TAKEN
    account = held.get(key)
    if account is None:
        fields = {"username": request.username, "password": make_password(request.password)}
        for name, default in _DEFAULTS.items():
            value = getattr(request, name)
            fields[name] = default if value is None else value
        held[key] = _Held(None, None, {**fields, "email": request.email})
        owners[address] = key
        return CREATED
    before = dict(account.wanted)
    owners.pop(fold(before["email"]), None)
    owners[address] = key
    account.wanted.update(
        {name: value for name in ("username", "email", *_DEFAULTS) if (value := getattr(request, name)) is not None}
    )
    if request.password is not None and not check_password(request.password, before["password"]):
        account.wanted["password"] = make_password(request.password)
    return UNCHANGED if account.wanted == before else UPDATED


def _outcome(account: _Held, word: str) -> AccountOutcome:
    stored = account.stored
    to_settle = account.wanted["is_active"] and (
        stored is None or not stored["is_active"] or fold(stored["email"]) != fold(account.wanted["email"])
    )
    return AccountOutcome(account.id, word, to_settle)


_LINK = """
insert into matricula_studentidentity (organization_id, student_key, account_id)
select %s, n.student_key, n.account_id from unnest(%b::text[], %b::bigint[]) n(student_key, account_id)
order by n.account_id on conflict do nothing
"""


def save_identities(organization_id: int, links: Sequence[tuple[str, int | None]]) -> bool:
    """Stores (student key, account id) of an organization, None unlinks; call it through ``enrollments.linking``.

    An account has one key at an organization, and its earlier one must stand among the links too. False if one of the
    accounts got another key meanwhile: nobody can hold a key that is not yet known.
    """
    linked = [(key, account_id) for key, account_id in links if account_id is not None]
    StudentIdentity.objects.filter(
        student_key_folded__in=[fold(key) for key, _ in links], organization_id=organization_id
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [organization_id, [key for key, _ in linked], [account for _, account in linked]])
        return bool(cursor.rowcount == len(linked))


def set_active(account_id: int, email: str) -> None:
    """Makes one account active under its confirmed address; call it through ``enrollments.accounts``."""
    Account.objects.filter(pk=account_id).update(is_active=True, email=email, activated=Coalesce("activated", Now()))


def hash_password_anew(account_id: int, password: str) -> bool:
    """Hashes the account's ``password`` with a new salt, which ends its sessions; False if it is another one."""
    with one_transaction():
        stored = Account.objects.select_for_update(no_key=True).values_list("password", flat=True).get(pk=account_id)
        if not check_password(password, stored):
            return False
        Account.objects.filter(pk=account_id).update(password=make_password(password))
    return True
