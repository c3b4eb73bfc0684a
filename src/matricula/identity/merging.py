"""What merging two accounts of one person does to accounts and student keys, and what undoing it does.

Keys move to the other account with the rows in programs that are known by them. The caller locks, decides and says what
is expected; course enrollments, roles and grades are written by their own packages.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from matricula.enrollments.store.standings import Collision
from matricula.enrollments.store.students import lock_students_of_keys, set_accounts
from matricula.foundation.folding import fold
from matricula.identity.accounts import follow
from matricula.identity.linking import key_entries, student_entries
from matricula.journal.states import AccountState
from matricula.journal.writes import Operation, add_entries
from matricula.learners.reads import find_identities
from matricula.learners.rows import AccountRow, journal_state, lock_rows, read_rows, save_rows
from matricula.learners.writes import save_identities


class KeyMove(NamedTuple):
    """A student key of an organization that is to get an account, another one, or none.

    ``expected``: only if this account has it now, or (None) none.
    """

    organization_id: int
    student_key: str
    target: int | None
    expected: int | None


class AccountMerge(NamedTuple):
    """What is to change of an account: whether it is active, its rights, and into which account it was merged."""

    account_id: int
    changes: Mapping[str, Any]


def find_held(moves: Sequence[KeyMove]) -> list[tuple[int | None, bool]]:
    """For each move the account that has the key, and whether its account can have it: False where that one has
    another key which none of them takes. A statement for each organization.
    """
    taken = {(move.organization_id, fold(move.student_key)) for move in moves}
    held: dict[tuple[int, str], int] = {}
    for organization_id in sorted({move.organization_id for move in moves}):
        here = [move for move in moves if move.organization_id == organization_id]
        accounts = {move.target for move in here if move.target is not None}
        found = find_identities(organization_id, {fold(move.student_key) for move in here}, accounts)
        held |= {(organization_id, key): account for key, account in found.items()}
    others = {
        (organization, account) for (organization, key), account in held.items() if (organization, key) not in taken
    }
    return [
        (held.get((move.organization_id, fold(move.student_key))), (move.organization_id, move.target) not in others)
        for move in moves
    ]


def move_keys(operation: Operation, moves: Sequence[KeyMove]) -> list[bool]:
    """Gives keys to accounts, in the caller's transaction, which holds them: False for each that is not as expected.

    Rows in programs go with their keys. Errors: ``Collision`` where an account got another key meanwhile.
    """
    done = [owner == move.expected and is_free for move, (owner, is_free) in zip(moves, find_held(moves), strict=True)]
    due = [move for move, is_due in zip(moves, done, strict=True) if is_due and move.target != move.expected]
    for organization_id in sorted({move.organization_id for move in due}):
        _move(operation, organization_id, [move for move in due if move.organization_id == organization_id])
    return done


def _move(operation: Operation, organization_id: int, moves: Sequence[KeyMove]) -> None:
    accounts = {fold(move.student_key): move.target for move in moves}
    if not save_identities(organization_id, [(move.student_key, move.target) for move in moves]):
        raise Collision
    students = [
        (student, program_id)
        for student, program_id in lock_students_of_keys(organization_id, list(accounts))
        if student.account_id != accounts[student.key]
    ]
    set_accounts([(student.id, accounts[student.key]) for student, _ in students])
    add_entries(
        operation,
        [
            entry
            for move in moves
            for entry in key_entries(operation, organization_id, move.student_key, move.expected, move.target)
        ]
        + [
            entry
            for student, program_id in students
            for entry in student_entries(operation, student, program_id, accounts[student.key])
        ],
    )


def find_accounts(account_ids: Collection[int]) -> dict[int, AccountState]:
    """Account id → the account as the journal keeps it."""
    return {row.id: journal_state(row) for row in read_rows(account_ids) if row.id is not None}


def save_merges(operation: Operation, merges: Sequence[AccountMerge]) -> None:
    """Changes accounts, in the caller's transaction, which holds their addresses; what follows from it, too.

    An account that is merged away loses its sessions, tokens and API clients, as one that is switched off.
    """
    rows: dict[int | None, AccountRow] = {row.id: row for row in lock_rows(ids=[m.account_id for m in merges])}
    for merge in merges:
        for name, value in merge.changes.items():
            setattr(rows[merge.account_id], name, value)
    follow(operation, save_rows(rows.values()))
