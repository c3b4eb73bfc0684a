"""Many new accounts at once, set by set (docs/decisions/0030); what can't be written so is left to ``writes``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection

from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.journal.states import AccountState, encode_state
from matricula.journal.statuses import REGISTERED, Subject
from matricula.journal.writes import Operation
from matricula.learners.rows import naming
from matricula.learners.writes import CREATED, UNCHANGED, AccountOutcome, AccountRequest

# fewer are written row by row: a table of its own costs as much as a few of them
MANY = 100
_STATEMENTS = read_statements(__file__)
# what new accounts that are written here have in common, as the journal keeps it
_SAME = AccountState(
    is_staff=False,
    is_superuser=False,
    self_registered=False,
    wanted_email="",
    generation=0,
    wants_plan_mail=True,
)


@dataclass(slots=True)
class Newcomers:
    """Outcomes by place in the requests, and the ids of new active accounts."""

    outcomes: dict[int, AccountOutcome] = field(default_factory=dict)
    active: list[int] = field(default_factory=list)


def make_newcomers(operation: Operation, requests: Sequence[AccountRequest]) -> Newcomers:
    """Makes the new accounts of large batches, each with its journal entry; nothing for those whom the answer lacks.

    Those are to be written after these: no request here has to do with one of them. The caller holds the addresses and
    the names, and has recorded the operation. Errors: ``NameTaken``.
    """
    if len(requests) < MANY or not _are_different(requests):
        return Newcomers()
    mixed = ["mixed"] if not all(request.username.isascii() for request in requests) else []
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS["drop"]())
        cursor.execute(_STATEMENTS["make"]())
        _copy(requests)
        cursor.execute(_STATEMENTS["take_known"](*mixed))
        found = Newcomers({place: AccountOutcome(known, UNCHANGED) for place, known in cursor.fetchall() if known})
        with naming():
            cursor.execute(_STATEMENTS["write"](), _said_once(operation))
        for place, account_id, is_active in cursor.fetchall():
            found.outcomes[place] = AccountOutcome(account_id, CREATED)
            if is_active:
                found.active.append(account_id)
    return found


def _are_different(requests: Sequence[AccountRequest]) -> bool:
    """True if no two of them are about one name or one address: their order doesn't matter then."""
    return len({fold(r.username) for r in requests}) == len({fold(r.email) for r in requests}) == len(requests)


def _copy(requests: Sequence[AccountRequest]) -> None:
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(_STATEMENTS["fill"]()) as copy,
    ):
        write = copy.write_row
        for place, r in enumerate(requests):
            write((place, _is_apart(r), r.username, r.email, r.first_name, r.last_name, r.is_active, r.language))


def _is_apart(request: AccountRequest) -> bool:
    """True for what the statements don't say: a password, an operator, a name that may be none."""
    return bool(
        request.password is not None
        or request.is_staff is not None
        or request.is_superuser is not None
        or not request.username.strip(".")
    )


def _said_once(operation: Operation) -> dict[str, Any]:
    return {
        "unusable": UNUSABLE_PASSWORD_PREFIX,
        "operation": operation.id,
        "subject": Subject.ACCOUNT,
        "transition": REGISTERED,
        "before": encode_state(None),
        "same": encode_state(_SAME),
    }
