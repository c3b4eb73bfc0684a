"""The kinds of mail: about course enrollments (enrollment-api: Email), about accounts, about plans, and
about webhooks."""

from enum import StrEnum


class MailState(StrEnum):
    """How far a mail is. One that is being sent is a waiting one that a worker holds just now."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    # tried too often, or never to be sent to this address
    FAILED = "failed"
    RECALLED = "recalled"


class MailKind(StrEnum):
    """What a mail is about."""

    ENROLLED_ENROLL = "enrolled_enroll"
    ALLOWED_ENROLL = "allowed_enroll"
    ENROLLED_UNENROLL = "enrolled_unenroll"
    ALLOWED_UNENROLL = "allowed_unenroll"
    ACCOUNT_ACTIVATE = "account_activate"
    ACCOUNT_OFF = "account_off"
    ACCOUNT_UNKNOWN = "account_unknown"
    PASSWORD_RESET = "password_reset"  # noqa: S105  not one
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  not one
    ADDRESS_ASKED = "address_asked"
    ADDRESS_CONFIRM = "address_confirm"
    ADDRESS_TAKEN = "address_taken"
    ADDRESS_CHANGED = "address_changed"
    PLAN_HELD = "plan_held"
    WEBHOOK_OFF = "webhook_off"


ENROLLED_ENROLL = MailKind.ENROLLED_ENROLL
ALLOWED_ENROLL = MailKind.ALLOWED_ENROLL
ENROLLED_UNENROLL = MailKind.ENROLLED_UNENROLL
ALLOWED_UNENROLL = MailKind.ALLOWED_UNENROLL
COURSE_KINDS = (ENROLLED_ENROLL, ALLOWED_ENROLL, ENROLLED_UNENROLL, ALLOWED_UNENROLL)
# a way in, as far as the account has one
ACCOUNT_ACTIVATE = MailKind.ACCOUNT_ACTIVATE
ACCOUNT_OFF = MailKind.ACCOUNT_OFF
ACCOUNT_UNKNOWN = MailKind.ACCOUNT_UNKNOWN
PASSWORD_RESET = MailKind.PASSWORD_RESET
# what changed
PASSWORD_CHANGED = MailKind.PASSWORD_CHANGED
ADDRESS_ASKED = MailKind.ADDRESS_ASKED
ADDRESS_CONFIRM = MailKind.ADDRESS_CONFIRM
ADDRESS_TAKEN = MailKind.ADDRESS_TAKEN
ADDRESS_CHANGED = MailKind.ADDRESS_CHANGED
ACCOUNT_KINDS = (
    ACCOUNT_ACTIVATE,
    ACCOUNT_OFF,
    ACCOUNT_UNKNOWN,
    PASSWORD_RESET,
    PASSWORD_CHANGED,
    ADDRESS_ASKED,
    ADDRESS_CONFIRM,
    ADDRESS_TAKEN,
    ADDRESS_CHANGED,
)
# to those who may approve a plan
PLAN_HELD = MailKind.PLAN_HELD
# to the owner of a webhook that was switched off
WEBHOOK_OFF = MailKind.WEBHOOK_OFF
KINDS = (*COURSE_KINDS, *ACCOUNT_KINDS, PLAN_HELD, WEBHOOK_OFF)
