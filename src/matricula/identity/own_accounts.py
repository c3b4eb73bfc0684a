"""What people change about their own accounts: under its lock, and only while the session that asks is still good.

``generation`` is the account's, as the session has it: an operator who changed the address or the password, or
switched the account off, while a form was on its way has ended that session, and the form changes nothing.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from django.contrib.auth.hashers import check_password, make_password

from matricula.access.clients.writes import delete_clients_of
from matricula.enrollments.store.standings import in_one_transaction
from matricula.foundation.folding import fold
from matricula.identity.accounts import colliding, follow
from matricula.identity.sign_ups import find_by_link
from matricula.journal.statuses import Source
from matricula.journal.writes import Operation, new_operation
from matricula.learners.links import ADDRESS, RESET, is_good, make_link
from matricula.learners.locks import lock_addresses
from matricula.learners.rows import AccountRow, delete_rows, lock_rows, read_row, save_rows, unreferred
from matricula.notices.statuses import (
    ADDRESS_ASKED,
    ADDRESS_CHANGED,
    ADDRESS_CONFIRM,
    ADDRESS_TAKEN,
    PASSWORD_CHANGED,
)
from matricula.notices.writes import Notice, queue_notices


class Answer(Enum):
    """What became of a change of one's own account."""

    DONE = "done"
    WRONG_PASSWORD = "wrong password"  # noqa: S105  not one
    # the session has ended, or the link is no longer good
    GONE = "gone"
    TAKEN = "taken"


def change_profile(operation: Operation, account_id: int, generation: int, changes: Mapping[str, Any]) -> Answer:
    """Names and language, and only those that the owner changed."""

    def change(row: AccountRow) -> Answer:
        for name, value in changes.items():
            setattr(row, name, value)
        follow(operation, save_rows([row]))
        return Answer.DONE

    return _on_own(account_id, generation, None, change)


def change_password(
    operation: Operation, account_id: int, generation: int, old: str, new: str, site: str, *, end_clients: bool
) -> Answer:
    """A new password; every session and token ends, and the API clients too if requested. The owner gets a mail."""

    def change(row: AccountRow) -> Answer:
        row.password = make_password(new)
        _passworded(operation, row, site)
        if end_clients:
            delete_clients_of(operation, [account_id])
        return Answer.DONE

    return _on_own(account_id, generation, old, change)


def _passworded(operation: Operation, row: AccountRow, site: str) -> None:
    follow(operation, save_rows([row]))
    queue_notices(operation.id, [_notice(PASSWORD_CHANGED, row.email, row, site)])


def end_sessions(
    operation: Operation, account_id: int, generation: int, password: str | None, *, end_clients: bool
) -> Answer:
    """Ends every session, token and link of the account, and its API clients if requested.

    ``password`` None: the account has none to ask for.
    """

    def change(row: AccountRow) -> Answer:
        row.generation, row.wanted_email = row.generation + 1, ""
        follow(operation, save_rows([row]))
        if end_clients:
            delete_clients_of(operation, [account_id])
        return Answer.DONE

    return _on_own(account_id, generation, password, change)


def ask_for_address(
    operation: Operation, account_id: int, generation: int, password: str, email: str, site: str
) -> Answer:
    """Sends a link to the new address, and notifies the old one. If the address has an account, its owner is notified.

    The answer does not say which of the two it was.
    """

    def change(row: AccountRow) -> Answer:
        owner = read_row(email_key=fold(email))
        row.wanted_email = email
        follow(operation, save_rows([row]))
        if owner is not None and owner.id != row.id and not _may_go(owner):
            mail = _notice(ADDRESS_TAKEN, email, owner, site)
        else:
            mail = _notice(ADDRESS_CONFIRM, email, row, site, f"{site}/account/email/{make_link(ADDRESS, row)}/")
        queue_notices(operation.id, [mail, _notice(ADDRESS_ASKED, row.email, row, site)])
        return Answer.DONE

    return _on_own(account_id, generation, password, change)


def keep_address(operation: Operation, account_id: int, generation: int) -> Answer:
    """Takes back that another address was asked for; the link that was sent there is dead."""
    return change_profile(operation, account_id, generation, {"wanted_email": ""})


def confirm_address(link: str, source: Source, site: str) -> Answer:
    """Gives the account of a link the address that it asked for, and notifies both addresses."""

    def write() -> Answer:
        seen = find_by_link(ADDRESS, link)
        if seen is None or seen.id is None:
            return Answer.GONE
        lock_addresses([fold(seen.email), fold(seen.wanted_email)])
        rows = {row.id: row for row in lock_rows(email_keys=[fold(seen.wanted_email)], ids=[seen.id])}
        row = rows.pop(seen.id, None)
        if row is None or not is_good(ADDRESS, row, link):
            return Answer.GONE
        if not all(_may_go(other) for other in rows.values()):
            return Answer.TAKEN
        others, before, now = list(rows.values()), row.email, row.wanted_email
        delete_rows(others)
        row.email, row.wanted_email = now, ""
        operation = new_operation(row.id, source)
        with colliding():
            changes = save_rows([row])
        follow(operation, changes, others)
        queue_notices(operation.id, [_notice(ADDRESS_CHANGED, address, row, site) for address in (before, now)])
        return Answer.DONE

    return in_one_transaction(write)


def reset_password(link: str, password: str, source: Source, site: str) -> Answer:
    """Sets the password of the account of a link; every session, token and link of it ends."""

    def write() -> Answer:
        seen = find_by_link(RESET, link)
        row = next(iter(lock_rows(ids=[seen.id])), None) if seen and seen.id is not None else None
        if row is None or not is_good(RESET, row, link):
            return Answer.GONE
        row.password = make_password(password)
        _passworded(new_operation(row.id, source), row, site)
        return Answer.DONE

    return in_one_transaction(write)


def _on_own(account_id: int, generation: int, password: str | None, change: Callable[[AccountRow], Answer]) -> Answer:
    """Runs ``change`` on the row under its lock, if the session is still good and the password right."""

    def write() -> Answer:
        row = next(iter(lock_rows(ids=[account_id])), None)
        if row is None or not row.is_active or row.generation != generation:
            return Answer.GONE
        if password is not None and not check_password(password, row.password):
            return Answer.WRONG_PASSWORD
        return change(row)

    return in_one_transaction(write)


def _may_go(row: AccountRow) -> bool:
    return row.may_be_replaced and bool(unreferred([row.id]))


def _notice(kind: str, to: str, row: AccountRow, site: str, link: str = "") -> Notice:
    return Notice(
        kind,
        to,
        row.language,
        {
            "full_name": f"{row.first_name} {row.last_name}".strip(),
            "username": row.username,
            "site": site,
            "link": link,
            "address": row.wanted_email or row.email,
        },
    )
