"""CSV files of grades, read, checked and written chunk by chunk (institution-and-commands: Commands)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from matricula.catalog.reads import course_ids
from matricula.foundation.folding import fold
from matricula.grades.rules import is_whole_grade
from matricula.grades.writes import GradeRequest, save_grades
from matricula.jobs.imports import ImportDoor, Reject, Row, RowRefused, boolean_cell, import_rows, parsed_rows
from matricula.journal.writes import Operation
from matricula.learners.reads import account_ids_by_username
from matricula.tabular.reading import read_table

GRADE_COLUMNS = ("course", "username", "percent", "letter_grade", "passed", "error")
_SHARE = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def import_grades(file: Path, door: ImportDoor) -> Counter[str]:
    """Creates or replaces grades as the rows say, in committed chunks; counts by ``created``, ``updated`` and so on.

    Of several rows for one learner in one course run the last one wins. Errors: ``TabularError`` with the row, nothing
    written.
    """

    def rows(stream: BinaryIO) -> Iterator[Row]:
        return read_table(stream, GRADE_COLUMNS[:2], GRADE_COLUMNS[2:]).rows

    def write(_operation: Operation, chunk: Sequence[Row], reject: Reject) -> Counter[str]:
        courses = course_ids({cells[0] for _row, cells in chunk})
        accounts = account_ids_by_username({fold(cells[1]) for _row, cells in chunk})
        requests, counts = parsed_rows(chunk, lambda cells: _grade_request(cells, courses, accounts), reject)
        counts.update(save_grades([request for _row, request in requests]))
        return counts

    return import_rows(file, "import_grades", rows, write, door)


def _grade_request(cells: tuple[str, ...], courses: Mapping[str, int], accounts: Mapping[str, int]) -> GradeRequest:
    course, username, share, letter_grade, passed, error = cells
    if course not in courses:
        raise RowRefused(_("There is no course run with this key. Load it with an institution file first."))
    if fold(username) not in accounts:
        raise RowRefused(_("There is no account with this username."))
    if share and not _SHARE.fullmatch(share):
        raise RowRefused(_("percent must be a number from 0 to 1, for example 0.95."))
    percent = float(share) if share else None
    grade = (percent, letter_grade or None, boolean_cell("passed", passed), error or None)
    if not is_whole_grade(*grade):
        raise RowRefused(
            _(
                "Each row needs percent (0 to 1) and passed, or else an error. Texts are one line of "
                "at most 255 characters."
            )
        )
    return GradeRequest(courses[course], accounts[fold(username)], *grade)
