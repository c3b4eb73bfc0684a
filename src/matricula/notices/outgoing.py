"""The outgoing mail as those see it who manage what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.notices.models import OutgoingMail
from matricula.notices.rendering import Rendered, render_notice
from matricula.notices.rules import BEING_SENT
from matricula.notices.statuses import ACCOUNT_KINDS, MailKind, MailState

_STATEMENTS = read_statements(__file__)
# a link that logs its reader in: only the recipient sees it
_HIDDEN_LINK = "https://…"


@dataclass(frozen=True, slots=True)
class MailReach:
    """The course runs and programs (by id) whose mails someone sees; None: all, also those about accounts."""

    courses: Sequence[int] | None
    programs: Sequence[int] | None

    @property
    def is_everything(self) -> bool:
        """True for those who see all mail."""
        return self.courses is None and self.programs is None

    def covers(self, course_id: int | None, program_id: int | None) -> bool:
        """True if mail about this is within reach."""
        if self.is_everything:
            return True
        if course_id is not None:
            return self.courses is None or course_id in self.courses
        return program_id is not None and (self.programs is None or program_id in self.programs)


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Which mails; None: all."""

    state: MailState | None = None
    kind: MailKind | None = None
    operation: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedMail:
    """One mail, without its words."""

    id: int
    kind: MailKind
    to: str
    language: str
    course_id: int | None
    program_id: int | None
    operation: UUID
    queued: datetime
    # when it is tried next
    due: datetime | None
    attempts: int
    sent: datetime | None
    last_error: str | None
    recalled: datetime | None
    # the operation that recalled it
    recall: UUID | None
    copy_of: int | None
    is_being_sent: bool = False

    @property
    def state(self) -> MailState:
        """How far it is."""
        if self.sent is not None:
            return MailState.SENT
        if self.recalled is not None:
            return MailState.RECALLED
        if self.due is None:
            return MailState.FAILED
        return MailState.SENDING if self.is_being_sent else MailState.WAITING


def list_mails(
    reach: MailReach, wanted: MailFilter, *, limit: int, before: tuple[datetime, int] | None = None
) -> list[ListedMail]:
    """Return the mails that fit, the latest first; ``before``: those behind this one in that order.

    Those that are being sent are waiting ones: both are found by either state.
    """
    state = MailState.WAITING if wanted.state is MailState.SENDING else wanted.state
    variant = "everything" if reach.is_everything else "some", state.value if state else "any_state"
    parameters = {
        "courses": list(reach.courses or ()),
        "programs": list(reach.programs or ()),
        "kind": wanted.kind,
        "operation": wanted.operation,
        "since": wanted.since,
        "until": wanted.until,
        "before": before and before[0],
        "before_id": before and before[1],
        "limit": limit,
    }
    return _listed(fetch_all(_STATEMENTS["mails"](*variant), parameters))


def find_mail(mail_id: int, reach: MailReach) -> ListedMail | None:
    """Return the mail, or None if there is none, or none within reach."""
    columns = [name for name in ListedMail.__dataclass_fields__ if name != "is_being_sent"]
    found = _listed(OutgoingMail.objects.filter(pk=mail_id).values_list(*columns))
    return found[0] if found and reach.covers(found[0].course_id, found[0].program_id) else None


def _listed(rows: Any) -> list[ListedMail]:
    found = list(rows)
    sending = _being_sent([row[0] for row in found])
    values = ([row[0], MailKind(row[1]), *row[2:], row[0] in sending] for row in found)
    return [ListedMail(*columns) for columns in values]


def _being_sent(ids: list[int]) -> set[int]:
    if not ids:
        return set()
    return {id_ for (id_,) in fetch_all(_STATEMENTS["being_sent"](), {"ids": ids, "lock": BEING_SENT})}


def preview_mail(mail: ListedMail, *, names: bool) -> Rendered:
    """Return the mail as its reader gets it, in the reader's language; without a link that would let anyone in.

    ``names`` False: also without the name and the address of the one who gets it.
    """
    context = dict(OutgoingMail.objects.values_list("context", flat=True).get(pk=mail.id))
    if mail.kind in ACCOUNT_KINDS and context.get("link") != "":
        context["link"] = _HIDDEN_LINK
    context.setdefault("link", _HIDDEN_LINK)
    if not names:
        context["full_name"] = ""
    return render_notice(mail.kind, mail.to if names else "…", mail.language, context)
