"""The rows of a job in words: what became of each, or would, and how many ended how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from matricula.batches.checks import UploadRow, list_upload_rows
from matricula.batches.imports import ENROLLMENT_COLUMNS
from matricula.batches.rosters import MODE_CHANGED, RosterResult, RosterRow, list_roster_results, refusal
from matricula.batches.upload_work import UNCHANGED, upload_columns
from matricula.console.words import refusal_words, status_words
from matricula.enrollments.course.outcomes import ERROR
from matricula.enrollments.statuses import COURSE_STATUSES, PROGRAM_STATUSES, REFUSED
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus

_ROSTER_KINDS = frozenset({statuses.CHECK_ROSTER, statuses.CHANGE_ROSTER})
_UPLOAD_KINDS = frozenset(
    {
        *statuses.WRITE_KINDS,
        *(check for check, write in statuses.CHECKED.items() if write in statuses.WRITE_KINDS),
    }
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of a list or file, what became of it, or would, and why it was refused ('' where it was not)."""

    number: int | None
    who: str
    # under which it is counted
    word: str
    words: str
    before: str
    after: str
    refusal: str
    # as they stood in the file, in the order of ``refused_columns``
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows ended so."""

    n: int
    word: str
    words: str


def list_job_rows(job: JobStatus) -> Iterator[JobRow]:
    """The rows of a job that is a list or a file, in order; none for other jobs."""
    if job.kind in _ROSTER_KINDS:
        yield from (_roster_row(row, result) for row, result in list_roster_results(job))
    elif job.kind in _UPLOAD_KINDS:
        is_check = job.kind in statuses.CHECKED
        yield from (_upload_row(row, is_check=is_check) for row in list_upload_rows(job))


def refused_columns(job: JobStatus) -> tuple[str, ...]:
    """The columns of a file of refused rows: those of the job's own file, and why."""
    return (*(upload_columns(job) if job.kind in _UPLOAD_KINDS else ENROLLMENT_COLUMNS), "rejected_because")


def _upload_row(row: UploadRow, *, is_check: bool) -> JobRow:
    after = status_words(row.after or "")
    if row.course_staff is not None:
        after = f"{after}, {_('course staff') if row.course_staff else _('not course staff')}"
    words = after
    if is_check:
        words = _("unchanged") if row.word == UNCHANGED else _("changed") if row.before else _("added")
    return JobRow(
        None,
        row.student_key if row.course is None else f"{row.student_key} · {row.course}",
        row.word,
        words,
        status_words(row.before or ""),
        after,
        row.refusal,
        row.cells,
    )


def _roster_row(row: RosterRow, result: RosterResult) -> JobRow:
    return JobRow(
        row.number,
        row.identifier,
        result.word,
        _outcomes().get(result.word, result.word),
        _standing(result.before),
        _standing(result.after),
        refusal(row, result),
        row.cells or (row.identifier, None, row.mode, row.auto_enroll, row.reason, row.action),
    )


def _outcomes() -> Mapping[str, str]:
    return {
        "enrolled": _("enrolled"),
        "allowed": _("invited"),
        "unenrolled": _("unenrolled"),
        MODE_CHANGED: _("in another mode"),
        "unchanged": _("unchanged"),
        ERROR: _("rejected"),
    }


def _standing(state: Mapping[str, Any]) -> str:
    if state.get("enrolled"):
        return f"{_('enrolled')} ({state.get('mode')})"
    if state.get("allowed"):
        return _("invited, enrolled at sign-up") if state.get("auto_enroll") else _("invited")
    return _("not enrolled")


def _upload_outcomes() -> Mapping[str, str]:
    done: dict[str, str] = {word: status_words(word) for word in (*PROGRAM_STATUSES, *COURSE_STATUSES)}
    return {**done, UNCHANGED: _("unchanged"), **{word: refusal_words(word) for word in REFUSED}}


def list_counts(job: JobStatus) -> list[Count]:
    """How many rows ended how, in the order of the words."""
    words = _upload_outcomes() if job.kind in _UPLOAD_KINDS else _outcomes()
    order = [*words, *(word for word in job.counts if word not in words)]
    return [Count(job.counts[word], word, words.get(word, word)) for word in order if job.counts.get(word)]


def refused_count(job: JobStatus) -> int:
    """How many rows were not carried out, or would not be."""
    return sum(job.counts.get(word, 0) for word in (REFUSED if job.kind in _UPLOAD_KINDS else (ERROR,)))


def has_changes(job: JobStatus) -> bool:
    """True if carrying out a check would change anything."""
    return any(n for word, n in job.counts.items() if word not in {UNCHANGED, ERROR, *REFUSED})
