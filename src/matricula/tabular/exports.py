"""Rows of a query as a file, streamed (institution-and-commands: Commands)."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

from matricula.foundation.database import CSV, JSON_LINES, Tally, copy_out, sql_boolean_cell
from matricula.tabular.writing import sql_safe_cell, table_lines

Row = TypeVar("Row")


class Export:
    """A file about people, before anything of it is read. It can't be iterated over.

    ``disclosures.writes.disclosed`` gives its blocks to someone, and records that. Only what keeps the file where it
    still has to be fetched takes them by itself (``tests/unit/test_disclosures.py`` lists who does).
    """

    __slots__ = ("_count_people", "_make", "numbers", "tally")

    def __init__(
        self,
        make: Callable[[Tally], Generator[bytes, None, Any]],
        count_people: Callable[[], int] | None = None,
        *,
        numbers: Collection[str] = (),
    ) -> None:
        """``make`` gives the blocks, and counts their rows. Without ``count_people``, each row is another person.
        ``numbers``: the columns that hold numbers, where a workbook is made of them.
        """
        self._make, self._count_people, self.numbers = make, count_people, numbers
        self.tally = Tally()

    def take_blocks(self) -> Generator[bytes, None, Any]:
        """The blocks, once; memory stays flat."""
        return self._make(self.tally)

    def written_as(self, convert: Callable[[Iterable[bytes]], Iterable[bytes]]) -> "Export":
        """The same rows, whose blocks go through ``convert``."""

        def make(tally: Tally) -> Generator[bytes]:
            with closing(self._make(tally)) as blocks:
                yield from convert(blocks)

        return Export(make, self._count_people, numbers=self.numbers)

    def read_ahead(self, rows: int) -> "Export | None":
        """The same file, held in memory, if it has at most so many rows; None if it has more: then it is used up."""
        tally = Tally()
        held: list[bytes] = []
        with closing(self._make(tally)) as blocks:
            for block in blocks:
                if tally.rows > rows:
                    return None
                held.append(block)

        def make(given: Tally) -> Generator[bytes]:
            given.rows = tally.rows
            yield from held

        return Export(make, self._count_people, numbers=self.numbers)

    def count_people(self) -> int:
        """How many people the rows that were given are about; at most, where some of the rows were not given."""
        rows = self.tally.rows
        return min(rows, self._count_people()) if rows and self._count_people else rows


def walk(read: Callable[[Row | None], Sequence[Row]]) -> Iterator[Row]:
    """All rows of a list that is read in pieces: ``read`` gives some behind a row, from the first on for None."""
    last: Row | None = None
    while found := read(last):
        yield from found
        last = found[-1]


def counted(rows: Iterable[Row], tally: Tally) -> Iterator[Row]:
    """The rows, each of them counted."""
    for row in rows:
        tally.rows += 1
        yield row


def export_rows(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    count_people: Callable[[], int] | None = None,
    *,
    numbers: Collection[str] = (),
) -> Export:
    """Rows that are made here and not in the database, as CSV (see ``table_lines``)."""

    def make(tally: Tally) -> Generator[bytes]:
        yield from table_lines(header, counted(rows, tally))

    return Export(make, count_people, numbers=numbers)


def csv_cells(columns: Sequence[str], *, booleans: Collection[str] = (), others: Collection[str] = ()) -> str:
    """The columns of rows ``r`` as cells of CSV, to select.

    A column is a text that no spreadsheet takes for a formula, True or False where it is among ``booleans``, and what
    PostgreSQL writes where it is among ``others``.
    """

    def cell(name: str) -> str:
        if name in others:
            return f"r.{name}"
        if name in booleans:
            return f"{sql_boolean_cell(f'r.{name}')} as {name}"
        # a percent sign in our own SQL is no parameter
        return f"{sql_safe_cell(f'r.{name}').replace('%', '%%')} as {name}"

    return ", ".join(map(cell, columns))


def export_table(
    query: str,
    form: str,
    parameters: Sequence[Any] | Mapping[str, Any],
    columns: Sequence[str],
    *,
    booleans: Collection[str] = (),
    others: Collection[str] = (),
    count_people: Callable[[], int] | None = None,
) -> Export:
    """The rows ``r`` of a query with ``{cells}`` to fill in; ``form`` is ``csv`` (see ``csv_cells``) or ``jsonl``.

    ``count_people``: how many people they are about, where one can have several rows.
    """
    if form == "jsonl":
        pairs = ", ".join(f"'{name}', r.{name}" for name in columns)
        cells, copied = f"json_build_object({pairs})", JSON_LINES
    else:
        cells, copied = csv_cells(columns, booleans=booleans, others=others), CSV
    return Export(lambda tally: copy_out(query.format(cells=cells), parameters, copied, tally), count_people)
