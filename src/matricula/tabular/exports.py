"""Rows of a query as a file, streamed (institution-and-commands: Commands)."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from matricula.foundation.database import CSV, JSON_LINES, Tally, copy_out, sql_boolean_cell
from matricula.tabular.writing import sql_safe_cell, table_lines

Row = TypeVar("Row")


class Export:
    """A file about people, before anything of it is read. It can't be iterated over.

    ``disclosures.writes.disclosed`` gives its blocks to someone, and records that. Only what keeps the file where it
    still has to be fetched takes them by itself (``tests/unit/test_disclosures.py`` lists who does).
    """

    __slots__ = ("_count_people", "_make", "tally")

    def __init__(
        self, make: Callable[[Tally], Generator[bytes, None, Any]], count_people: Callable[[], int] | None = None
    ) -> None:
        """``make`` gives the blocks, and counts their rows. Without ``count_people``, each row is another person."""
        self._make, self._count_people = make, count_people
        self.tally = Tally()

    def take_blocks(self) -> Generator[bytes, None, Any]:
        """The blocks, once; memory stays flat."""
        return self._make(self.tally)

    def count_people(self) -> int:
        """How many people the rows that were given are about; at most, where some of the rows were not given."""
        rows = self.tally.rows
        return min(rows, self._count_people()) if rows and self._count_people else rows


def counted(rows: Iterable[Row], tally: Tally) -> Iterator[Row]:
    """The rows, each of them counted."""
    for row in rows:
        tally.rows += 1
        yield row


def export_rows(
    header: Sequence[str], rows: Iterable[Sequence[object]], count_people: Callable[[], int] | None = None
) -> Export:
    """Rows that are made here and not in the database, as CSV (see ``table_lines``)."""

    def make(tally: Tally) -> Generator[bytes]:
        yield from table_lines(header, counted(rows, tally))

    return Export(make, count_people)


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
