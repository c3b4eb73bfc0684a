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
    statuses.DUPLICATED: gettext_lazy("refused: more than once in the file"),
    statuses.INVALID_STATUS: gettext_lazy("refused: no such status"),
    statuses.NOT_IN_PROGRAM: gettext_lazy("refused: not in the program"),
    statuses.CONFLICT: gettext_lazy("refused: active through another program"),
    statuses.COURSE_NOT_FOUND: gettext_lazy("refused: no such course run"),
    statuses.ILLEGAL_OPERATION: gettext_lazy("refused: status may not follow"),
    statuses.INTERNAL_ERROR: gettext_lazy("refused: a fault of ours"),
}


def status_words(status: str) -> str:
    """A status of a program or course enrollment."""
    return str(_STATUSES.get(status, status))


def rejection_words(word: str) -> str:
    """Why rows were not carried out, in short."""
    return str(_REJECTIONS.get(word, word))


def rejection_text(word: str) -> str:
    """Why a row was not carried out, in the active language."""
    return {
        statuses.DUPLICATED: _("The file names this student more than once; keep one row."),
        statuses.INVALID_STATUS: _("There is no such status."),
        statuses.NOT_FOUND: _("This student is no longer in the program."),
        statuses.NOT_IN_PROGRAM: _("This student is not in the program; add the program enrollment first."),
        statuses.CONFLICT: _("This student is active in the course run through another program."),
        statuses.COURSE_NOT_FOUND: _("This program has no course run with this key."),
        statuses.ILLEGAL_OPERATION: _("This status may not follow the student's present one."),
        statuses.INTERNAL_ERROR: _("A fault of ours kept this row from being written; import it again."),
    }[word]
