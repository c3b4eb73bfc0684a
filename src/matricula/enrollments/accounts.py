"""Accounts that become active: whoever was invited under the address is enrolled in the same transaction.

Every way by which an account is made, activated or given another address comes through here (Contract 2, section 3).
"""

from collections.abc import Sequence

from matricula.access.changes import journal_grants
from matricula.access.writes import admit_pending_members
from matricula.catalog.reads import get_courses
from matricula.enrollments import rules
from matricula.enrollments.standings import (
    Place,
    find_waiting_invitations,
    in_one_transaction,
    lock_standings,
)
from matricula.enrollments.writes import journal_activation, save_and_follow
from matricula.foundation.folding import fold
from matricula.journal.writes import Operation
from matricula.learners import writes as learners
from matricula.learners.locks import lock_addresses, lock_usernames
from matricula.learners.reads import get_learners
from matricula.learners.usernames import faults_of_new_usernames
from matricula.learners.writes import USERNAME_REFUSED, AccountOutcome, AccountRequest


def save_accounts(operation: Operation, requests: Sequence[AccountRequest]) -> list[AccountOutcome]:
    """Creates or updates accounts, known by username, in one transaction, and enrolls those who were invited.

    A request whose address belongs to another account is refused with ``email-taken``, one for a new account whose
    username can't be one with ``username-refused``; the others are saved.
    """

    def write() -> list[AccountOutcome]:
        lock_addresses(fold(r.email) for r in requests)
        lock_usernames(r.username for r in requests)
        refused = faults_of_new_usernames(r.username for r in requests)
        saved = iter(learners.save_accounts([r for r in requests if fold(r.username) not in refused]))
        outcomes = [
            AccountOutcome(None, USERNAME_REFUSED, fault=fault)
            if (fault := refused.get(fold(r.username)))
            else next(saved)
            for r in requests
        ]
        _settle(operation, [o.account_id for o in outcomes if o.to_settle and o.account_id is not None])
        return outcomes

    return in_one_transaction(write)


def activate_account(operation: Operation, account_id: int, email: str) -> None:
    """Makes an account, whose address ``email`` is confirmed, active and enrolls it where that address was invited.

    Does no harm to an account that is active already: its address may be new.
    """

    def write() -> None:
        lock_addresses([fold(email)])
        learners.set_active(account_id, email)
        _settle(operation, [account_id])

    in_one_transaction(write)


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
