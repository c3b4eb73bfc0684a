"""The rows of a job in words: what became of each, or would, and how many ended how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from matricula.enrollments.imports import ENROLLMENT_COLUMNS
from matricula.enrollments.outcomes import ERROR
from matricula.enrollments.roster_changes import MODE_CHANGED, RosterResult, RosterRow, list_roster_results, refusal
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus


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
    if job.kind in {statuses.CHECK_ROSTER, statuses.CHANGE_ROSTER}:
        yield from (_roster_row(row, result) for row, result in list_roster_results(job))


def refused_columns(job: JobStatus) -> tuple[str, ...]:
    """The columns of a file of refused rows: those of the job's own file, and why."""
    return (*ENROLLMENT_COLUMNS, "error")


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
        ERROR: _("refused"),
    }


def _standing(state: Mapping[str, Any]) -> str:
    if state.get("enrolled"):
        return f"{_('enrolled')} ({state.get('mode')})"
    if state.get("allowed"):
        return _("invited, enrolled at sign-up") if state.get("auto_enroll") else _("invited")
    return _("not enrolled")


def list_counts(job: JobStatus) -> list[Count]:
    """How many rows ended how, in the order of the words."""
    words = _outcomes()
    order = [*words, *(word for word in job.counts if word not in words)]
    return [Count(job.counts[word], word, words.get(word, word)) for word in order if job.counts.get(word)]


def refused_count(job: JobStatus) -> int:
    """How many rows were not carried out, or would not be."""
    return job.counts.get(ERROR, 0)


def has_changes(job: JobStatus) -> bool:
    """True if carrying out a check would change anything."""
    return any(n for word, n in job.counts.items() if word not in {"unchanged", ERROR})
