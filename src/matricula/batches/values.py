"""What a kind of batch is made of (``kinds.py`` has the kinds), and what every kind says about its rows."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from itertools import islice
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from msgspec import Struct

from matricula.access.permissions import Permission
from matricula.enrollments.program.outcomes import rejection_text
from matricula.enrollments.statuses import Refusal
from matricula.enrollments.store.work import Slice
from matricula.foundation.text import boolean
from matricula.jobs.reads import JobStatus
from matricula.journal.statuses import OperationKind
from matricula.journal.writes import Operation
from matricula.tabular.problems import TabularError
from matricula.tabular.reading import Table, TableFile

# rows in one transaction: few enough that progress is seen to move, enough that the statements cost little
CHUNK = 5_000
# the word under which rows are counted that were rejected whatever is stored
ERROR = "error"
# why a row is rejected: an earlier row names the same; what it changes is no longer as the plan saw it
DUPLICATED, STALE = Refusal.DUPLICATED, Refusal.STALE


class RowRejected(Exception):
    """A row of a file can't be written, whatever is stored; the message says why and what to do."""


class Effect(StrEnum):
    """What a row of a plan would do to the roster (record-api: Plans)."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    UNCHANGED = "unchanged"
    REJECTED = "refused"


def turn(was: bool, is_: bool) -> Effect | None:
    """Return what it is to join or to leave; None for who does neither."""
    return None if was == is_ else Effect.ADD if is_ else Effect.REMOVE


class Rejected(Struct, frozen=True, gc=False):
    """A row that was not written, as it was in its file, and why; ``number`` None where it isn't known.

    ``key``: whom it names, as given; ``word``: the reason in one word.
    """

    number: int | None
    cells: tuple[str, ...]
    reason: str
    key: str = ""
    word: str = "invalid_row"


class Options(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said once for all rows. ``file`` is the name of their file."""

    file: str | None = None
    reason: str | None = None
    # the plan that these rows apply; of an upload: that decides whether they may be written
    plan: str | None = None
    waits_for: str | None = None
    # of a plan: the upload that waits for it
    upload: str | None = None
    # of a plan about all who fitted a filter when it was made: the filter, in the words of the page's address
    selected: dict[str, str] | None = None
    # of a file: columns and their names there, where those are others; the names that are no column's; its sheet
    understood: tuple[tuple[str, str], ...] | None = None
    unused: tuple[str, ...] | None = None
    sheet: str | None = None


class Described(Struct, frozen=True, gc=False):
    """A row and its outcome in words; ``rejection`` says why it was not written, '' where it was.

    ``word`` is the one under which it is counted, ``cells`` are in the order of the kind's columns.
    """

    number: int | None
    who: str
    word: str
    words: str
    before: str
    after: str
    rejection: str
    cells: tuple[Any, ...]


class HasWord(Protocol):
    """An outcome: it has the word under which its row is counted."""

    @property
    def word(self) -> str:
        """The word."""
        ...


class RowOutcome(Struct, frozen=True, gc=False):
    """An outcome with nothing but its word, and why nothing was written ('' where it was)."""

    word: str
    rejection: str = ""


About = TypeVar("About")
Seen = TypeVar("Seen")
Said = TypeVar("Said", bound=Options)
Row = TypeVar("Row")
Outcome = TypeVar("Outcome", bound=HasWord)


class Previewed(NamedTuple, Generic[Seen]):
    """What would become of a row, and the account that it names, where there is one."""

    outcome: Seen
    account_id: int | None = None


def first_cell(cells: tuple[str, ...]) -> str:
    """Return the first cell with a text."""
    return next(filter(None, cells), "")


FileRow = tuple[int, tuple[str, ...]]
Named = dict[Hashable, int | None]
"""Who was named by earlier rows of a plan, and in which row."""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Said, Row]):
    """A file whose header was read. ``row`` makes a request of a row, or raises ``RowRejected``.

    ``key``: whom a row names; ``look``: what is known of some thousand rows, before they are requests: by their numbers
    the cells that are meant, or why a row is rejected.
    """

    table: Table
    row: Callable[[int, tuple[str, ...]], Row]
    options: Said
    key: Callable[[tuple[str, ...]], str] = first_cell
    look: Callable[[Sequence[FileRow]], Mapping[int, tuple[str, ...] | RowRejected]] | None = None

    @property
    def rows(self) -> Iterator[FileRow]:
        """The rows, once."""
        return self.table.rows


@dataclass(frozen=True, slots=True)
class ResultFile(Generic[Said, Row, Outcome]):
    """The file that a job leaves (columns: those of the kind), and the code for all of it.

    ``of_plan``: what it says of a row of an upload that was held, from what was planned and what became of it (None: it
    was rejected, or left out by a reviewer).
    """

    cells: Callable[[Said, Row, Outcome], Sequence[Any]]
    code: Callable[[Mapping[str, int]], str]
    of_plan: Callable[[Outcome, Outcome | None], Outcome]


def about_nothing(_job: JobStatus) -> Any:
    """A batch of everyone."""
    return None


def describe_by_word(_row: Any, outcome: Any, _is_check: bool) -> Described:
    """For rows that are not stored."""
    return Described(None, "", outcome.word, outcome.word, "", "", getattr(outcome, "rejection", ""), ())


def no_effect(_outcome: Any) -> Effect:
    """For kinds that are never planned."""
    return Effect.UNCHANGED


def by_language(words: Callable[[], Mapping[str, str]]) -> Callable[[], Mapping[str, str]]:
    """``words``, looked up once for each language: what describes many rows asks for them with each row."""
    looked_up = cache(lambda _language: words())
    return lambda: looked_up(get_language() or settings.LANGUAGE_CODE)


def few_words() -> Mapping[str, str]:
    """Those that most kinds have."""
    return {"unchanged": _("unchanged"), ERROR: _("rejected")}


@dataclass(frozen=True, slots=True)
class Bulk(Generic[About, Said, Row, Outcome]):
    """How large batches of a kind are written set by set (``engine.py``).

    ``resolve`` makes slices of the rows of ``asked`` (job, about, people in a slice, and in one of those who can't be
    written as a set); ``decide`` says what becomes of a case (its number, what is stored, a row that asks, whether it
    is only looked at): the columns of ``write``'s statements, and the outcome of such rows.
    """

    # options, and whether the rows are only looked at
    fits: Callable[[Said, bool], bool]
    resolve: Callable[[UUID, About, int, int], None]
    decide: Callable[[int, str, Row, About, Said, bool], tuple[Any, Outcome]]
    # errors: ``Changed``
    write: Callable[[Operation, About, Slice, Sequence[Any], Mapping[int, int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[About, Said, Row, Outcome]):
    """One kind of batch: many requested changes that are parsed, checked, written, reported.

    The names of jobs are stored and, of programs, on the wire: they are never changed.
    """

    # the kind of the jobs that write, and of those that only preview what would be written (begins with ``CHECK``)
    job: str
    check: str | None = None
    title: Promise
    check_title: Promise | None = None
    operation: OperationKind
    # reads the header. Raises ``TabularError``, and so do the rows
    parse: Callable[[TableFile, About, Said], Parsed[Said, Row]]
    # one outcome for each row, in order, a few statements for any number; ``preview`` stores nothing, and rejects
    # whom an earlier row names
    preview: Callable[[About, Said, Sequence[Row], Named], Sequence[Previewed[Outcome]]] | None = None
    # of an outcome of ``preview``
    effect: Callable[[Outcome], Effect] = no_effect
    # the rows of a check keep the accounts that they name
    names_accounts: bool = False
    write: Callable[[Operation, About, Said, Sequence[Row]], Sequence[Outcome]]
    describe: Callable[[Row, Outcome, bool], Described] = describe_by_word
    # the words under which rows are counted, in order, for people; and those of rows that were not written
    words: Callable[[], Mapping[str, str]] = few_words
    rejected: frozenset[str] = frozenset({ERROR})
    # of its file, and of the file of rejected rows
    columns: Callable[[Said], tuple[str, ...]]
    # the course run, program, … of a job
    about: Callable[[JobStatus], About] = about_nothing
    # what is stored, with its version (``stored.py``)
    options: type[Said] = Options  # type: ignore[assignment]
    row: type[Row] | None = None
    outcome: type[Outcome] | None = None
    # on the program, with these features; None: managing the course run, or, about neither, being an operator
    permission: Permission | None = None
    features: Callable[[Said], frozenset[str]] = lambda _options: frozenset()
    # stores the rows of a job, and returns how many; None: only the command has them that reads the file
    keep: "Callable[[UUID, Iterable[Row | Rejected], Kind[Any, Any, Any, Any]], int] | None" = None
    # the field of ``row`` that names the person
    key: str = "identifier"
    result: ResultFile[Said, Row, Outcome] | None = None
    # rows in one transaction, where the command reads them from its file; whom the cells of a row name: a later row
    # that names one of them says the same or is rejected; the word of rows that are tried once more, all together, when
    # all others are written
    chunk: int = CHUNK
    names: Callable[[tuple[str, ...]], Sequence[Hashable]] | None = None
    later: str | None = None
    # None: one transaction after the other
    bulk: Bulk[About, Said, Row, Outcome] | None = None
    # rows and results of one chunk as they were stored before they had a version
    unversioned: Callable[[list[Any], list[Any]], tuple[list[Row | Rejected], list[Outcome | None]]] | None = None


def requests_of(parsed: Parsed[Said, Row], rows: Iterable[FileRow]) -> Iterator[Row | Rejected]:
    """The requests that rows of a file make, and in their places the rows that make none.

    Errors: ``TabularError``, with the column as the file calls it.
    """
    try:
        yield from _requests_of(parsed, rows)
    except TabularError as error:
        raise error.as_written(parsed.table.understood) from None


def _requests_of(parsed: Parsed[Said, Row], rows: Iterable[FileRow]) -> Iterator[Row | Rejected]:
    remaining = iter(rows)
    while some := list(islice(remaining, CHUNK)):
        known = parsed.look(some) if parsed.look else {}
        for number, cells in some:
            try:
                yield parsed.row(number, _meant(known.get(number, cells)) if known else cells)
            except RowRejected as rejected:
                yield Rejected(number, cells, str(rejected), parsed.key(cells))


def _meant(known: tuple[str, ...] | RowRejected) -> tuple[str, ...]:
    if isinstance(known, RowRejected):
        raise known
    return known


class LeftOut(Enum):
    """A row of a plan that is not to be applied."""

    ROW = "left out"


def outcomes_of(
    rows: Sequence[Row | Rejected | LeftOut], write: Callable[[Sequence[Row]], Sequence[Seen]]
) -> list[Seen | None]:
    """One outcome for each row; None for those that were rejected before, or left out."""
    requests = [row for row in rows if not isinstance(row, (Rejected, LeftOut))]
    if len(requests) == len(rows):
        return [*write(requests)]
    outcomes = iter(write(requests))
    return [None if isinstance(row, (Rejected, LeftOut)) else next(outcomes) for row in rows]


def count_words(outcomes: Iterable[HasWord | None], rows: Sequence[Any] = ()) -> Counter[str]:
    """How many ``rows`` ended how; those that were left out ended in no way."""
    left_out = sum(row is LeftOut.ROW for row in rows)
    counts = Counter([ERROR if outcome is None else outcome.word for outcome in outcomes])
    counts[ERROR] -= left_out
    return +counts


def boolean_cell(column: str, cell: str) -> bool | None:
    """True, false, or None for an empty cell. Errors: ``RowRejected``."""
    if not cell:
        return None
    value = boolean(cell, letters=True)
    if value is None:
        raise RowRejected(_("%(column)s must be true or false.") % {"column": column})
    return value


def duplicated_text(first: int | None) -> str:
    """Return why a row of a plan is rejected whose person an earlier one names, in the active language."""
    if first is None:
        return _("An earlier row already names this person. Keep one of the rows.")
    return _("Row %(row)s already names this person. Keep one of the rows.") % {"row": first}


def stale_text() -> str:
    """Return why a row of a plan was not applied, in the active language."""
    return rejection_text(STALE)
