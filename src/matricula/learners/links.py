"""Links that are mailed to the owner of an address: each for one purpose, and for one state of the account.

A link names the account and repeats, signed, how it is: with the password, the address, or the account's use it is
dead, through whatever door they changed (docs/decisions/0024). Nothing about it is stored.
"""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from matricula.foundation.folding import fold
from matricula.learners.rows import AccountRow

ACTIVATE, RESET, ADDRESS = "activate", "reset", "address"


class _Links(PasswordResetTokenGenerator):
    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.key_salt = f"matricula.link.{purpose}"
        self._purpose = purpose

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        wanted = fold(user.wanted_email) if self._purpose == ADDRESS else ""
        state = (user.id, user.generation, user.password, fold(user.email), wanted, user.is_active, timestamp)
        return repr(state)


_LINKS = {purpose: _Links(purpose) for purpose in (ACTIVATE, RESET, ADDRESS)}


def make_link(purpose: str, row: AccountRow) -> str:
    """The last part of a link's address."""
    return f"{row.id}-{_LINKS[purpose].make_token(row)}"  # type: ignore[arg-type]  # it asks for what a row has


def account_of(link: str) -> int | None:
    """The id of the account that a link names; whether it is good, ``is_good`` says."""
    account_id = link.partition("-")[0]
    return int(account_id) if account_id.isascii() and account_id.isdecimal() and len(account_id) < 19 else None


def is_good(purpose: str, row: AccountRow | None, link: str) -> bool:
    """Whether the link was made for this purpose and for the account as it is, and not too long ago."""
    if row is None or account_of(link) != row.id:
        return False
    fits = {
        ACTIVATE: row.never_active,
        RESET: row.is_active,
        ADDRESS: row.is_active and bool(row.wanted_email),
    }[purpose]
    return fits and _LINKS[purpose].check_token(row, link.partition("-")[2])  # type: ignore[arg-type]
