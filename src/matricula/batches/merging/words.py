"""Rows of a merge in words."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from matricula.batches.merging.values import MergeOptions, MergeOutcome, MergeRow, Word
from matricula.batches.values import ERROR, STALE, Described, Parsed, stale_text
from matricula.enrollments.program.outcomes import rejection_words
from matricula.journal.statuses import Subject
from matricula.tabular.reading import TableFile

COLUMNS = ("subject", "what", "before", "after")
REJECTED = frozenset({Word.CHOICE_NEEDED.value, STALE, ERROR})


def parse_merge(_file: TableFile, _about: None, _options: MergeOptions) -> Parsed[MergeOptions, MergeRow]:
    """There is no file of these."""
    raise NotImplementedError


def merge_columns(_options: MergeOptions) -> tuple[str, ...]:
    """Of the file of rejected rows."""
    return COLUMNS


def describe_merge(row: MergeRow, outcome: MergeOutcome, _is_check: bool) -> Described:
    """A row in words."""
    subject = Subject(row.subject)
    before, after = (both_words(subject, text) for text in (outcome.before, outcome.after))
    rejection = ""
    if outcome.word == Word.CHOICE_NEEDED:
        rejection = _("Both accounts have something here, and it differs. Choose which to keep.")
    elif outcome.word == STALE:
        rejection = stale_text()
    word = words().get(outcome.word, outcome.word)
    cells = (row.subject, row.key, before, after)
    return Described(row.number, row.key, outcome.word, word, before, after, rejection, cells)


def both_words(subject: Subject, text: str) -> str:
    """The states of both accounts in words."""
    sides = sides_of(text)
    return " · ".join(f"{title}: {side_words(subject, sides[name])}" for name, title in _titles().items())


def sides_of(text: str) -> dict[str, dict[str, Any]]:
    """The states of the kept and the other account, as an outcome has them."""
    return {"kept": {}, "other": {}} | msgspec.json.decode(text, type=dict[str, dict[str, Any]])


def _titles() -> dict[str, str]:
    return {"kept": _("kept account"), "other": _("other account")}


def side_words(subject: Subject, side: Mapping[str, Any]) -> str:
    """One account's state in words, in the active language."""
    if not side:
        return "–"
    if subject is Subject.COURSE_ENROLLMENT:
        return _enrollment_words(side)
    if subject is Subject.GRADE:
        return side["error"] or f"{side['percent']:.0%} {side['letter_grade'] or ''}".strip()
    if subject is Subject.ACCOUNT:
        return _account_words(side)
    if "student_key" in side or "client_id" in side:
        return str(side.get("student_key") or side["client_id"])
    return str(side.get("role") or side.get("feature") or _("member"))


def _enrollment_words(side: Mapping[str, Any]) -> str:
    if side.get("is_active"):
        return f"{_('enrolled')} ({side['mode']})"
    return _("invited") if side.get("allowed") else _("not enrolled")


def _account_words(side: Mapping[str, Any]) -> str:
    if "is_staff" in side:
        flags = {"is_staff": _("Global staff"), "is_superuser": _("Administrator")}
        return ", ".join(title for name, title in flags.items() if side[name]) or "–"
    if "merged_into" in side:
        return _("merged into %(kept)s") % {"kept": side["merged_into"]}
    return _("active") if side["is_active"] else _("not active")


def words() -> Mapping[str, str]:
    """The words under which rows are counted, in order."""
    return {
        Word.MOVED: _("moved"),
        Word.COMBINED: _("combined"),
        Word.KEPT: _("kept as it is"),
        Word.ENDED: _("ended"),
        Word.MERGED: _("account merged"),
        Word.CHOICE_NEEDED: _("needs a choice"),
        Word.UNCHANGED: _("unchanged"),
        STALE: rejection_words(STALE),
        ERROR: _("rejected"),
    }
