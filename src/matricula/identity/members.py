"""People who are put into groups: an account at once, an address as soon as an account with it becomes active."""

from enum import Enum

from matricula.access.grants import MembershipRequest, PendingMembershipRequest, write_grants
from matricula.enrollments.course.rules import MAX_IDENTIFIER, looks_like_address
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Operation
from matricula.learners.locks import lock_addresses
from matricula.learners.reads import Learner, find_confirmed


class Joined(Enum):
    """What became of someone who was put into a group."""

    MEMBER = "member"
    PENDING = "pending"
    BEFORE = "before"
    UNKNOWN = "unknown"
    TWO_ACCOUNTS = "two accounts"


def add_to_group(operation: Operation, group_id: int, identifier: str) -> Joined:
    """Puts the account with this username or address into the group; an address without one waits for it."""
    key = fold(identifier)
    with one_transaction():
        lock_addresses([key])
        found = find_confirmed([key]).get(key, [])
        if len(found) > 1:
            return Joined.TWO_ACCOUNTS
        if found and _joins(found[0], key):
            member = MembershipRequest(group_id, found[0].id)
            return Joined.MEMBER if write_grants(operation, [member], granted=True) else Joined.BEFORE
        if not looks_like_address(identifier) or len(identifier) > MAX_IDENTIFIER:
            return Joined.UNKNOWN
        waits = PendingMembershipRequest(group_id, identifier)
        return Joined.PENDING if write_grants(operation, [waits], granted=True) else Joined.BEFORE


def _joins(learner: Learner, key: str) -> bool:
    # no one has confirmed the address of an account that is not active
    return learner.is_active or learner.email_key != key
