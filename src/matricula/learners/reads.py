"""Finding people."""

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from msgspec import Struct

from matricula.foundation.database import Bigints, pattern_of
from matricula.foundation.folding import fold
from matricula.foundation.statements import Statement
from matricula.learners.models import Account, StudentIdentity


class Learner(Struct, frozen=True, gc=False):
    """What enrolling needs to know of an account."""

    id: int
    username: str
    email: str
    email_key: str
    is_active: bool
    language: str
    full_name: str
    # by an operator: it has been active
    switched_off: bool
    # a sign-up whose address no one has confirmed: its names may be anyone's words
    unconfirmed: bool
    # of one that was looked for: what the identifier is of it, or of an account that was merged into it
    is_username: bool = False
    is_address: bool = False
    # into another account, which is the person now
    is_merged: bool = False


FITTING = """
with names as (select * from unnest(%b::text[]) k(key)),
addresses as (select * from unnest(%b::text[]) k(key)),
named as (
    select k.key, a.* from names k join matricula_account a on a.username_key = k.key
    union all
    select k.key, a.* from addresses k join matricula_account a on a.email_key = k.key
    union all
    -- few usernames have the form of an address; they have an index of their own
    select k.key, a.* from addresses k join matricula_account a
        on a.username_key = k.key and a.username_key like '%%@%%' and a.email_key <> k.key
),
fitting as (
    select *, username_key = key as is_username, email_key = key as is_address from named where merged_into_id is null
    union all
    -- the names of an account that was merged away are those of the one that was kept; "offset 0" keeps the search by
    -- the index for each of the few
    select n.key, a.*, n.is_username, n.is_address
    from (
        select distinct key, merged_into_id, username_key = key as is_username, email_key = key as is_address
        from named n where merged_into_id is not null
            and not exists (select from named o where o.key = n.key and o.id = n.merged_into_id)
    ) n
    cross join lateral (select * from matricula_account where id = n.merged_into_id offset 0) a
)
"""
"""The accounts that keys fit, by username or email: each key with the columns of an account. See ``fitting_keys``.

Names of an account that was merged into another one lead to that one.
"""
_FIND = Statement(
    """
--> fitting
select key, id, username, email, email_key, is_active, language, trim(first_name || ' ' || last_name),
    activated is not null and not is_active, activated is null and not is_active and self_registered, is_username,
    is_address
from fitting
""",
    fitting=FITTING,
)


def fitting_keys(keys: Iterable[str]) -> list[list[str]]:
    """The parameters of ``FITTING`` for folded identifiers."""
    names: list[str] = []
    addresses: list[str] = []
    for key in keys:
        (addresses if "@" in key else names).append(key)
    return [names, addresses]


def find_learners(identifiers: Iterable[str]) -> dict[str, list[Learner]]:
    """The accounts that each folded identifier fits, by username or email: none, one or (a clash) two.

    The names of an account that was merged away fit the one that was kept.
    """
    found: dict[str, list[Learner]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND(), fitting_keys(identifiers))
        for key, *columns in cursor.fetchall():
            found.setdefault(key, []).append(Learner(*columns))
    return found


def find_confirmed(identifiers: Iterable[str]) -> dict[str, list[Learner]]:
    """As ``find_learners``, for anyone who gives or links something: an unconfirmed sign-up is no one yet.

    Anyone can make one, with any name and address; what it was given would be someone else's, or keep it in the way of
    the owner of the address.
    """
    found = {key: [p for p in people if not p.unconfirmed] for key, people in find_learners(identifiers).items()}
    return {key: people for key, people in found.items() if people}


def get_learners(account_ids: Iterable[int]) -> list[Learner]:
    """The accounts with these ids, in the order of their ids."""
    rows = Account.objects.filter(id__in=list(account_ids)).order_by("id")
    return [
        Learner(
            a.id,
            a.username,
            a.email,
            a.email_key,
            a.is_active,
            a.language,
            a.get_full_name(),
            switched_off=a.activated is not None and not a.is_active,
            unconfirmed=a.unconfirmed,
            is_merged=a.merged_into_id is not None,
        )
        for a in rows
    ]


# without sign-ups that no one confirmed: see ``find_confirmed``
_NAMED = """
select id, username, btrim(first_name || ' ' || last_name), email from (
    select * from matricula_account
    where search_text like '%%' || lower(%(search)s) || '%%' and merged_into_id is null
        and (activated is not null or is_active or not self_registered)
    limit %(candidates)s
) a order by username_key limit %(limit)s
"""


class Named(Struct, frozen=True, gc=False):
    """An account by its names."""

    id: int
    username: str
    full_name: str
    email: str


def list_named(search: str, *, limit: int) -> list[Named]:
    """The accounts with ``search`` in name, username or email, of the first thousand that have it, by username."""
    asked: dict[str, str | int] = {"search": pattern_of(search), "candidates": 1_000, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, asked)
        return [Named(*row) for row in cursor.fetchall()]


_NAMES = "select id, username, email from matricula_account where id = any(%b::bigint[])"


def names_of(account_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Account id → username and email."""
    if not account_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [Bigints(account_ids)])
        return {id_: (username, email) for id_, username, email in cursor.fetchall()}


def find_learner(account_id: int) -> Learner | None:
    """The account with this id, or None."""
    return next(iter(get_learners([account_id])), None)


def account_ids_by_username(username_keys: Iterable[str], *, unconfirmed: bool = False) -> dict[str, int]:
    """Folded username → account id, for those that exist, and are someone as ``find_confirmed`` says; of an account
    that was merged away, the id of the one that was kept.

    ``unconfirmed``: also unconfirmed sign-ups.
    """
    rows = Account.objects.filter(username_key__in=list(username_keys))
    if not unconfirmed:
        rows = rows.exclude(self_registered=True, activated=None, is_active=False, merged_into=None)
    return dict(rows.values_list("username_key", Coalesce("merged_into_id", "id")))


def list_merged(account_id: int) -> list[int]:
    """The ids of the accounts that were merged into this one."""
    return [*Account.objects.filter(merged_into=account_id).order_by("id").values_list("id", flat=True)]


def find_by_name(identifier: str) -> int | None:
    """The id of the one account with this username or address, also one that was merged away; None if not one."""
    key = fold(identifier)
    found = Account.objects.filter(Q(username_key=key) | Q(email_key=key)).values_list("id", flat=True)[:2]
    return found[0] if len(found) == 1 else None


def accounts_exist() -> bool:
    """True once there is any account: the database is in use."""
    return Account.objects.exists()


def find_identities(
    organization_id: int, folded_keys: Iterable[str], account_ids: Iterable[int] = ()
) -> dict[str, int]:
    """Folded student key → account id, for these keys and those of these accounts that the organization has linked."""
    rows = StudentIdentity.objects.filter(
        Q(student_key_folded__in=list(folded_keys)) | Q(account_id__in=list(account_ids)),
        organization_id=organization_id,
    )
    return dict(rows.values_list("student_key_folded", "account_id"))


_FIND_BY_USERNAME = "select id from matricula_account where username_key = %s and is_active"
_FIND_BY_EMAIL = "select id from matricula_account where email_key = %s and is_active"


def find_active(*, username_key: str | None = None, email_key: str | None = None) -> int | None:
    """The id of the active account with this folded username, or else this folded address; None if there is none."""
    query, key = (_FIND_BY_EMAIL, email_key) if username_key is None else (_FIND_BY_USERNAME, username_key)
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        return next((account_id for (account_id,) in cursor.fetchall()), None)
