"""What became of a student's row, in words."""

from django.utils.translation import gettext as _

from matricula.enrollments import statuses


def rejection_text(word: str) -> str:
    """Why a row was not carried out, in the active language."""
    return {
        statuses.DUPLICATED: _("The file contains this student more than once. Keep one row."),
        statuses.INVALID_STATUS: _("This status doesn't exist."),
        statuses.NOT_FOUND: _("This student is no longer in the program."),
        statuses.NOT_IN_PROGRAM: _("This student isn't in the program. Add the program enrollment first."),
        statuses.CONFLICT: _("This student is active in the course run through another program."),
        statuses.COURSE_NOT_FOUND: _("This program has no course run with this key."),
        statuses.ILLEGAL_OPERATION: _("This status change isn't allowed."),
        statuses.INTERNAL_ERROR: _("This row wasn't written because of an internal error. Import it again."),
    }[statuses.Refusal(word)]
