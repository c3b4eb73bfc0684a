"""Grades as a batch (institution-and-commands: Commands)."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.batches.column_names import USUAL_NAMES
from matricula.batches.values import ERROR, Options, Parsed, RowOutcome, RowRejected, boolean_cell
from matricula.catalog.reads import course_ids
from matricula.foundation.folding import fold
from matricula.grades.rules import is_whole_grade
from matricula.grades.writes import GradeRequest, save_grades
from matricula.journal.writes import Operation
from matricula.learners.reads import account_ids_by_username
from matricula.tabular.reading import TableFile, read_table

COLUMNS = ("course", "username", "percent", "letter_grade", "passed", "error")
_SHARE = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class GradeRow(Struct, frozen=True, gc=False):
    """A learner's whole grade in a course run."""

    course: str
    username: str
    percent: float | None
    letter_grade: str | None
    passed: bool | None
    error: str | None


def parse(file: TableFile, _about: None, options: Options) -> Parsed[Options, GradeRow]:
    """A CSV file. Errors: ``TabularError``."""
    table = read_table(file, COLUMNS[:2], COLUMNS[2:], usual=USUAL_NAMES)
    return Parsed(table, _grade_row, options)


def names(cells: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Whom a row names: the learner in the course run."""
    return ((cells[0], fold(cells[1])),)


def _grade_row(_number: int, cells: tuple[str, ...]) -> GradeRow:
    course, username, share, letter_grade, passed, error = cells
    # a decimal comma, as spreadsheets write it in many countries; a share has no thousands
    share = share.replace(",", ".")
    if share and not _SHARE.fullmatch(share):
        raise RowRejected(_("percent must be a number from 0 to 1, for example 0.95."))
    percent = float(share) if share else None
    grade = (percent, letter_grade or None, boolean_cell("passed", passed), error or None)
    if not is_whole_grade(*grade):
        raise RowRejected(
            _(
                "Each row needs percent (0 to 1) and passed, or else an error. Texts are one line of "
                "at most 255 characters."
            )
        )
    return GradeRow(course, username, *grade)


def write(operation: Operation, _about: None, _options: Options, rows: Sequence[GradeRow]) -> list[RowOutcome]:
    """Creates or replaces grades."""
    courses = course_ids({row.course for row in rows})
    accounts = account_ids_by_username({fold(row.username) for row in rows})
    no_course = _("There is no course run with this key. Load it with an institution file first.")
    no_account = _("There is no account with this username.")
    rejections = [
        no_course if row.course not in courses else no_account if fold(row.username) not in accounts else ""
        for row in rows
    ]
    words = iter(
        save_grades(
            operation,
            [
                GradeRequest(
                    courses[row.course], accounts[fold(row.username)],
                    row.percent, row.letter_grade, row.passed, row.error,
                )
                for row, rejection in zip(rows, rejections, strict=True)
                if not rejection
            ],
        )
    )  # fmt: skip
    return [RowOutcome(ERROR, rejection) if rejection else RowOutcome(next(words)) for rejection in rejections]
