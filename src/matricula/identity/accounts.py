"""Accounts that become active: whoever was invited under the address is enrolled in the same transaction.

Every way by which an account is made, activated or given another address comes through here.

See enrollment-api: What happens to each person.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from matricula.access.changes import delete_clients_of, end_tokens_of, journal_grants
from matricula.access.writes import admit_pending_members
from matricula.catalog.reads import get_courses
from matricula.enrollments.course import rules
from matricula.enrollments.store.entries import journal_activation
from matricula.enrollments.store.following import save_and_follow
from matricula.enrollments.store.standings import (
    Collision,
    Place,
    find_waiting_invitations,
    in_one_transaction,
    lock_standings,
)
from matricula.foundation.folding import fold
from matricula.journal.statuses import ACCOUNT
from matricula.journal.writes import Entry, Operation, add_entries, entry_about
from matricula.learners import writes as learners
from matricula.learners.locks import lock_addresses, lock_usernames
from matricula.learners.reads import get_learners
from matricula.learners.rows import AccountChange, AccountRow, NameTaken, read_row
from matricula.learners.usernames import faults_of_new_usernames
from matricula.learners.writes import USERNAME_REFUSED, AccountOutcome, AccountRequest

CREATED, CHANGED, SWITCHED_ON, SWITCHED_OFF = "created", "changed", "switched on", "switched off"
ADDRESS_CHANGED, PASSWORD_CHANGED = "address changed", "password changed"
REPLACED, EXPIRED = "replaced", "expired"


def save_accounts(operation: Operation, requests: Sequence[AccountRequest]) -> list[AccountOutcome]:
    """Creates or updates accounts, known by username, in one transaction, and enrolls those who were invited.

    A request whose address belongs to another account is refused with ``email-taken``, one for a new account whose
    username can't be one with ``username-refused``; the others are saved. A sign-up that nobody
    confirmed is no such account: it gives way.
    """

    def write() -> list[AccountOutcome]:
        lock_addresses(fold(r.email) for r in requests)
        lock_usernames(r.username for r in requests)
        refused = faults_of_new_usernames(r.username for r in requests)
        with colliding():
            saved = learners.save_accounts([r for r in requests if fold(r.username) not in refused])
        follow(operation, saved.changes, saved.replaced)
        outcomes = iter(saved.outcomes)
        return [
            AccountOutcome(None, USERNAME_REFUSED, fault)
            if (fault := refused.get(fold(r.username)))
            else next(outcomes)
            for r in requests
        ]

    return in_one_transaction(write)


def change_account(
    operation: Operation,
    account_id: int,
    changes: Mapping[str, Any],
    password: str | None = None,
    *,
    operator_id: int | None = None,
) -> str | None:
    """Changes what is named, and nothing else, of one account: whatever else others have changed meanwhile stays.

    The word for it, such as ``email-taken``, or ``no-operator`` if ``operator_id``, who asks for it, is none any more;
    None if there is no such account.
    """

    def write() -> str | None:
        row = read_row(account_id=account_id)
        if row is None:
            return None
        lock_addresses(fold(email) for email in (row.email, changes.get("email", row.email)))
        with colliding():
            saved = learners.change_account(account_id, changes, password, row.email, operator_id)
        if not saved.outcomes:
            raise Collision
        follow(operation, saved.changes, saved.replaced)
        return saved.outcomes[0].word

    return in_one_transaction(write)


def activate_account(operation: Operation, account_id: int, email: str) -> None:
    """Makes an account active under ``email``, which somebody vouches for, and enrolls it where it was invited.

    Does no harm to an account that is active already: its address may be new.
    """
    change_account(operation, account_id, {"is_active": True, "email": email})


@contextmanager
def colliding() -> Iterator[None]:
    """Two who store one name at the same moment: the later one reads, and decides again."""
    try:
        yield
    except NameTaken:
        raise Collision from None


def follow(operation: Operation, changes: Sequence[AccountChange], replaced: Sequence[AccountRow] = ()) -> None:
    """What a change of accounts brings about, in its transaction, through whatever door it came.

    Tokens end with the address, the password and the account's use; API clients with the account's use. Invitations
    are settled. The journal gets a row for each account that changed; of new ones, for those that may do more.
    """
    ended = [change.account_id for change in changes if change.ends]
    if ended:
        end_tokens_of(ended)
    delete_clients_of(operation, [change.account_id for change in changes if change.switched_off])
    add_entries(
        operation,
        [account_entry(operation, row.id, REPLACED, {"username": row.username}, {}, row.email) for row in replaced]
        + [
            account_entry(operation, c.account_id, transition_of(c), c.before, c.after)
            for c in changes
            if c.before or c.after
        ],
    )
    _settle(operation, [change.account_id for change in changes if change.to_settle])


def transition_of(change: AccountChange) -> str:
    """What the journal calls the change: what weighs most in it."""
    if change.created:
        return CREATED
    if "is_active" in change.after:
        return SWITCHED_ON if change.after["is_active"] else SWITCHED_OFF
    for name, transition in (("email", ADDRESS_CHANGED), ("password", PASSWORD_CHANGED)):
        if name in change.after:
            return transition
    return CHANGED


def account_entry(
    operation: Operation,
    account_id: int | None,
    transition: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    email: str | None = None,
) -> Entry:
    """A row of the journal about an account itself; ``email`` where the account is no more."""
    return entry_about(operation, ACCOUNT, transition, before, after, account_id, email)


def _settle(operation: Operation, account_ids: Sequence[int]) -> None:
    """Binds the invitations that wait for these accounts, and enrolls where they say so. The addresses are locked."""
    if not account_ids:
        return
    journal_grants(operation, admit_pending_members(account_ids), granted=True)
    waiting = find_waiting_invitations(account_ids)
    if not waiting:
        return
    people = {learner.id: learner for learner in get_learners({account_id for _, account_id in waiting})}
    courses = get_courses({course_id for course_id, _ in waiting})
    places = [
        Place(course_id, account_id, people[account_id].email, people[account_id].email_key)
        for course_id, account_id in waiting
    ]
    lock_standings(places)
    settled = []
    for place in places:
        decision = rules.decide_activation(place.standing, courses[place.course_id].default_mode)
        place.standing = decision.standing
        settled.append((place, decision))
    save_and_follow(operation, places)
    journal_activation(operation, settled)
