"""What of a merge is taken back beside enrollments: accounts, student keys, roles, features, memberships."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, json

from matricula.access.grants import (
    FeatureRequest,
    GrantRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    list_grants_of,
    list_pending_of,
    write_grants,
)
from matricula.access.statuses import Feature, Role
from matricula.batches.undo.values import RowStates, is_same
from matricula.foundation.folding import fold
from matricula.identity.merging import (
    AccountMerge,
    KeyMove,
    find_accounts,
    find_held,
    move_keys,
    save_merges,
)
from matricula.journal.states import AccountState, State, StudentKeyState
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation
from matricula.learners.locks import lock_addresses
from matricula.learners.reads import names_of
from matricula.learners.rows import lock_rows


def _ids(accounts: Sequence[RowStates]) -> list[int]:
    return [one.row.account_id for one in accounts if one.row.account_id is not None]


def lock_addresses_of(accounts: Sequence[RowStates]) -> None:
    """Holds the addresses of the accounts: one that is active again gets what waits for its address."""
    lock_addresses({fold(email) for _, email in names_of(_ids(accounts)).values()})


def lock_accounts(accounts: Sequence[RowStates]) -> None:
    """Holds the accounts."""
    if accounts:
        lock_rows(ids=_ids(accounts))


def list_becoming(given: Sequence[RowStates]) -> dict[int, AccountState]:
    """Account id → how it is once the rows are applied, for the accounts among them."""
    accounts = [(one.row.account_id, one.target) for one in given if one.row.subject == Subject.ACCOUNT]
    return {id_: state for id_, state in accounts if id_ and isinstance(state, AccountState)}


def keys_of(moved: Sequence[RowStates]) -> set[tuple[int, str]]:
    """(organization id, folded key) of the student keys."""
    return {(int(one.row.role or 0), fold(one.row.key)) for one in moved}


def account_changes(one: RowStates) -> dict[str, Any]:
    """What an account has again of what a merge changed of it."""
    assert isinstance(one.target, AccountState)  # noqa: S101  a merge makes no account
    names = ("is_active", "is_staff", "is_superuser")
    merged_into = one.target.merged_into
    changes = {name: getattr(one.target, name) for name in names}
    return changes | {"merged_into": None if merged_into is UNSET else merged_into}


def _find_accounts(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    held = find_accounts(_ids(given))
    return [(held.get(one.row.account_id or 0), True) for one in given]


def key_move(one: RowStates) -> KeyMove:
    """A student key that is to have its account again."""
    target, expected = (s.account_id if isinstance(s, StudentKeyState) else None for s in (one.target, one.expected))
    return KeyMove(int(one.row.role or 0), one.row.key, target, expected)


def _find_keys(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    moves = [key_move(one) for one in given]
    found: list[tuple[State | None, bool]] = []
    for move, (owner, is_free) in zip(moves, find_held(moves), strict=True):
        state = StudentKeyState(organization_id=move.organization_id, account_id=owner) if owner else None
        found.append((state, is_free))
    return found


def grant_of(one: RowStates) -> GrantRequest:
    """What was given to someone, or taken."""
    given = json.decode(one.row.role or "{}")
    account_id, group_id = one.row.account_id, given.get("group_id")
    if one.row.subject == Subject.ROLE:
        return RoleRequest(Role(given["role"]), account_id, None, given.get("organization_id"), given.get("program_id"))
    if one.row.subject == Subject.FEATURE:
        return FeatureRequest(Feature(given["feature"]), account_id)
    if account_id is None:
        return PendingMembershipRequest(group_id, one.row.key)
    return MembershipRequest(group_id, account_id)


def _find_grants(given: Sequence[RowStates]) -> list[tuple[State | None, bool]]:
    grants = [grant_of(one) for one in given]
    held = _held(grants)
    # whatever was given: the rows of the journal say what it is
    return [
        ((one.expected or one.target) if grant in held else None, True)
        for one, grant in zip(given, grants, strict=True)
    ]


def _held(grants: Sequence[GrantRequest]) -> set[GrantRequest]:
    """Those that are given now."""
    held: set[GrantRequest] = set()
    for made in (RoleRequest, FeatureRequest, MembershipRequest):
        accounts = {grant.account_id for grant in grants if isinstance(grant, made) and grant.account_id}
        held |= set(list_grants_of(made, sorted(accounts))) if accounts else set()
    for email in {fold(grant.email) for grant in grants if isinstance(grant, PendingMembershipRequest)}:
        held |= set(list_pending_of(email))
    return held


def restore_grants(operation: Operation, given: Sequence[RowStates]) -> list[bool]:
    """Gives and takes roles, features and memberships as before, if they are as expected."""
    grants = [grant_of(one) for one in given]
    held = _held(grants)
    done = [(grant in held) == (one.expected is not None) for one, grant in zip(given, grants, strict=True)]
    due = [(one, grant) for one, grant, is_done in zip(given, grants, done, strict=True) if is_done]
    for granted in (False, True):
        for made in (RoleRequest, FeatureRequest, PendingMembershipRequest, MembershipRequest):
            some = [g for one, g in due if type(g) is made and (one.target is not None) == granted]
            write_grants(operation, some, granted=granted)
    return done


def restore_accounts(
    operation: Operation, accounts: Sequence[RowStates], keys: Sequence[RowStates]
) -> tuple[list[bool], list[bool]]:
    """Puts accounts and student keys back, if they are as expected; what else they had comes after them.

    The addresses and the keys are held.
    """
    held = find_accounts(_ids(accounts))
    done = [is_same(held.get(one.row.account_id or 0), one.expected) for one in accounts]
    due = [one for one, is_due in zip(accounts, done, strict=True) if is_due]
    save_merges(operation, [AccountMerge(one.row.account_id or 0, account_changes(one)) for one in due])
    return done, move_keys(operation, [key_move(one) for one in keys])


FIND: Mapping[Subject, Callable[[Sequence[RowStates]], list[tuple[State | None, bool]]]] = {
    Subject.ACCOUNT: _find_accounts,
    Subject.STUDENT_KEY: _find_keys,
    Subject.ROLE: _find_grants,
    Subject.FEATURE: _find_grants,
    Subject.MEMBERSHIP: _find_grants,
}
