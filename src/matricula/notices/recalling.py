"""Recalling mail that hasn't left, and sending again what has, or couldn't. Each act is an operation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Operation, record_operation
from matricula.notices.outgoing import MailReach
from matricula.notices.rules import COPY_DAYS, WITH_SECRETS, Again, MailFacts, decide_again
from matricula.notices.statuses import COURSE_KINDS, MailKind
from matricula.notices.writes import queue_delivery

MOST = 1_000
"""How many mails are sent again at once, at most."""

_STATEMENTS = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Mails:
    """Which mails: these, or all of an operation; of them, those within reach."""

    reach: MailReach
    ids: Sequence[int] = ()
    operation: UUID | None = None

    @property
    def variant(self) -> str:
        """How the statements call it."""
        return "chosen" if self.operation is None else "of_operation"

    def parameters(self) -> dict[str, Any]:
        """What the statements need."""
        return {
            "ids": list(self.ids),
            "of": self.operation,
            "everything": self.reach.is_everything,
            "courses": list(self.reach.courses or ()),
            "programs": list(self.reach.programs or ()),
        }


@dataclass(frozen=True, slots=True)
class Recalled:
    """How many mails were recalled, and how many of them are being sent at this moment, and so could not be."""

    recalled: int
    being_sent: int


def parts_of(mails: Mails) -> list[tuple[int | None, int | None]]:
    """Return what the mails are about: course run, or else program; (None, None) for an account."""
    return [*fetch_all(_STATEMENTS["about"](mails.variant), mails.parameters())]


def recall_mails(operation: Operation, mails: Mails) -> Recalled:
    """Recall those that wait: they are never sent. One statement, however many they are.

    A mail is sent or recalled, never both: the sender holds its row until it is marked as sent, and what is held is
    left to it (docs/locking.md). After a crash between the mail server's answer and that mark, a mail that was
    delivered still waits, as it would be sent a second time (decision 0010), and can be recalled.
    """
    parameters = {
        **mails.parameters(),
        "recall": operation.id,
        "with_secrets": WITH_SECRETS,
    }
    with one_transaction():
        recalled = len(fetch_all(_STATEMENTS["recall"](mails.variant), parameters))
        [(being_sent,)] = fetch_all(_STATEMENTS["still_due"](mails.variant), parameters)
        record_operation(operation)
    return Recalled(recalled, being_sent)


def send_again(operation: Operation, mails: Mails) -> Mapping[Again, int]:
    """Send a copy of what was sent, and try once more what was given up; of an operation, only what was given up.

    At most ``MOST`` at once. Return how many of each outcome.
    """
    with one_transaction():
        held = fetch_all(_STATEMENTS["lock"](mails.variant), {**mails.parameters(), "limit": MOST})
        decided = _decided([id_ for id_, is_wanted in held if is_wanted])
        execute(_STATEMENTS["retry"](), {"ids": _those(decided, Again.RETRY)})
        execute(_STATEMENTS["copy"](), {"ids": _those(decided, Again.COPY), "operation": operation.id})
        record_operation(operation)
        transaction.on_commit(queue_delivery, robust=True)
    return Counter(decided.values())


def find_again(mail_id: int) -> Again:
    """Return what sending this mail again would do now. Errors: ``KeyError`` if there is no such mail."""
    return _decided([mail_id])[mail_id]


def _decided(ids: Sequence[int]) -> dict[int, Again]:
    asked = {"ids": list(ids), "days": COPY_DAYS, "without_links": [kind.value for kind in COURSE_KINDS]}
    rows = fetch_all(_STATEMENTS["facts"](), asked)
    return {row[0]: decide_again(MailFacts(MailKind(row[1]), *row[2:])) for row in rows}


def _those(decided: Mapping[int, Again], what: Again) -> list[int]:
    return [id_ for id_, again in decided.items() if again is what]
