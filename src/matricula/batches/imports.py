"""CSV files of enrollments, accounts and student keys, read, checked and written chunk by chunk.

See institution-and-commands: Commands.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from matricula.catalog.reads import CourseRun
from matricula.enrollments import statuses
from matricula.enrollments.course.outcomes import error_text, outcome_word
from matricula.enrollments.course.recipients import only_address
from matricula.enrollments.course.rules import Wish, looks_like_address
from matricula.enrollments.course.writes import EnrollmentRequest, write_course_enrollments
from matricula.foundation.environment import LANGUAGES
from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import invisible_fault, key_fault, lines_fault
from matricula.identity.accounts import save_accounts
from matricula.identity.linking import link_student_keys
from matricula.jobs.imports import (
    ERROR,
    ImportDoor,
    Reject,
    Rejected,
    Row,
    RowRefused,
    boolean_cell,
    import_rows,
    parsed_rows,
)
from matricula.journal.writes import Operation
from matricula.learners.reads import Learner, find_confirmed, find_identities
from matricula.learners.usernames import username_fault
from matricula.learners.writes import EMAIL_TAKEN, AccountRequest
from matricula.tabular.reading import TabularError, read_table

ENROLLMENT_COLUMNS = ("identifier", "email", "mode", "auto_enroll", "reason", "action")
STUDENT_KEY_COLUMNS = ("student_key", "username", "email")
USER_COLUMNS = ("username", "email", "first_name", "last_name", "is_active", "language", "password")


def import_enrollments(file: Path, course: CourseRun, door: ImportDoor) -> Counter[str]:
    """Enrolls or unenrolls as the rows say, in committed chunks; counts by outcome.

    The whole file is read once before anything is written. Rows where nothing changes leave no audit row: they are
    counted. Errors: ``TabularError`` with the row, nothing written.
    """

    def rows(stream: BinaryIO) -> Iterator[Row]:
        return read_table(stream, (), ENROLLMENT_COLUMNS, any_of=[("identifier", "email")]).rows

    def write(operation: Operation, chunk: Sequence[Row], reject: Reject) -> Counter[str]:
        requests, counts = parsed_rows(chunk, lambda cells: enrollment_request(cells, course), reject)
        outcomes = write_course_enrollments(operation, course, [r for _row, r in requests], journal_unchanged=False)
        counts.update(map(outcome_word, outcomes))
        for (row, _request), outcome in zip(requests, outcomes, strict=True):
            if outcome.error:
                reject(Rejected(*row, error_text(outcome.error, outcome.identifier)))
        return counts

    return import_rows(file, "import_enrollments", rows, write, door, course_id=course.id)


def import_users(file: Path, door: ImportDoor) -> Counter[str]:
    """Creates or updates accounts as the rows say, and enrolls those who become active where they were invited."""

    def rows(stream: BinaryIO) -> Iterator[Row]:
        return read_table(stream, USER_COLUMNS[:2], USER_COLUMNS[2:], as_written=USER_COLUMNS[:1]).rows

    def write(operation: Operation, chunk: Sequence[Row], reject: Reject) -> Counter[str]:
        requests, counts = parsed_rows(chunk, _account_request, reject)
        wanted = [request for _row, request in requests]
        for (row, _request), outcome in zip(requests, save_accounts(operation, wanted), strict=True):
            if outcome.fault:
                counts[ERROR] += 1
                reject(Rejected(*row, translated(outcome.fault)))
            elif outcome.word == EMAIL_TAKEN:
                counts[ERROR] += 1
                reject(Rejected(*row, _("This email address belongs to another account. Use a different one.")))
            else:
                counts[outcome.word] += 1
        return counts

    return import_rows(file, "import_users", rows, write, door)


def import_student_keys(file: Path, organization_id: int, door: ImportDoor) -> Counter[str]:
    """Links student keys of an organization to the accounts that the rows name; a row that names none unlinks its key.

    Of several rows for one key or account the last one wins. Counts ``linked``, ``unlinked``, ``unchanged``.
    """

    def rows(stream: BinaryIO) -> Iterator[Row]:
        table = read_table(stream, STUDENT_KEY_COLUMNS[:1], STUDENT_KEY_COLUMNS[1:])
        if not {"username", "email"} & set(table.columns):
            # a row may leave both empty, but a file without either would unlink every key in it
            raise TabularError("A column is missing: add username or email.")
        return table.rows

    def write(operation: Operation, chunk: Sequence[Row], reject: Reject) -> Counter[str]:
        people = find_confirmed(list({fold(name) for _row, cells in chunk for name in cells[1:] if name}))
        requests, counts = parsed_rows(chunk, lambda cells: _link(cells, people), reject)
        links = [link for _row, link in requests]
        held = find_identities(organization_id, {fold(key) for key, _ in links})
        link_student_keys(operation, organization_id, links)
        for key, account_id in links:
            unchanged = held.get(fold(key)) == account_id
            counts["unchanged" if unchanged else "linked" if account_id else "unlinked"] += 1
        return counts

    options = {"organization_id": organization_id}
    return import_rows(file, "import_student_keys", rows, write, door, options=options)


def _link(cells: tuple[str, ...], people: Mapping[str, Sequence[Learner]]) -> tuple[str, int | None]:
    key, username, email = cells
    if fault := key_fault(key):
        raise RowRefused(translated(fault))
    named = {p.id for p in people.get(fold(username), ()) if username and fold(p.username) == fold(username)}
    reached = {p.id for p in people.get(fold(email), ()) if email and p.email_key == fold(email)}
    if username and not named:
        raise RowRefused(_("There is no account with this username."))
    if email and not reached:
        raise RowRefused(_("There is no account with this email address."))
    if username and email and named != reached:
        raise RowRefused(_("This username and this email address belong to different accounts. Correct one of them."))
    return key, next(iter(named | reached), None)


def enrollment_request(cells: tuple[str, ...], course: CourseRun) -> EnrollmentRequest:
    """What a row of ``ENROLLMENT_COLUMNS`` asks for. Errors: ``RowRefused``."""
    identifier, email, mode, auto_enroll, reason, action = cells
    if fault := lines_fault(reason):
        raise RowRefused(translated(fault))
    wish = _wish(mode, auto_enroll, action, course.modes)
    return EnrollmentRequest(only_address(identifier or email), wish, reason=reason or None)


@lru_cache
def _wish(mode: str, auto_enroll: str, action: str, modes: tuple[str, ...]) -> Wish:
    if mode and mode not in modes:
        raise RowRefused(_("This course run doesn't have this mode. It has: %(modes)s.") % {"modes": ", ".join(modes)})
    action = action.lower() or statuses.ENROLL
    if action not in {statuses.ENROLL, statuses.UNENROLL}:
        raise RowRefused(_("The action must be enroll or unenroll."))
    return Wish(action, mode or None, bool(boolean_cell("auto_enroll", auto_enroll)))


def _account_request(cells: tuple[str, ...]) -> AccountRequest:
    username, email, first_name, last_name, is_active, language, password = cells
    if username_fault(username):
        raise RowRefused(_("Usernames have at most 255 characters, without spaces or commas."))
    if fault := invisible_fault(email):
        raise RowRefused(translated(fault))
    if not looks_like_address(email) or len(email) > 255:
        raise RowRefused(_("This email address isn't valid. Correct it and try again."))
    if language and language not in LANGUAGES:
        raise RowRefused(_("The language must be one of: %(known)s.") % {"known": ", ".join(LANGUAGES)})
    return AccountRequest(
        username,
        email,
        first_name or None,
        last_name or None,
        boolean_cell("is_active", is_active),
        language=language or None,
        password=password or None,
    )
