"""Rows of an undo in words."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matricula.batches.undo.values import (
    CONFLICT,
    RESTORED,
    UNCHANGED,
    Conflict,
    UndoAbout,
    UndoOptions,
    UndoOutcome,
    UndoRow,
)
from matricula.batches.values import ERROR, STALE, Described, Parsed, by_language, stale_text
from matricula.enrollments.program.outcomes import rejection_words, status_words
from matricula.enrollments.store.entries import standing_in
from matricula.journal.states import (
    CourseRoleState,
    CourseState,
    GradeState,
    State,
    StudentCourseState,
    StudentState,
    read_state,
)
from matricula.journal.statuses import Subject
from matricula.tabular.reading import TableFile

COLUMNS = ("subject", "who", "before", "after")
REJECTED = frozenset({CONFLICT, STALE, ERROR})


def parse_undo(_file: TableFile, _about: UndoAbout, _options: UndoOptions) -> Parsed[UndoOptions, UndoRow]:
    """There is no file of these."""
    raise NotImplementedError


def undo_columns(_options: UndoOptions) -> tuple[str, ...]:
    """Of the file of rejected rows."""
    return COLUMNS


def describe_undo(row: UndoRow, outcome: UndoOutcome, _is_check: bool) -> Described:
    """A row in words."""
    subject = Subject(row.subject)
    before, after = (state_words(read_state(subject, text)) for text in (outcome.before, outcome.after))
    rejection = ""
    if outcome.word == CONFLICT:
        rejection = _conflict_text(outcome.conflict or Conflict())
    elif outcome.word == STALE:
        rejection = stale_text()
    cells = (row.subject, row.key, before, after)
    word = words().get(outcome.word, outcome.word)
    return Described(row.number, row.key, outcome.word, word, before, after, rejection, cells)


def _conflict_text(conflict: Conflict) -> str:
    if conflict.at is None:
        return _("This can't be put back as it was: something else changed since.")
    return _("Changed since by %(who)s on %(when)s (operation %(operation)s).") % {
        "who": conflict.by or _("the system"),
        "when": _moment(conflict.at),
        "operation": conflict.operation,
    }


def _moment(at: datetime) -> str:
    """The time with its zone, which files and the API don't give elsewhere."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'SHORT_DATETIME_FORMAT')} {local:%Z}"


def state_words(state: State | None) -> str:
    """A state in words, in the active language."""
    if isinstance(state, CourseState):
        standing = standing_in(state)
        if standing.enrolled and standing.seat:
            return f"{_('enrolled')} ({standing.seat.mode})"
        return _("invited") if standing.allowed else _("not enrolled")
    if isinstance(state, StudentCourseState):
        staff = f", {_('course staff')}" if state.course_staff is True else ""
        return status_words(state.status) + staff
    if isinstance(state, StudentState):
        return status_words(state.status)
    if isinstance(state, GradeState):
        return state.error or f"{state.percent:.0%}"
    if isinstance(state, CourseRoleState):
        return state.role
    return "–"


@by_language
def words() -> Mapping[str, str]:
    """The words under which rows are counted, in order."""
    return {
        RESTORED: _("undone"),
        UNCHANGED: _("unchanged"),
        CONFLICT: _("changed since"),
        STALE: rejection_words(STALE),
        ERROR: _("rejected"),
    }
