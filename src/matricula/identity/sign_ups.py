"""People who come by themselves: they sign up, are sent a way in, confirm their address.

None of it reveals whether an address has an account: anyone who asks gets one answer, and a mail goes to the address.
"""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection

from matricula.enrollments.store.standings import Collision, in_one_transaction
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.identity.accounts import EXPIRED, colliding, deletion_entry, follow
from matricula.journal.statuses import SCHEDULE, Source
from matricula.journal.writes import Operation, add_entries, new_operation
from matricula.learners.links import ACTIVATE, RESET, account_of, is_good, make_link
from matricula.learners.locks import lock_addresses, lock_usernames
from matricula.learners.rows import AccountRow, delete_rows, lock_rows, read_row, save_rows, unreferred
from matricula.learners.usernames import problems_of_new_usernames
from matricula.notices.statuses import ACCOUNT_ACTIVATE, ACCOUNT_OFF, ACCOUNT_UNKNOWN, PASSWORD_RESET
from matricula.notices.writes import AccountContext, Notice, queue_notices

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SignUp:
    """What someone typed who signs up."""

    username: str
    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of a good link. ``account_id`` None: there can be no account with its username any more."""

    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What became of it. ``account_id`` None: no account was made, which the answer must not say."""

    username_taken: bool = False
    account_id: int | None = None


def sign_up(operation: Operation, wanted: SignUp, site: str) -> SignedUp:
    """Makes an inactive account and sends the link that activates it.

    Where the address has an account, its owner is sent a way into that one instead; the answer is the same, and takes
    the same time. An unconfirmed sign-up blocks no one: another one takes its place.
    """
    password = make_password(wanted.password)

    def write() -> SignedUp:
        lock_addresses([fold(wanted.email)])
        lock_usernames([wanted.username])
        if problems_of_new_usernames([wanted.username]):
            # the form said so already, unless someone has just got a name like it
            return SignedUp(username_taken=True)
        rows = lock_rows([fold(wanted.username)], [fold(wanted.email)])
        free = unreferred(row.id for row in rows if row.may_be_replaced)
        standing = [row for row in rows if row.id not in free]
        if any(fold(row.username) == fold(wanted.username) for row in standing):
            return SignedUp(username_taken=True)
        owner = next(iter(standing), None)
        if owner is not None:
            queue_notices(operation.id, [way_in(owner, wanted.email, site, wanted.language)])
            return SignedUp()
        row = AccountRow(
            None,
            wanted.username,
            wanted.email,
            wanted.first_name,
            wanted.last_name,
            is_active=False,
            language=wanted.language,
            password=password,
            self_registered=True,
        )
        delete_rows(rows)
        with colliding():
            changes = save_rows([row])
        follow(operation, changes, rows)
        queue_notices(operation.id, [way_in(row, wanted.email, site, wanted.language)])
        return SignedUp(account_id=row.id)

    return in_one_transaction(write)


def send_way_in(operation: Operation, email: str, site: str, language: str) -> None:
    """Sends what helps the owner of an address on: a link to activate, or one to set a password, or an explanation."""
    with one_transaction():
        row = read_row(email_key=fold(email))
        queue_notices(operation.id, [way_in(row, email, site, language)])


def way_in(row: AccountRow | None, email: str, site: str, language: str) -> Notice:
    """The mail that fits how the account is; ``language`` is that of the page where someone asked."""
    if row is None:
        return Notice(ACCOUNT_UNKNOWN, email, language, _context(None, site, ""))
    if row.is_active:
        link = f"{site}/account/password/reset/key/{make_link(RESET, row)}/"
        return Notice(PASSWORD_RESET, row.email, row.language or language, _context(row, site, link))
    if row.never_active:
        link = f"{site}/confirm-email/{make_link(ACTIVATE, row)}/"
        return Notice(ACCOUNT_ACTIVATE, row.email, row.language or language, _context(row, site, link))
    return Notice(ACCOUNT_OFF, row.email, row.language or language, _context(row, site, ""))


def _context(row: AccountRow | None, site: str, link: str) -> AccountContext:
    return {
        # someone else who signs up with someone's address has no words to send there
        "full_name": f"{row.first_name} {row.last_name}".strip() if row and not row.self_registered else "",
        "username": row.username if row else "",
        "site": site,
        "link": link,
        "address": "",
    }


def find_by_link(purpose: str, link: str) -> AccountRow | None:
    """The account that a good link was made for, to look at; None for any other link."""
    account_id = account_of(link)
    row = read_row(account_id=account_id) if account_id is not None else None
    return row if is_good(purpose, row, link) else None


def confirm_sign_up(link: str, password: str | None, source: Source) -> Confirmed | None:
    """Makes the account of an activation link active and enrolls it where it was invited.

    ``password`` is the one chosen where the link was opened; None where that browser signed up, and the account keeps
    the one it chose then. None: the link is no longer good. Then, and where the username was rejected because another
    account has got one like it since, nothing was changed.
    """

    def write() -> Confirmed | None:
        seen = find_by_link(ACTIVATE, link)
        if seen is None or seen.id is None:
            return None
        lock_addresses([fold(seen.email)])
        lock_usernames([seen.username])
        row = next(iter(lock_rows(ids=[seen.id])), None)
        if row is None or (fold(row.email), row.username) != (fold(seen.email), seen.username):
            raise Collision
        if not is_good(ACTIVATE, row, link):
            return None
        if problems_of_new_usernames([row.username]):
            return Confirmed()
        row.is_active, row.self_registered = True, False
        if password is not None:
            row.password = make_password(password)
        follow(new_operation(row.id, source), save_rows([row]))
        return Confirmed(row.id)

    return in_one_transaction(write)


_DUE = """
select id from matricula_account where self_registered and activated is null and not is_active
    and date_joined < now() - make_interval(days => %s) and id > %s order by id limit %s
"""


def delete_expired_sign_ups(days: int) -> int:
    """Deletes unconfirmed sign-ups for so many days; how many. 0: never.

    One that an operator gave something to in the meantime stays.
    """
    operation, deleted, after = new_operation(None, SCHEDULE), 0, 0
    while days:
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [days, after, _BATCH])
            due = [id_ for (id_,) in cursor.fetchall()]
        if not due:
            break
        after = due[-1]
        with one_transaction():
            rows = [row for row in lock_rows(ids=due) if row.may_be_replaced]
            free = unreferred(row.id for row in rows)
            rows = [row for row in rows if row.id in free]
            delete_rows(rows)
            add_entries(
                operation,
                [deletion_entry(operation, row, EXPIRED) for row in rows],
            )
        deleted += len(rows)
    return deleted
