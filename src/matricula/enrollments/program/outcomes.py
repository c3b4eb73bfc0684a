"""What became of a student's row, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.enrollments import statuses

_STATUSES: Mapping[str, Promise] = {
    statuses.ENROLLED: gettext_lazy("enrolled"),
    statuses.PENDING: gettext_lazy("pending"),
    statuses.SUSPENDED: gettext_lazy("suspended"),
    statuses.CANCELED: gettext_lazy("canceled"),
    statuses.ENDED: gettext_lazy("ended"),
    statuses.ACTIVE: gettext_lazy("active"),
    statuses.INACTIVE: gettext_lazy("inactive"),
}
_REJECTIONS: Mapping[str, Promise] = {
    statuses.DUPLICATED: gettext_lazy("rejected: more than once in the file"),
    statuses.INVALID_STATUS: gettext_lazy("rejected: unknown status"),
    statuses.NOT_IN_PROGRAM: gettext_lazy("rejected: not in the program"),
    statuses.CONFLICT: gettext_lazy("rejected: active through another program"),
    statuses.COURSE_NOT_FOUND: gettext_lazy("rejected: unknown course run"),
    statuses.ILLEGAL_OPERATION: gettext_lazy("rejected: this status change isn't allowed"),
    statuses.INTERNAL_ERROR: gettext_lazy("rejected: internal error"),
    statuses.STALE: gettext_lazy("not applied: changed since the plan was made"),
}


def status_words(status: str) -> str:
    """A status of a program or course enrollment."""
    return str(_STATUSES.get(status, status))


def rejection_words(word: str) -> str:
    """Why rows were not applied, in short."""
    return str(_REJECTIONS.get(word, word))


def rejection_text(word: str) -> str:
    """Why a row was not applied, in the active language."""
    return {
        statuses.DUPLICATED: _("The file contains this student more than once. Keep one row."),
        statuses.INVALID_STATUS: _("This status doesn't exist."),
        statuses.NOT_FOUND: _("This student is no longer in the program."),
        statuses.NOT_IN_PROGRAM: _("This student isn't in the program. Add the program enrollment first."),
        statuses.CONFLICT: _("This student is active in the course run through another program."),
        statuses.COURSE_NOT_FOUND: _("This program has no course run with this key."),
        statuses.ILLEGAL_OPERATION: _("This status change isn't allowed."),
        statuses.INTERNAL_ERROR: _("This row wasn't written because of an internal error. Import it again."),
        statuses.STALE: _(
            "Someone changed this after the plan was made. Make a new plan to see what would change now."
        ),
    }[statuses.Refusal(word)]
