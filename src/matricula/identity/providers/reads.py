"""Who logs in where."""

from dataclasses import dataclass

from django.db import connection

_COLUMNS = "select id, provider, subject, account_id, groups from matricula_externallogin"
_BY_SUBJECT = f"{_COLUMNS} where provider = %s and subject = %s"
_OF_ACCOUNT = f"{_COLUMNS} where account_id = %s order by provider"


@dataclass(frozen=True, slots=True)
class Login:
    """A login of an account at a provider; ``groups``: the ids of those that the provider's mapping gave."""

    id: int
    provider: str
    subject: str
    account_id: int
    groups: list[int]


def find_login(provider: str, subject: str) -> Login | None:
    """The login of a person at a provider; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_SUBJECT, [provider, subject])
        row = cursor.fetchone()
    return None if row is None else Login(*row)


def list_logins(account_id: int) -> list[Login]:
    """The logins of an account, by the name of the provider."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNT, [account_id])
        return [Login(*row) for row in cursor.fetchall()]
