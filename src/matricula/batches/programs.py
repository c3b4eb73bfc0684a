"""Students of a program and of its course runs as a batch, by student key (registrar-api: Uploads)."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.batches.column_names import USUAL_NAMES
from matricula.batches.looking import KeyLook
from matricula.batches.stored import RowForm, list_asks
from matricula.batches.values import (
    Bulk,
    Described,
    Effect,
    Named,
    Options,
    Parsed,
    Previewed,
    Rejected,
    by_language,
    duplicated_text,
    turn,
)
from matricula.catalog.reads import ProgramFacts, get_program, list_program_runs
from matricula.enrollments import statuses
from matricula.enrollments.program import bulk, course_bulk
from matricula.enrollments.program.broken_rows import write_what_can_be
from matricula.enrollments.program.outcomes import rejection_text, rejection_words, status_words
from matricula.enrollments.program.rules import Verb, result_code
from matricula.enrollments.program.writes import (
    CoursePreview,
    ProgramCourseRequest,
    ProgramRequest,
    preview_program_course_enrollments,
    preview_program_enrollments,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.enrollments.store.students import CourseRow
from matricula.foundation.folding import fold
from matricula.foundation.text import TextProblem, boolean, has_control_characters, invisible_character, trim
from matricula.jobs.reads import JobStatus
from matricula.journal.writes import Operation
from matricula.tabular.headers import plain_name
from matricula.tabular.office import OfficeFile
from matricula.tabular.problems import TabularError
from matricula.tabular.reading import TableFile, read_table

STUDENT_KEY = "student_key"
PROGRAM_COLUMNS = (STUDENT_KEY, "status")
COURSE_COLUMNS = ("course_id", STUDENT_KEY, "status")
COURSE_STAFF = "course_staff"
# the word for rows that would stay as they are
UNCHANGED = "unchanged"
REJECTED = frozenset(statuses.REFUSED)
_NOTHING = "204"
_LONGEST_CELL = 255
# those who are in the program, or in the course run
_PRESENT = statuses.CARRIED_OUT - statuses.LEFT
Found = TypeVar("Found")


class CourseStudentOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """``course_staff``: the column of this name is taken; once the header was read: and it is there."""

    course_staff: bool = False


class StudentRow(Struct, frozen=True, array_like=True, gc=False):
    """A student's status in the program; ``repeated``: the file names the student more than once."""

    student_key: str
    status: str
    repeated: bool = False
    number: int | None = None
    # as a plan saw the student; it is applied only where that is still so
    expected: str | None = None


class CourseStudentRow(Struct, frozen=True, array_like=True, gc=False):
    """A student's status in a course run of the program; ``course_id`` None: it has no such course run."""

    course: str
    student_key: str
    status: str
    repeated: bool = False
    course_id: int | None = None
    course_staff: bool | None = None
    number: int | None = None
    expected: str | None = None


class StudentOutcome(Struct, frozen=True, array_like=True, gc=False):
    """The word under which a row is counted: the new status, a rejection, or of a plan ``unchanged``.

    Only of a plan: the status before, and whether the student was course staff; what is expected when it is applied
    (``standing``); the row that names the student already (``first``).
    """

    word: str
    before: str | None = None
    course_staff: bool | None = None
    standing: str | None = None
    first: int | None = None

    @property
    def is_carried_out(self) -> bool:
        """True if the row was not rejected."""
        return self.word not in REJECTED


def program_of(job: JobStatus) -> ProgramFacts:
    """The program of a job."""
    assert job.program_id is not None  # noqa: S101  no job of these kinds is without one
    return get_program(job.program_id)


def student_columns(_options: Options) -> tuple[str, ...]:
    """Of a file of students of the program."""
    return PROGRAM_COLUMNS


def course_student_columns(options: CourseStudentOptions) -> tuple[str, ...]:
    """Of a file of students of its course runs."""
    return (*COURSE_COLUMNS, COURSE_STAFF) if options.course_staff else COURSE_COLUMNS


def names_courses(file: TableFile) -> bool:
    """True if the header of a file of students has a column of course runs. Errors: ``TabularError``.

    Where the other columns have their own names, this one has, too: *Course* beside them may be anything.
    """
    table = read_table(file, PROGRAM_COLUMNS, COURSE_COLUMNS[:1], usual=USUAL_NAMES)
    named = table.understood.get(COURSE_COLUMNS[0])
    if COURSE_COLUMNS[0] not in table.columns:
        return False
    return named is None or plain_name(named) == plain_name(COURSE_COLUMNS[0]) or len(table.understood) > 1


def parse_students(file: TableFile, program: ProgramFacts, options: Options) -> Parsed[Options, StudentRow]:
    """A CSV file. Errors: ``TabularError``, also of its rows."""
    table = read_table(file, PROGRAM_COLUMNS, max_cell=_LONGEST_CELL, usual=USUAL_NAMES)
    return Parsed(table, _student_row, options, look=_key_look(file, program, PROGRAM_COLUMNS))


def _student_row(number: int, cells: tuple[str, ...]) -> StudentRow:
    student_key, status = _checked(number, PROGRAM_COLUMNS, cells)
    return StudentRow(student_key, status, number=number)


def parse_course_students(
    file: TableFile, program: ProgramFacts, options: CourseStudentOptions
) -> Parsed[CourseStudentOptions, CourseStudentRow]:
    """As ``parse_students``."""
    optional = (COURSE_STAFF,) if options.course_staff else ()
    table = read_table(file, COURSE_COLUMNS, optional, max_cell=_LONGEST_CELL, usual=USUAL_NAMES)
    runs = run_ids(program.id)

    def row(number: int, cells: tuple[str, ...]) -> CourseStudentRow:
        course, student_key, status, *staff = _checked(number, COURSE_COLUMNS, cells)
        is_staff = _boolean(number, staff[0]) if staff else None
        return CourseStudentRow(course, student_key, status, False, runs.get(course), is_staff, number)

    found = CourseStudentOptions(file=options.file, reason=options.reason, course_staff=COURSE_STAFF in table.columns)
    return Parsed(table, row, found, look=_key_look(file, program, COURSE_COLUMNS))


def _key_look(file: TableFile, program: ProgramFacts, columns: Sequence[str]) -> KeyLook:
    place = columns.index(STUDENT_KEY)
    return KeyLook(program.organization_id, STUDENT_KEY, place, by_person=isinstance(file, OfficeFile))


def run_ids(program_id: int) -> dict[str, int]:
    """Own and external key → course run; the own key of one goes before the external key of another."""
    runs = list_program_runs(program_id)
    # what names a course run has no blanks around it, and the program's own key for one may have some
    external = {trim(run.external_key): run.course_id for run in runs if run.external_key is not None}
    return external | {run.key: run.course_id for run in runs}


def _boolean(row: int, cell: str) -> bool | None:
    value = boolean(cell)
    if cell and value is None:
        problem = TextProblem("write true or false, 1 or 0, yes or no, or leave it empty.")
        raise TabularError(problem, row, COURSE_STAFF)
    return value


def _checked(row: int, columns: tuple[str, ...], cells: tuple[str, ...]) -> tuple[str, ...]:
    """The cells of a row, none of which breaks a line."""
    joined = "".join(cells)
    if not (joined.isprintable() and joined.isascii()):
        for name, cell in zip(columns, cells, strict=False):
            if has_control_characters(cell):
                raise TabularError(TextProblem("there is a line break or a control character. Remove it."), row, name)
            if name == STUDENT_KEY and (hidden := invisible_character(cell)):
                problem = TextProblem(
                    "there is the invisible character %(character)s. Delete it.", {"character": hidden}
                )
                raise TabularError(problem, row, name)
    return cells


def write_students(
    operation: Operation, program: ProgramFacts, _options: Options, rows: Sequence[StudentRow]
) -> list[StudentOutcome]:
    """Creates or updates; a row that an internal error breaks is rejected alone."""
    words = write_what_can_be(
        lambda some: write_program_enrollments(operation, program, Verb.CREATE_OR_UPDATE, some), _requests(rows)
    )
    return [StudentOutcome(word) for word in words]


def write_course_students(
    operation: Operation, program: ProgramFacts, _options: Options, rows: Sequence[CourseStudentRow]
) -> list[StudentOutcome]:
    """As ``write_students``."""
    words = write_what_can_be(
        lambda some: write_program_course_enrollments(operation, program, Verb.CREATE_OR_UPDATE, some),
        _course_requests(rows),
    )
    return [StudentOutcome(word) for word in _where_known(rows, words, statuses.COURSE_NOT_FOUND)]


def preview_students(
    program: ProgramFacts, _options: Options, rows: Sequence[StudentRow], named: Named
) -> list[Previewed[StudentOutcome]]:
    """What ``write_students`` would do now; who is named again is rejected."""
    found = preview_program_enrollments(program, Verb.CREATE_OR_UPDATE, _requests(rows))
    return [
        Previewed(_again(named, fold(row.student_key), row.number) or _planned_student(word, held))
        for row, (word, held) in zip(rows, found, strict=True)
    ]


def preview_course_students(
    program: ProgramFacts, _options: Options, rows: Sequence[CourseStudentRow], named: Named
) -> list[Previewed[StudentOutcome]]:
    """What ``write_course_students`` would do now; who is named again for a course run is rejected."""
    found = preview_program_course_enrollments(program, Verb.CREATE_OR_UPDATE, _course_requests(rows))
    known = _where_known(rows, found, _UNKNOWN_COURSE)
    return [
        Previewed(
            _again(named, (row.course_id or row.course, fold(row.student_key)), row.number)
            or _planned_course_student(preview.word, preview.stored, row.course_staff, preview.standing)
        )
        for row, preview in zip(rows, known, strict=True)
    ]


_UNKNOWN_COURSE = CoursePreview(statuses.COURSE_NOT_FOUND, None, "")


def _again(named: Named, who: Hashable, number: int | None) -> StudentOutcome | None:
    if who in named:
        return StudentOutcome(statuses.DUPLICATED, first=named[who])
    named[who] = number
    return None


def _planned_student(word: str, held: str | None) -> StudentOutcome:
    return StudentOutcome(UNCHANGED if word == held else word, held, standing=None if word in REJECTED else held or "")


def _planned_course_student(
    word: str, held: CourseRow | None, course_staff: bool | None, standing: str
) -> StudentOutcome:
    expected = None if word in REJECTED else standing
    if held is None:
        return StudentOutcome(word, standing=expected)
    is_same = word == held.status and course_staff in {None, held.course_staff}
    return StudentOutcome(UNCHANGED if is_same else word, held.status, held.course_staff, expected)


def effect(outcome: StudentOutcome) -> Effect:
    """What a planned row would do to the students of the program, or of the course run."""
    if outcome.word in REJECTED:
        return Effect.REJECTED
    if outcome.word == UNCHANGED:
        return Effect.UNCHANGED
    kept = Effect.CHANGE if outcome.before else Effect.ADD
    return turn(outcome.before in _PRESENT, outcome.word in _PRESENT) or kept


# asks for a million rows are few; of these rows are written as a set
def _resolve_students(job_id: UUID, program: ProgramFacts, size: int, chunk: int) -> None:
    asks = [(text, _STUDENTS.row("", text, None, None)) for text in list_asks()]
    known = [text for text, row in asks if row.status in statuses.PROGRAM_STATUSES]
    bulk.resolve(job_id, program, known, size, chunk)


def _decide_student(
    number: int, standing: str, row: StudentRow, _program: ProgramFacts, _options: Options, is_check: bool
) -> tuple[bulk.StudentCase, StudentOutcome]:
    case, word = bulk.decide_case(number, standing, row.status, repeated=row.repeated, expected=row.expected)
    return case, _planned_student(word, standing or None) if is_check else StudentOutcome(word)


def _resolve_course_students(job_id: UUID, program: ProgramFacts, size: int, chunk: int) -> None:
    # repeated rows are looked at one by one
    rows = [(text, _COURSE_STUDENTS.row("", text, None, None)) for text in list_asks()]
    asks = [
        course_bulk.Ask(
            text, row.course_id, row.course_staff, row.status in statuses.COURSE_STATUSES and not row.repeated
        )
        for text, row in rows
        if row.course_id is not None
    ]
    course_bulk.resolve(job_id, program, asks, size, chunk)


_STUDENTS, _COURSE_STUDENTS = RowForm(StudentRow, STUDENT_KEY), RowForm(CourseStudentRow, STUDENT_KEY)


def _decide_course_student(
    number: int,
    standing: str,
    row: CourseStudentRow,
    _program: ProgramFacts,
    _options: CourseStudentOptions,
    is_check: bool,
) -> tuple[course_bulk.CourseStudentCase, StudentOutcome]:
    assert row.course_id is not None  # noqa: S101  others are looked at one by one
    case, word, held = course_bulk.decide_case(number, standing, row.status, row.course_id, expected=row.expected)
    planned = _planned_course_student(word, held, row.course_staff, standing)
    return case, planned if is_check else StudentOutcome(word)


def _requests(rows: Sequence[StudentRow]) -> list[ProgramRequest]:
    return [ProgramRequest(row.student_key, row.status, row.repeated, row.expected) for row in rows]


def _course_requests(rows: Sequence[CourseStudentRow]) -> list[ProgramCourseRequest]:
    """Of the rows whose course run is known."""
    return [
        ProgramCourseRequest(row.course_id, row.student_key, row.status, row.course_staff, row.repeated, row.expected)
        for row in rows
        if row.course_id is not None
    ]


def _where_known(rows: Sequence[CourseStudentRow], found: Iterable[Found], otherwise: Found) -> list[Found]:
    """For each row what was found, which is there for those whose course run is known."""
    known = iter(found)
    return [otherwise if row.course_id is None else next(known) for row in rows]


def student_cells(_options: Options, row: StudentRow, outcome: StudentOutcome) -> Sequence[Any]:
    """A row of the result file."""
    return row.student_key, outcome.word


def course_student_cells(
    options: CourseStudentOptions, row: CourseStudentRow, outcome: StudentOutcome
) -> Sequence[Any]:
    """A row of the result file."""
    cells = (row.course, row.student_key, outcome.word)
    return (*cells, row.course_staff) if options.course_staff else cells


def of_plan(planned: StudentOutcome, became: StudentOutcome | None) -> StudentOutcome:
    """What the result of an upload says of a row that waited for an approval, in the words that clients know."""
    if became is None:
        # rejected by the rules, or left out by a reviewer
        return planned if planned.word in REJECTED else StudentOutcome(statuses.ILLEGAL_OPERATION)
    return StudentOutcome(statuses.CONFLICT) if became.word == statuses.STALE else became


def code(counts: Mapping[str, int]) -> str:
    """The code of the result file: 200, 207, 422, 204."""
    words = [word for word, count in counts.items() if count]
    return str(result_code(words, statuses.CARRIED_OUT)) if counts else _NOTHING


def course_roles(options: CourseStudentOptions) -> frozenset[str]:
    """The features without which such rows may not be written."""
    return frozenset({FEATURE_COURSE_ROLES}) if options.course_staff else frozenset()


def describe_student(row: StudentRow, outcome: StudentOutcome, is_check: bool) -> Described:
    """A row in words."""
    return _described(row, row.student_key, outcome, None, is_check, (row.student_key, row.status))


def describe_course_student(row: CourseStudentRow, outcome: StudentOutcome, is_check: bool) -> Described:
    """A row in words."""
    who = f"{row.student_key} · {row.course}"
    cells = (row.course, row.student_key, row.status, row.course_staff)
    return _described(row, who, outcome, row.course_staff, is_check, cells)


def _described(
    row: StudentRow | CourseStudentRow,
    who: str,
    outcome: StudentOutcome,
    course_staff: bool | None,
    is_check: bool,
    cells: tuple[Any, ...],
) -> Described:
    status = outcome.before if outcome.word == UNCHANGED else outcome.word
    done = status in statuses.CARRIED_OUT
    after = status_words(status or "") if done else ""
    if course_staff is not None:
        after = f"{after}, {_('course staff') if course_staff else _('not course staff')}"
    words_ = after
    if is_check:
        words_ = _("unchanged") if outcome.word == UNCHANGED else _("changed") if outcome.before else _("added")
    rejection = "" if done else rejection_text(outcome.word)
    if outcome.word == statuses.DUPLICATED and outcome.first is not None:
        rejection = duplicated_text(outcome.first)
    return Described(row.number, who, outcome.word, words_, status_words(outcome.before or ""), after, rejection, cells)


def _always_fits(_options: Options, _is_check: bool) -> bool:
    return True


BULK_STUDENTS = Bulk(_always_fits, _resolve_students, _decide_student, bulk.write_slice)
BULK_COURSE_STUDENTS: Bulk[ProgramFacts, CourseStudentOptions, CourseStudentRow, StudentOutcome] = Bulk(
    _always_fits, _resolve_course_students, _decide_course_student, course_bulk.write_slice
)


@by_language
def words() -> Mapping[str, str]:
    """The words under which rows are counted, in order."""
    done: dict[str, str] = {
        word: status_words(word) for word in (*statuses.PROGRAM_STATUSES, *statuses.COURSE_STATUSES)
    }
    return {**done, UNCHANGED: _("unchanged"), **{word: rejection_words(word) for word in statuses.REFUSED}}


def unversioned_students(
    rows: list[Any], results: list[Any]
) -> tuple[list[StudentRow | Rejected], list[StudentOutcome | None]]:
    """Before version 1: a row's word, or of a check [word, status before]."""
    return [StudentRow(*row) for row in rows], [_unversioned_outcome(result, None) for result in results]


def unversioned_course_students(
    rows: list[Any], results: list[Any]
) -> tuple[list[CourseStudentRow | Rejected], list[StudentOutcome | None]]:
    """As ``unversioned_students``."""
    given = [CourseStudentRow(*row) for row in rows]
    pairs = zip(given, results, strict=False)
    return [*given], [_unversioned_outcome(result, row.course_staff) for row, result in pairs]


def _unversioned_outcome(result: Any, course_staff: bool | None) -> StudentOutcome:
    if isinstance(result, str):
        return StudentOutcome(result)
    word, held = result
    return StudentOutcome(UNCHANGED if word == held and course_staff is None else word, held)
