"""Accounts that become active: anyone who was invited under the address is enrolled in the same transaction.

Every way by which an account is made, activated or given another address comes through here.

See enrollment-api: What happens to each person.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from matricula.access.clients.writes import delete_clients_of, end_tokens_of
from matricula.access.grants import admit_pending_members
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
from matricula.journal.states import AccountState
from matricula.journal.statuses import CHANGED, CREATED, MERGE_UNDONE, MERGED, REGISTERED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about, record_operation
from matricula.learners import writes as learners
from matricula.learners.locks import lock_addresses, lock_usernames
from matricula.learners.newcomers import make_newcomers
from matricula.learners.reads import get_learners
from matricula.learners.rows import AccountChange, AccountRow, NameTaken, journal_state, read_row
from matricula.learners.usernames import problems_of_merged, problems_of_new_usernames
from matricula.learners.writes import USERNAME_REFUSED, AccountOutcome, AccountRequest

SIGNED_UP, SWITCHED_ON, SWITCHED_OFF = "signed up", "switched on", "switched off"
ADDRESS_CHANGED, ADDRESS_REQUESTED, REQUEST_WITHDRAWN = "address changed", "address requested", "request withdrawn"
PASSWORD_CHANGED, SESSIONS_ENDED = "password changed", "sessions ended"
REPLACED, EXPIRED = "replaced", "expired"


def save_accounts(operation: Operation, requests: Sequence[AccountRequest]) -> list[AccountOutcome]:
    """Creates or updates accounts, known by username, in one transaction, and enrolls those who were invited.

    A request whose address belongs to another account is rejected with ``email-taken``, one for a new account whose
    username can't be one with ``username-refused``; the others are saved. A sign-up that no one
    confirmed is no such account: it gives way.
    """

    def write() -> list[AccountOutcome]:
        lock_addresses(fold(r.email) for r in requests)
        lock_usernames(r.username for r in requests)
        record_operation(operation)
        with colliding():
            known = make_newcomers(operation, requests)
        _apply_activation(operation, known.active)
        others = iter(_save_others(operation, [r for place, r in enumerate(requests) if place not in known.outcomes]))
        return [known.outcomes.get(place) or next(others) for place in range(len(requests))]

    return in_one_transaction(write)


def _save_others(operation: Operation, requests: Sequence[AccountRequest]) -> list[AccountOutcome]:
    """One after the other, so that the later one sees the one before."""
    if not requests:
        return []
    usernames = [r.username for r in requests]
    refused = problems_of_new_usernames(usernames) | problems_of_merged(usernames)
    with colliding():
        saved = learners.save_accounts([r for r in requests if fold(r.username) not in refused])
    follow(operation, saved.changes, saved.replaced)
    outcomes = iter(saved.outcomes)
    return [
        AccountOutcome(None, USERNAME_REFUSED, problem)
        if (problem := refused.get(fold(r.username)))
        else next(outcomes)
        for r in requests
    ]


def change_account(
    operation: Operation,
    account_id: int,
    changes: Mapping[str, Any],
    password: str | None = None,
    *,
    operator_id: int | None = None,
) -> str | None:
    """Changes what is named, and nothing else, of one account: whatever else others have changed meanwhile stays.

    The word for it, such as ``email-taken``, or ``no-operator`` if ``operator_id``, who asks for it, is none any more,
    or ``merged`` where an account that was merged away would be active again; None if there is no such account.
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
    """Makes an account active under ``email``, which someone vouches for, and enrolls it where it was invited.

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
    are activated. The journal gets an entry for each account.
    """
    if not (changes or replaced):
        record_operation(operation)
        return
    ended = [change.account_id for change in changes if change.ends]
    if ended:
        end_tokens_of(ended)
    delete_clients_of(operation, [change.account_id for change in changes if change.switched_off])
    add_entries(
        operation,
        [deletion_entry(operation, row, REPLACED) for row in replaced]
        + [
            entry_about(operation, Subject.ACCOUNT, transition_of(c), c.before, c.after, account_id=c.account_id)
            for c in changes
        ],
    )
    _apply_activation(operation, [change.account_id for change in changes if change.activates])


def transition_of(change: AccountChange) -> str:
    """What the journal calls the change: what weighs most in it."""
    before, after = change.before, change.after
    if before is None:
        return _transition_of_new(after)
    if before.merged_into != after.merged_into:
        return MERGE_UNDONE if after.merged_into is UNSET else MERGED
    if before.is_active != after.is_active:
        return SWITCHED_ON if after.is_active else SWITCHED_OFF
    if before.email != after.email:
        return ADDRESS_CHANGED
    if change.password_changed:
        return PASSWORD_CHANGED
    if replace(before, generation=0, wanted_email="") != replace(after, generation=0, wanted_email=""):
        return CHANGED
    if before.generation != after.generation:
        return SESSIONS_ENDED
    return ADDRESS_REQUESTED if after.wanted_email else REQUEST_WITHDRAWN


def _transition_of_new(account: AccountState) -> str:
    if account.self_registered:
        return SIGNED_UP
    return CREATED if account.is_staff or account.is_superuser else REGISTERED


def deletion_entry(operation: Operation, row: AccountRow, transition: str) -> Entry:
    """Return the entry of a sign-up that was deleted; its address finds it when the account is no more."""
    return entry_about(
        operation, Subject.ACCOUNT, transition, journal_state(row), None, account_id=row.id, email=row.email
    )


def _apply_activation(operation: Operation, account_ids: Sequence[int]) -> None:
    """Binds the invitations that wait for these accounts, and enrolls where they say so. The addresses are locked."""
    if not account_ids:
        return
    admit_pending_members(operation, account_ids)
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
    activated = []
    for place in places:
        decision = rules.decide_activation(place.standing, courses[place.course_id].default_mode)
        place.standing = decision.standing
        activated.append((place, decision))
    save_and_follow(operation, places)
    journal_activation(operation, activated)
