"""Finding people."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q
from msgspec import Struct

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


_FIND = """
select k.key, a.id, a.username, a.email, a.email_key, a.is_active, a.language,
       trim(a.first_name || ' ' || a.last_name)
from unnest(%b::text[]) k(key) join matricula_account a on a.username_key = k.key
union all
select k.key, a.id, a.username, a.email, a.email_key, a.is_active, a.language,
       trim(a.first_name || ' ' || a.last_name)
from unnest(%b::text[]) k(key) join matricula_account a on a.email_key = k.key
"""


def find_learners(identifiers: Sequence[str]) -> dict[str, list[Learner]]:
    """The accounts that each folded identifier fits, by username or e-mail: none, one or (a clash) two."""
    found: dict[str, list[Learner]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(identifiers), [i for i in identifiers if "@" in i]])
        for row in cursor.fetchall():
            key, learner = row[0], Learner(*row[1:])
            if key not in found:
                found[key] = [learner]
            elif learner not in found[key]:
                # found twice where the username is the e-mail address too
                found[key].append(learner)
    return found


def get_learners(account_ids: Iterable[int]) -> list[Learner]:
    """The accounts with these ids, in the order of their ids."""
    wanted = list(account_ids)
    rows = Account.objects.filter(id__in=wanted).order_by("id") if wanted else ()
    return [Learner(a.id, a.username, a.email, a.email_key, a.is_active, a.language, a.get_full_name()) for a in rows]


def account_ids_by_username(username_keys: Iterable[str]) -> dict[str, int]:
    """Folded username → account id, for those that exist."""
    rows = Account.objects.filter(username_key__in=list(username_keys))
    return dict(rows.values_list("username_key", "id"))


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
