"""Accounts, and the student keys linked to them, as batches (institution-and-commands: Commands)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.batches.column_names import USUAL_NAMES
from matricula.batches.looking import KeyLook
from matricula.batches.values import ERROR, Options, Parsed, RowOutcome, RowRejected, boolean_cell, duplicated_text
from matricula.enrollments.course.rules import looks_like_address
from matricula.foundation.environment import LANGUAGES
from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import TextProblem, invisible_problem, key_problem
from matricula.identity.accounts import save_accounts
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import JobStatus
from matricula.journal.writes import Operation
from matricula.learners.reads import Learner, find_confirmed, find_identities
from matricula.learners.usernames import username_problem
from matricula.learners.writes import EMAIL_TAKEN, AccountRequest
from matricula.tabular.office import OfficeFile
from matricula.tabular.problems import TabularError
from matricula.tabular.reading import TableFile, read_table

USER_COLUMNS = ("username", "email", "first_name", "last_name", "is_active", "language", "password")
STUDENT_KEY_COLUMNS = ("student_key", "username", "email")


# the word for a row whose address another account has; that account may get another one by a later row
TAKEN = "email-taken"


class StudentKeyOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """Whose keys they are."""

    organization_id: int


class StudentKeyRow(Struct, frozen=True, gc=False):
    """A student key, and the account that it shall be linked to: neither name unlinks it."""

    student_key: str
    username: str
    email: str


def parse_users(file: TableFile, _about: None, options: Options) -> Parsed[Options, AccountRequest]:
    """A CSV file. Errors: ``TabularError``."""
    table = read_table(file, USER_COLUMNS[:2], USER_COLUMNS[2:], as_written=USER_COLUMNS[:1], usual=USUAL_NAMES)
    return Parsed(table, _account_request, options)


def names_of_user(cells: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Whom a row names, by username and by address."""
    return ("username", fold(cells[0])), ("email", fold(cells[1]))


def _account_request(_number: int, cells: tuple[str, ...]) -> AccountRequest:
    username, email, first_name, last_name, is_active, language, password = cells
    if username_problem(username):
        raise RowRejected(_("Usernames have at most 255 characters, without spaces or commas."))
    if problem := invisible_problem(email):
        raise RowRejected(translated(problem))
    if not looks_like_address(email) or len(email) > 255:
        raise RowRejected(_("This email address isn't valid. Correct it and try again."))
    if language and language not in LANGUAGES:
        raise RowRejected(_("The language must be one of: %(known)s.") % {"known": ", ".join(LANGUAGES)})
    return AccountRequest(
        username,
        email,
        first_name or None,
        last_name or None,
        boolean_cell("is_active", is_active),
        language=language or None,
        password=password or None,
    )


def write_users(
    operation: Operation, _about: None, _options: Options, rows: Sequence[AccountRequest]
) -> list[RowOutcome]:
    """Creates or updates accounts, and enrolls those who become active where they were invited."""
    taken = _("This email address belongs to another account. Use a different one.")
    return [
        RowOutcome(ERROR, translated(outcome.problem))
        if outcome.problem
        else RowOutcome(TAKEN, taken)
        if outcome.word == EMAIL_TAKEN
        else RowOutcome(outcome.word)
        for outcome in save_accounts(operation, rows)
    ]


def organization_of(job: JobStatus) -> int:
    """The organization of an import of student keys."""
    return int(job.options["organization_id"])


def parse_student_keys(
    file: TableFile, organization_id: int, options: StudentKeyOptions
) -> Parsed[StudentKeyOptions, StudentKeyRow]:
    """A CSV file. Errors: ``TabularError``."""
    table = read_table(file, STUDENT_KEY_COLUMNS[:1], STUDENT_KEY_COLUMNS[1:], usual=USUAL_NAMES)
    if not {"username", "email"} & set(table.columns):
        # a row may leave both empty, but a file without either would unlink every key in it
        raise TabularError(TextProblem("A column is missing: add username or email."))
    look = KeyLook(organization_id, STUDENT_KEY_COLUMNS[0], 0, by_person=isinstance(file, OfficeFile))
    return Parsed(table, _student_key_row, options, look=look)


def names_of_student_key(cells: tuple[str, ...]) -> list[tuple[str, str]]:
    """What a row names: the key, and the account by username or address."""
    return [(name, fold(cell)) for name, cell in zip(STUDENT_KEY_COLUMNS, cells, strict=True) if cell]


def _student_key_row(_number: int, cells: tuple[str, ...]) -> StudentKeyRow:
    if problem := key_problem(cells[0]):
        raise RowRejected(translated(problem))
    return StudentKeyRow(*cells)


def write_student_keys(
    operation: Operation, organization_id: int, _options: StudentKeyOptions, rows: Sequence[StudentKeyRow]
) -> list[RowOutcome]:
    """Links the keys, or unlinks them; an account that two rows name in two ways gets the key of the first."""
    people = find_confirmed(list({fold(name) for row in rows for name in (row.username, row.email) if name}))
    found = _once([_account_of(row, people) for row in rows])
    links = [
        (row.student_key, account)
        for row, account in zip(rows, found, strict=True)
        if not isinstance(account, RowOutcome)
    ]
    held = find_identities(organization_id, {fold(key) for key, _account in links})
    link_student_keys(operation, organization_id, links)
    return [
        account if isinstance(account, RowOutcome) else _linked(account, held.get(fold(row.student_key)))
        for row, account in zip(rows, found, strict=True)
    ]


def _once(found: Sequence[int | RowOutcome | None]) -> list[int | RowOutcome | None]:
    """The accounts of rows, each once."""
    again = RowOutcome(ERROR, duplicated_text(None))
    seen: set[int] = set()
    once: list[int | RowOutcome | None] = []
    for account in found:
        is_again = isinstance(account, int) and account in seen
        once.append(again if is_again else account)
        if isinstance(account, int):
            seen.add(account)
    return once


def _linked(account_id: int | None, held: int | None) -> RowOutcome:
    return RowOutcome("unchanged" if held == account_id else "linked" if account_id else "unlinked")


def _account_of(row: StudentKeyRow, people: Mapping[str, Sequence[Learner]]) -> int | RowOutcome | None:
    """The account that a row names, None if it names none, or why it is rejected."""
    username, email = row.username, row.email
    named = {p.id for p in people.get(fold(username), ()) if username and p.is_username}
    reached = {p.id for p in people.get(fold(email), ()) if email and p.is_address}
    if username and not named:
        return RowOutcome(ERROR, _("There is no account with this username."))
    if email and not reached:
        return RowOutcome(ERROR, _("There is no account with this email address."))
    if username and email and named != reached:
        return RowOutcome(
            ERROR, _("This username and this email address belong to different accounts. Correct one of them.")
        )
    return next(iter(named | reached), None)
