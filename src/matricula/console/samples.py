"""Files to begin with: the columns of an upload, and rows of people who don't exist."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from matricula.batches.courses import COLUMNS
from matricula.batches.programs import COURSE_COLUMNS, COURSE_STAFF, PROGRAM_COLUMNS
from matricula.catalog.reads import CourseRun, ProgramRun
from matricula.enrollments.statuses import ACTIVE, ENROLL, ENROLLED, INACTIVE, PENDING
from matricula.foundation.files import content_type
from matricula.tabular.exports import export_rows
from matricula.tabular.forms import Form, file_stem, in_form

# zeros in front, which a spreadsheet must not take off
_KEYS = ("000-sample-1", "000-sample-2", "000-sample-3")
_PEOPLE = ("emma.smith@example.org", "diego.garcia@example.org", "mei.chen@example.org")
_COURSE = "course-v1:Example+CS101+2027_T1"


def answer_students(program: str, form: Form) -> HttpResponse:
    """Students of a program."""
    rows = zip(_KEYS, (ENROLLED, ENROLLED, PENDING), strict=True)
    return _answer(program, "sample-students", PROGRAM_COLUMNS, rows, form)


def answer_course_students(program: str, runs: Sequence[ProgramRun], form: Form, *, staff: bool) -> HttpResponse:
    """The same students in course runs of the program; ``staff``: with the column for staff."""
    keys = [run.external_key or run.key for run in runs] or [_COURSE]
    rows = [(keys[n % len(keys)], key, INACTIVE if n == 2 else ACTIVE, "False") for n, key in enumerate(_KEYS)]
    columns = (*COURSE_COLUMNS, COURSE_STAFF)
    width = len(columns) if staff else len(COURSE_COLUMNS)
    return _answer(program, "sample-courses", columns[:width], (row[:width] for row in rows), form)


def answer_people(course: CourseRun, form: Form) -> HttpResponse:
    """People for a course run, by address."""
    modes = (course.default_mode, course.default_mode, course.modes[-1])
    rows = ((email, mode, "True", "", ENROLL) for email, mode in zip(_PEOPLE, modes, strict=True))
    return _answer(course.key, "sample-people", COLUMNS[1:], rows, form)


def _answer(
    about: str, content: str, columns: Sequence[str], rows: Iterable[Sequence[object]], form: Form
) -> HttpResponse:
    export = in_form(export_rows(columns, rows), form)
    name = file_stem(about, content) + form.suffix
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(b"".join(export.take_blocks()), content_type=content_type(name), headers=headers)
