"""What may be done with a mail that is queued, was sent, or was not. Plain Python."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from matricula.notices.statuses import ACCOUNT_KINDS, MailKind

# their links log their reader in, and are kept no longer than they are needed
WITH_SECRETS = [kind.value for kind in ACCOUNT_KINDS]
BEING_SENT = 7322  # advisory lock of (this, mail): the mail is being sent (docs/locking.md)
MOST_COPIES = 3
"""Of one mail within a week, so that no one is flooded."""
COPY_DAYS = 7
RETIRED_DOMAIN = "@retired.invalid"


class MailFacts(NamedTuple):
    """What is decided about; ``copies``: of this mail, in the last days."""

    kind: MailKind
    to: str
    due: datetime | None
    sent: datetime | None
    recalled: datetime | None
    copies: int
    # what its words need is all there
    is_whole: bool


class Again(StrEnum):
    """What sending a mail again does, or why it isn't sent again."""

    # it was sent: a second mail, which says that it is a copy
    COPY = "copy"
    # it was given up: the same mail, tried from the beginning
    RETRY = "retry"
    WAITING = "waiting"
    RECALLED = "recalled"
    # its link isn't kept, or what it said about the account is no longer so
    ACCOUNT = "account"
    INCOMPLETE = "incomplete"
    RETIRED = "retired"
    TOO_MANY = "too-many"


SENT_AGAIN = frozenset({Again.COPY, Again.RETRY})


def decide_again(mail: MailFacts) -> Again:
    """Return what sending a mail again does."""
    why_not = _reason_not_to_send(mail)
    if why_not is not None:
        return why_not
    if mail.sent is None:
        return Again.RETRY
    return Again.COPY if mail.copies < MOST_COPIES else Again.TOO_MANY


def _reason_not_to_send(mail: MailFacts) -> Again | None:
    found = {
        Again.WAITING: mail.due is not None,
        Again.RECALLED: mail.recalled is not None,
        Again.ACCOUNT: mail.kind in ACCOUNT_KINDS,
        Again.RETIRED: mail.to.endswith(RETIRED_DOMAIN),
        Again.INCOMPLETE: not mail.is_whole,
    }
    return next((why for why, is_so in found.items() if is_so), None)
