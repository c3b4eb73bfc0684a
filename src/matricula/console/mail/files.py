"""Outgoing mail as a file: what the list shows, never the words of a mail or the links in it."""

from collections.abc import Callable, Sequence

from matricula.console.mail.shown import ShownMail
from matricula.listings.exports import time_cell
from matricula.tabular.exports import Export, export_rows, walk

_AT_ONCE = 500
_MAILS = (
    "mail_id", "kind", "to", "state", "course", "program", "attempts", "queued", "due", "sent", "recalled", "error",
    "copy_of", "operation",
)  # fmt: skip


def export_mails(listed: Callable[..., list[ShownMail]]) -> Export:
    """The mails that ``listed`` gives, the latest first; each has one who gets it."""

    def read(last: ShownMail | None) -> list[ShownMail]:
        return listed(limit=_AT_ONCE, before=last.place if last else None)

    return export_rows(_MAILS, map(_cells, walk(read)), numbers=("attempts",))


def _cells(one: ShownMail) -> Sequence[object]:
    mail = one.facts
    return (
        mail.id,
        mail.kind.value,
        mail.to if one.names else "",
        mail.state.value,
        one.course.key if one.course else "",
        one.program.key if one.program else "",
        mail.attempts,
        time_cell(mail.queued),
        time_cell(mail.due),
        time_cell(mail.sent),
        time_cell(mail.recalled),
        # what a mail server answers often names the address
        mail.last_error if one.names else "",
        mail.copy_of,
        mail.operation,
    )
