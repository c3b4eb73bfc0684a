"""What mails are called, and how far they are."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matricula.notices.rules import MOST_COPIES, Again
from matricula.notices.statuses import MailKind, MailState

KIND_WORDS: Mapping[MailKind, Promise] = {
    MailKind.ENROLLED_ENROLL: _("Enrolled in a course"),
    MailKind.ALLOWED_ENROLL: _("Invitation to a course"),
    MailKind.ENROLLED_UNENROLL: _("Unenrolled from a course"),
    MailKind.ALLOWED_UNENROLL: _("Invitation withdrawn"),
    MailKind.ACCOUNT_ACTIVATE: _("Account activation"),
    MailKind.ACCOUNT_OFF: _("Account switched off"),
    MailKind.ACCOUNT_UNKNOWN: _("No account with this address"),
    MailKind.PASSWORD_RESET: _("Password reset"),
    MailKind.PASSWORD_CHANGED: _("Password changed"),
    MailKind.ADDRESS_ASKED: _("Email address: change requested"),
    MailKind.ADDRESS_CONFIRM: _("Email address: confirmation"),
    MailKind.ADDRESS_TAKEN: _("Email address: already in use"),
    MailKind.ADDRESS_CHANGED: _("Email address changed"),
    MailKind.PLAN_HELD: _("Plan waits for approval"),
    MailKind.WEBHOOK_OFF: _("Webhook switched off"),
}
STATE_WORDS: Mapping[MailState, Promise] = {
    MailState.WAITING: _("waiting"),
    MailState.SENDING: _("being sent"),
    MailState.SENT: _("sent"),
    MailState.FAILED: _("failed"),
    MailState.RECALLED: _("recalled"),
}
STATE_COLORS: Mapping[MailState, str] = {
    MailState.WAITING: "info",
    MailState.SENDING: "info",
    MailState.SENT: "good",
    MailState.FAILED: "bad",
    MailState.RECALLED: "quiet",
}
NOT_AGAIN: Mapping[Again, Promise] = {
    Again.WAITING: _("It has not been sent yet."),
    Again.RECALLED: _("It was recalled."),
    Again.ACCOUNT: _("Emails about accounts can't be sent again. The person can request a new link on the login page."),
    Again.INCOMPLETE: _("It is from an earlier version, which kept only a part of it."),
    Again.RETIRED: _("The person was removed from this system."),
    Again.TOO_MANY: _("Copies of it were sent %(most)s times in the last week, the most allowed."),
}


def not_again(why: Again) -> str:
    """Why a mail isn't sent again."""
    return str(NOT_AGAIN[why]) % {"most": MOST_COPIES}
