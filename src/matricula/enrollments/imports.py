"""CSV files of enrollments and of accounts, read, checked and written chunk by chunk (Contract 3)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from matricula.catalog.reads import CourseRun
from matricula.enrollments import statuses
from matricula.enrollments.accounts import save_accounts
from matricula.enrollments.outcomes import ERROR, error_text, outcome_word
from matricula.enrollments.rules import Wish, looks_like_address
from matricula.enrollments.writes import EnrollmentRequest, write_course_enrollments
from matricula.foundation.environment import LANGUAGES
from matricula.foundation.folding import has_control_characters
from matricula.jobs.writes import advance_job, complete_job, fail_job, record_job
from matricula.journal.writes import Operation
from matricula.learners.usernames import username_fault
from matricula.learners.writes import EMAIL_TAKEN, AccountRequest
from matricula.tabular.reading import read_table

ENROLLMENT_COLUMNS = ("identifier", "email", "mode", "auto_enroll", "reason", "action")
USER_COLUMNS = ("username", "email", "first_name", "last_name", "is_active", "language", "password")
CHUNK = 2_000
_BOOLEANS = {"true": True, "1": True, "yes": True, "t": True, "false": False, "0": False, "no": False, "f": False}


class _RowRefused(Exception):
    """The row can't be carried out; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not carried out, as it was, and why."""

    row: int
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ImportDoor:
    """Who imports, and where to tell how far it is and which rows were rejected."""

    actor_id: int | None
    source: str
    progress: Callable[[int], None]
    reject: Callable[[Rejected], None]


_Row = tuple[int, tuple[str, ...]]
_Reject = Callable[[Rejected], None]
Request = TypeVar("Request")


def import_enrollments(file: Path, course: CourseRun, door: ImportDoor) -> Counter[str]:
    """Enrolls or unenrolls as the rows say, in committed chunks; counts by outcome.

    The whole file is read once before anything is written. Rows where nothing changes leave no audit row: they are
    counted. Errors: ``TabularError`` with the row, nothing written.
    """

    def rows(stream: BinaryIO) -> Iterator[_Row]:
        return read_table(stream, (), ENROLLMENT_COLUMNS, any_of=[("identifier", "email")]).rows

    def write(operation: Operation, chunk: Sequence[_Row], reject: _Reject) -> Counter[str]:
        requests, counts = _parsed(chunk, lambda cells: _enrollment_request(cells, course), reject)
        outcomes = write_course_enrollments(operation, course, [r for _row, r in requests], journal_unchanged=False)
        for (row, _request), outcome in zip(requests, outcomes, strict=True):
            counts[outcome_word(outcome)] += 1
            if outcome.error:
                reject(Rejected(*row, error_text(outcome.error)))
        return counts

    return _import(file, "import_enrollments", course.id, rows, write, door)


def import_users(file: Path, door: ImportDoor) -> Counter[str]:
    """Creates or updates accounts as the rows say, and enrolls those who become active where they were invited."""

    def rows(stream: BinaryIO) -> Iterator[_Row]:
        return read_table(stream, USER_COLUMNS[:2], USER_COLUMNS[2:]).rows

    def write(operation: Operation, chunk: Sequence[_Row], reject: _Reject) -> Counter[str]:
        requests, counts = _parsed(chunk, _account_request, reject)
        wanted = [request for _row, request in requests]
        for (row, _request), outcome in zip(requests, save_accounts(operation, wanted), strict=True):
            if outcome.word == EMAIL_TAKEN:
                counts[ERROR] += 1
                reject(Rejected(*row, _("This e-mail address belongs to another account; use another one.")))
            else:
                counts[outcome.word] += 1
        return counts

    return _import(file, "import_users", None, rows, write, door)


def _import(
    file: Path,
    kind: str,
    course_id: int | None,
    rows: Callable[[BinaryIO], Iterator[_Row]],
    write: Callable[[Operation, Sequence[_Row], _Reject], Counter[str]],
    door: ImportDoor,
) -> Counter[str]:
    with file.open("rb") as stream:
        for _row in rows(stream):
            pass
    job_id = record_job(
        kind, actor_id=door.actor_id, source=door.source, course_id=course_id, options={"file": file.name}
    )
    total: Counter[str] = Counter()
    try:
        with file.open("rb") as stream:
            remaining = rows(stream)
            while chunk := list(islice(remaining, CHUNK)):
                rejected: list[Rejected] = []
                with transaction.atomic():
                    counts = write(Operation(job_id, door.actor_id, door.source), chunk, rejected.append)
                    advance_job(job_id, len(chunk), counts)
                total += counts
                for row in sorted(rejected, key=lambda r: r.row):
                    door.reject(row)
                door.progress(stream.tell())
    except BaseException as error:
        fail_job(job_id, f"The import ended early: {type(error).__name__}. Chunks before it stay; import again.")
        raise
    complete_job(job_id)
    return total


def _parsed(
    chunk: Sequence[_Row], parse: Callable[[tuple[str, ...]], Request], reject: _Reject
) -> tuple[list[tuple[_Row, Request]], Counter[str]]:
    requests = []
    counts: Counter[str] = Counter()
    for row in chunk:
        try:
            requests.append((row, parse(row[1])))
        except _RowRefused as refused:
            counts[ERROR] += 1
            reject(Rejected(*row, str(refused)))
    return requests, counts


def _enrollment_request(cells: tuple[str, ...], course: CourseRun) -> EnrollmentRequest:
    identifier, email, mode, auto_enroll, reason, action = cells
    if mode and mode not in course.modes:
        raise _RowRefused(
            _("This course run has no such mode; it has: %(modes)s.") % {"modes": ", ".join(course.modes)}
        )
    action = action.lower() or statuses.ENROLL
    if action not in {statuses.ENROLL, statuses.UNENROLL}:
        raise _RowRefused(_("The action must be enroll or unenroll."))
    if has_control_characters(reason, allowed="\n\r\t"):
        raise _RowRefused(_("This text may not hold control characters."))
    wish = Wish(action, mode or None, bool(_boolean("auto_enroll", auto_enroll)))
    return EnrollmentRequest(identifier or email, wish, reason=reason or None)


def _account_request(cells: tuple[str, ...]) -> AccountRequest:
    username, email, first_name, last_name, is_active, language, password = cells
    if username_fault(username):
        raise _RowRefused(_("A username is at most 255 characters without spaces or commas."))
    if not looks_like_address(email) or len(email) > 255:
        raise _RowRefused(_("This is not a valid e-mail address; correct it and try again."))
    if language and language not in LANGUAGES:
        raise _RowRefused(_("The language must be one of: %(known)s.") % {"known": ", ".join(LANGUAGES)})
    return AccountRequest(
        username,
        email,
        first_name or None,
        last_name or None,
        _boolean("is_active", is_active),
        language=language or None,
        password=password or None,
    )


def _boolean(column: str, cell: str) -> bool | None:
    if not cell:
        return None
    if cell.lower() not in _BOOLEANS:
        raise _RowRefused(_("%(column)s must be true or false.") % {"column": column})
    return _BOOLEANS[cell.lower()]
