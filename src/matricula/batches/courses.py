"""Course enrollments as a batch: by identifiers, a list or a file (enrollment-api: Enrolling)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from django.utils.translation import gettext as _
from msgspec import Struct, convert
from msgspec.structs import replace

from matricula.batches.column_names import USUAL_NAMES
from matricula.batches.looking import Looked, in_own_mode, one_person, people_of_keys
from matricula.batches.values import (
    DUPLICATED,
    ERROR,
    STALE,
    Bulk,
    Described,
    Effect,
    FileRow,
    Named,
    Options,
    Parsed,
    Previewed,
    Rejected,
    RowRejected,
    boolean_cell,
    by_language,
    duplicated_text,
    stale_text,
    turn,
)
from matricula.catalog.reads import CourseRun, get_courses
from matricula.enrollments import statuses
from matricula.enrollments.course import rules
from matricula.enrollments.course.bulk import CourseCase, decide_case, resolve, write_slice
from matricula.enrollments.course.outcomes import error_text, outcome_word
from matricula.enrollments.course.recipients import only_address
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import (
    EnrollmentOutcome,
    EnrollmentRequest,
    preview_course_enrollments,
    state,
    write_course_enrollments,
)
from matricula.enrollments.program.outcomes import rejection_words
from matricula.enrollments.statuses import Action
from matricula.enrollments.store.values import Person, Standing
from matricula.enrollments.store.work import standing_text
from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import reason_problem
from matricula.jobs.reads import JobStatus
from matricula.journal.writes import Operation
from matricula.tabular.headers import plain_name
from matricula.tabular.reading import TableFile, read_table

COLUMNS = ("identifier", "email", "mode", "auto_enroll", "reason", "action")
_STUDENT_KEY_NAMES = frozenset(("studentkey", *USUAL_NAMES["student_key"]))
# in a file of people, student keys are identifiers, too
_NAMES = {**USUAL_NAMES, "identifier": (*USUAL_NAMES["identifier"], *_STUDENT_KEY_NAMES)}
# the word for someone who stays enrolled, in another mode
MODE_CHANGED = "mode_changed"
UNCHANGED = "unchanged"


class CourseOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked for all, where a row doesn't say otherwise."""

    action: str = statuses.ENROLL
    mode: str | None = None
    auto_enroll: bool = False
    email_student: bool = False


class CourseRow(Struct, frozen=True, array_like=True, gc=False):
    """What is asked for one identifier; None: as the options say. ``number`` is the row's in its file."""

    identifier: str
    number: int | None = None
    action: str | None = None
    mode: str | None = None
    auto_enroll: bool | None = None
    reason: str | None = None
    # as a plan saw the person; it is applied only to someone who is still so
    expected: str | None = None
    account_id: int | None = None


class CourseState(Struct, frozen=True, omit_defaults=True):
    """Return the state of one person in the course run (enrollment-api: Results)."""

    enrolled: bool
    allowed: bool
    mode: str | None = None
    auto_enroll: bool | None = None


class CourseOutcome(Struct, frozen=True, array_like=True, gc=False):
    """What became of an identifier, or would; ``error`` says what it turned out to be where nothing was done.

    Of a plan: ``standing``, what is expected when it is applied; ``first``, the row that names the person already.
    """

    word: str
    before: CourseState
    after: CourseState
    error: Person | None = None
    standing: str | None = None
    first: int | None = None


def course_of(job: JobStatus) -> CourseRun:
    """The course run of a job."""
    assert job.course_id is not None  # noqa: S101  no job of these kinds is without one
    return get_courses([job.course_id])[job.course_id]


def columns(_options: CourseOptions) -> tuple[str, ...]:
    """Of a file of these."""
    return COLUMNS


def parse(file: TableFile, course: CourseRun, options: CourseOptions) -> Parsed[CourseOptions, CourseRow]:
    """Read a CSV file (institution-and-commands: Commands). Errors: ``TabularError``."""
    table = read_table(file, (), COLUMNS, any_of=[COLUMNS[:2]], usual=_NAMES)

    by_key = plain_name(table.understood.get("identifier", "")) in _STUDENT_KEY_NAMES

    in_lost_mode: set[int] = set()

    def look(rows: Sequence[FileRow]) -> Looked:
        if by_key:
            return _looked_up(course, rows)
        if options.mode:
            return one_person(rows, 0, 1)
        own = in_own_mode(rows, course, COLUMNS.index("mode"), _named)
        in_lost_mode.update(own.invited)
        return {**own.enrolled, **one_person(rows, 0, 1)}

    def row(number: int, cells: tuple[str, ...]) -> CourseRow:
        kept = (cells[COLUMNS.index("mode")],) if number in in_lost_mode else ()
        return _file_row(number, cells, (*course.modes, *kept))

    return Parsed(table, row, options, _named, look)


def _looked_up(course: CourseRun, rows: Sequence[FileRow]) -> Looked:
    """The rows of a file whose identifiers are student keys, with usernames. An address beside a key goes first."""
    people = people_of_keys(course, [cells[0] for _, cells in rows])
    found: dict[int, tuple[str, ...] | RowRejected] = {}
    for number, cells in rows:
        known = people.get(fold(cells[0]))
        if isinstance(known, str):
            found[number] = (known, *cells[1:])
        elif cells[1]:
            found[number] = ("", *cells[1:])
        elif known is not None:
            found[number] = known
    named = [(number, cells) for number, cells in found.items() if not isinstance(cells, RowRejected)]
    return {**found, **one_person(named, 0, 1, rows)}


def _named(cells: tuple[str, ...]) -> str:
    return only_address(cells[0] or cells[1])


def _file_row(number: int, cells: tuple[str, ...], modes: tuple[str, ...]) -> CourseRow:
    _identifier, _email, mode, auto_enroll, reason, action = cells
    if reason and (problem := reason_problem(reason)):
        raise RowRejected(translated(problem))
    asked = _asked(action, mode, auto_enroll, modes)
    return CourseRow(_named(cells), number, *asked, reason or None)


@lru_cache
def _asked(
    action: str, mode: str, auto_enroll: str, modes: tuple[str, ...]
) -> tuple[str | None, str | None, bool | None]:
    return *checked_ask(action, mode, modes), boolean_cell("auto_enroll", auto_enroll)


def checked_ask(action: str, mode: str, modes: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Action and mode; '' and None: as for all. Errors: ``RowRejected``."""
    action = action.lower()
    if action not in {"", statuses.ENROLL, statuses.UNENROLL}:
        raise RowRejected(_("The action must be enroll or unenroll."))
    # to leave, any mode will do: also one that the course run no longer has
    if mode and mode not in modes and action != statuses.UNENROLL:
        raise RowRejected(_("This course run doesn't have this mode. It has: %(modes)s.") % {"modes": ", ".join(modes)})
    return action or None, mode or None


def write_each(
    operation: Operation, course: CourseRun, options: CourseOptions, rows: Sequence[CourseRow]
) -> list[CourseOutcome]:
    """As requests of one learner do: everyone gets an entry in the journal, and the mail, also if nothing changed."""
    outcomes = write_course_enrollments(operation, course, _requests(rows, options))
    return [course_outcome(outcome) for outcome in outcomes]


def write_changes(
    operation: Operation, course: CourseRun, options: CourseOptions, rows: Sequence[CourseRow]
) -> list[CourseOutcome]:
    """As files do: rows where nothing changes are only counted, and a later row about a person says nothing else."""
    outcomes = write_course_enrollments(operation, course, _requests(rows, options), journal_unchanged=False, once=True)
    return [
        course_outcome(outcome) if outcome.repeats is None else _repeating(outcome, rows[outcome.repeats].number)
        for outcome in outcomes
    ]


def _repeating(outcome: EnrollmentOutcome, first: int | None) -> CourseOutcome:
    state = _state(outcome.before)
    return CourseOutcome(DUPLICATED, state, state, first=first)


def change_roster(
    operation: Operation, course: CourseRun, options: CourseOptions, rows: Sequence[CourseRow]
) -> list[CourseOutcome]:
    """As ``write_changes``; who gets another mode is counted apart."""
    outcomes = write_course_enrollments(operation, course, _requests(rows, options), journal_unchanged=False)
    return [_roster_outcome(outcome) for outcome in outcomes]


def preview_roster(
    course: CourseRun, options: CourseOptions, rows: Sequence[CourseRow], named: Named
) -> list[Previewed[CourseOutcome]]:
    """What ``change_roster`` would do now; who is named again is rejected."""
    outcomes = preview_course_enrollments(course, _requests(rows, options))
    return [_previewed(row, outcome, named) for row, outcome in zip(rows, outcomes, strict=True)]


def _previewed(row: CourseRow, outcome: EnrollmentOutcome, named: Named) -> Previewed[CourseOutcome]:
    if outcome.error:
        return Previewed(_planned(outcome))
    person: Hashable = outcome.account_id or fold(row.identifier)
    if person in named:
        return Previewed(_repeating(outcome, named[person]), outcome.account_id)
    named[person] = row.number
    return Previewed(_planned(outcome), outcome.account_id)


def _planned(outcome: EnrollmentOutcome) -> CourseOutcome:
    """An outcome of a plan: with what is expected when it is applied."""
    if outcome.error:
        # in the words of the person that it turned out not to be
        return replace(course_outcome(outcome), word=outcome.error.name.lower())
    return replace(_roster_outcome(outcome), standing=standing_text(outcome.before, outcome.person))


def effect(outcome: CourseOutcome) -> Effect:
    """What a planned row would do to the roster; who is only invited joins or leaves it, too."""
    if outcome.error or outcome.word == DUPLICATED:
        return Effect.REJECTED
    if outcome.word == UNCHANGED:
        return Effect.UNCHANGED
    before, after = outcome.before, outcome.after
    return turn(before.enrolled, after.enrolled) or turn(before.allowed, after.allowed) or Effect.CHANGE


def _requests(rows: Sequence[CourseRow], options: CourseOptions) -> list[EnrollmentRequest]:
    email, reason = options.email_student, options.reason
    # many rows ask for the same
    requested = cache(partial(_requested, options))
    return [
        EnrollmentRequest(
            row.identifier,
            requested(row.action, row.mode, row.auto_enroll),
            email,
            row.reason or reason,
            row.expected,
            row.account_id,
        )
        for row in rows
    ]


def _requested(options: CourseOptions, action: str | None, mode: str | None, auto_enroll: bool | None) -> Requested:
    automatic = options.auto_enroll if auto_enroll is None else auto_enroll
    return Requested(Action(action or options.action), mode or options.mode, automatic)


def course_outcome(outcome: EnrollmentOutcome) -> CourseOutcome:
    """An outcome as it is stored and shown."""
    if outcome.is_stale:
        state = _state(outcome.before)
        return CourseOutcome(STALE, state, state)
    return CourseOutcome(outcome_word(outcome), _state(outcome.before), _state(outcome.after), outcome.error)


def _roster_outcome(outcome: EnrollmentOutcome) -> CourseOutcome:
    if outcome.changed and outcome.before.enrolled and outcome.after.enrolled:
        return CourseOutcome(MODE_CHANGED, _state(outcome.before), _state(outcome.after))
    return course_outcome(outcome)


def _bulk(
    outcome_of: Callable[[EnrollmentOutcome], CourseOutcome], *, journal_unchanged: bool
) -> Bulk[CourseRun, CourseOptions, CourseRow, CourseOutcome]:
    def decide(
        number: int, standing: str, row: CourseRow, course: CourseRun, options: CourseOptions, is_check: bool
    ) -> tuple[CourseCase, CourseOutcome]:
        requested = _requested(options, row.action, row.mode, row.auto_enroll)
        is_stale = row.expected not in {None, standing}
        case, outcome = decide_case(
            number, standing, requested, course, journal_unchanged=journal_unchanged, is_stale=is_stale
        )
        return case, _planned(outcome) if is_check else outcome_of(outcome)

    # whom a mail goes to is looked at one by one; a plan sends none
    return Bulk(lambda options, is_check: is_check or not options.email_student, resolve, decide, write_slice)


@cache
def _state(standing: Standing) -> CourseState:
    return CourseState(**state(standing))


BULK_EACH = _bulk(course_outcome, journal_unchanged=True)
BULK_CHANGES = _bulk(course_outcome, journal_unchanged=False)
BULK_ROSTER = _bulk(_roster_outcome, journal_unchanged=False)


def describe(row: CourseRow, outcome: CourseOutcome, _is_check: bool) -> Described:
    """A row in words."""
    return Described(
        row.number,
        row.identifier,
        outcome.word,
        words().get(outcome.word, outcome.word),
        _standing(outcome.before),
        _standing(outcome.after),
        _rejection(row, outcome),
        (row.identifier, None, row.mode, row.auto_enroll, row.reason, row.action),
    )


def _rejection(row: CourseRow, outcome: CourseOutcome) -> str:
    if outcome.error:
        return error_text(outcome.error, row.identifier)
    if outcome.word == DUPLICATED:
        return duplicated_text(outcome.first)
    return stale_text() if outcome.word == STALE else ""


@by_language
def words() -> Mapping[str, str]:
    """The words under which rows are counted, in order."""
    return {
        "enrolled": _("enrolled"),
        "allowed": _("invited"),
        "unenrolled": _("unenrolled"),
        MODE_CHANGED: _("in another mode"),
        UNCHANGED: _("unchanged"),
        ERROR: _("rejected"),
        DUPLICATED: _("rejected: named twice"),
        STALE: rejection_words(STALE),
        Person.UNKNOWN_USERNAME.name.lower(): _("rejected: unknown username"),
        Person.BAD_ADDRESS.name.lower(): _("rejected: invalid email address"),
        Person.TOO_LONG.name.lower(): _("rejected: too long"),
        Person.INVISIBLE.name.lower(): _("rejected: invisible character"),
        Person.TWO_ACCOUNTS.name.lower(): _("rejected: matches two accounts"),
    }


REJECTED = frozenset({ERROR, DUPLICATED, STALE, *(person.name.lower() for person in rules.REJECTED)})


def _standing(state: CourseState) -> str:
    if state.enrolled:
        return f"{_('enrolled')} ({state.mode})"
    if state.allowed:
        return _("invited, enrolled at sign-up") if state.auto_enroll else _("invited")
    return _("not enrolled")


def unversioned_task(
    rows: list[Any], results: list[Any]
) -> tuple[list[CourseRow | Rejected], list[CourseOutcome | None]]:
    """Before version 1: identifiers; [identifier, before, after, the name of the error]."""
    return [CourseRow(identifier) for identifier in rows], [
        _unversioned_outcome(_word(before, after, error), before, after, error)
        for _identifier, before, after, error in results
    ]


def unversioned_roster(
    rows: list[Any], results: list[Any]
) -> tuple[list[CourseRow | Rejected], list[CourseOutcome | None]]:
    """Before version 1: a row that was rejected had the reason and its cells at its end, the error its name."""
    given: list[CourseRow | Rejected] = []
    for *fields, refused, cells in rows:
        given.append(Rejected(fields[1], tuple(cells), refused) if refused else CourseRow(*fields))
    return given, [_unversioned_outcome(*result) if result[1] else None for result in results]


def _word(before: Mapping[str, Any], after: Mapping[str, Any], error: str | None) -> str:
    if error or before == after:
        return ERROR if error else "unchanged"
    return "enrolled" if after["enrolled"] else "allowed" if after["allowed"] else "unenrolled"


def _unversioned_outcome(
    word: str, before: Mapping[str, Any], after: Mapping[str, Any], error: str | None
) -> CourseOutcome:
    return CourseOutcome(
        word, convert(before, CourseState), convert(after, CourseState), Person[error] if error else None
    )
