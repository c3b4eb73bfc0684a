"""What became of a student's row, in words."""

from django.utils.translation import gettext as _

from matricula.enrollments import statuses


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
