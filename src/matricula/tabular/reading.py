"""Read CSV of any size as a stream: one pass, flat memory, errors that name the row.

Row numbers are those a spreadsheet shows: the first line is row 1, blank lines
count, and a quoted cell with line breaks is still one row.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from matricula.foundation.text import TextProblem, trim, trim_start
from matricula.tabular.decoding import TOO_LONG, Source
from matricula.tabular.headers import Wanted, find_delimiter, read_header, separator_of
from matricula.tabular.office import OfficeFile
from matricula.tabular.problems import TabularError, either
from matricula.tabular.writing import text_cell

MAX_CELL = 10_000  # Characters.

_OPEN_QUOTE = TextProblem("a quote in this row is never closed. Close it, or write a quote inside a cell twice.")
_STRAY_QUOTE = TextProblem(
    "text follows a closing quote. Check that each quote is closed; write a quote inside a cell twice."
)
TableFile = BinaryIO | OfficeFile
"""Of a program, which writes the names of the columns as they are; or as people save files."""


@dataclass(frozen=True)
class Table:
    """A file whose header has been read.

    `columns` are the known columns present, in the file's order. `rows` gives, once,
    (row number, cells); the cells are those of the required and then the optional
    columns as asked for, with '' where the file has no such column. Taking from
    `rows` reads on in the stream and may raise TabularError.
    """

    columns: tuple[str, ...]
    delimiter: str
    rows: Iterator[tuple[int, tuple[str, ...]]]
    # column → its name in the file, where that is another one; and the names of columns that are not read
    understood: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def read_table(
    file: TableFile,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    required_cells: Sequence[str] | None = None,
    any_of: Sequence[Sequence[str]] = (),
    max_cell: int = MAX_CELL,
    as_written: Sequence[str] = (),
    usual: Mapping[str, Sequence[str]] | None = None,
) -> Table:
    """Read the header of a UTF-8 CSV at once, and its rows as they are asked for.

    Column names are given in lower case. `required` must be in the header, and every
    row must fill `required_cells` (by default, all of `required`; an absent optional
    column has nothing to fill). Of each group in `any_of` the header must have at
    least one column and every row must fill at least one. `max_cell` is in characters.

    The delimiter is comma, semicolon or tab, as found in the header. Cells are trimmed,
    of invisible characters too; those of the columns `as_written` keep invisible characters,
    so that the caller can reject them. Formula protection and the marks of text cells are
    taken off (`text_cell`). Rows of blank cells are skipped.

    In the header of an `OfficeFile`, case, blanks, `-` and `_` make no difference, `usual` has other names of some
    columns (`headers.plain_name`), and a line `sep=;` above it is obeyed; it is no row, as in a spreadsheet.
    Raises TabularError for anything wrong in the file, ValueError if `required_cells`
    or `any_of` name a column that is neither required nor optional.
    """
    wanted = Wanted(required, optional, any_of, (usual or {}) if isinstance(file, OfficeFile) else None)
    names = wanted.names
    must_fill = tuple(required if required_cells is None else required_cells)
    if unknown := {*must_fill, *chain.from_iterable(any_of)} - set(names):
        raise ValueError(f"Columns {sorted(unknown)} are not among {list(names)}; add them to required or optional.")
    source = Source(file.stream if isinstance(file, OfficeFile) else file)
    lines = chain.from_iterable(source.blocks())
    first = _header_line(source, lines)
    separator = separator_of(first) if isinstance(file, OfficeFile) else None
    if separator:
        first = _header_line(source, lines)
    delimiter = separator or find_delimiter(first)
    records = csv.reader(chain([first], lines), delimiter=delimiter, strict=True, skipinitialspace=True)
    with _csv_errors(source):
        header = read_header(source.row, [_clean(cell) for cell in next(records)], wanted)
    source.row += 1
    found = header.positions
    checks = _Checks(
        wanted=names,
        must_fill=tuple(names.index(name) for name in must_fill if name in found),
        any_of=tuple(tuple(names.index(name) for name in group) for group in any_of),
        max_cell=max_cell,
        clean=tuple(_clean_visible if name in as_written else _clean for name in names),
    )
    return Table(
        columns=tuple(found),
        delimiter=delimiter,
        rows=_rows(source, records, header.width, _picker([found.get(name, header.width) for name in names]), checks),
        understood=header.understood,
        unused=header.unused,
    )


def _rows(
    source: Source,
    records: Iterator[list[str]],
    width: int,
    pick: Callable[[list[str]], tuple[str, ...]],
    checks: "_Checks",
) -> Iterator[tuple[int, tuple[str, ...]]]:
    strip = str.strip
    max_cell = checks.max_cell
    with _csv_errors(source):
        for record in records:
            row = source.row
            source.row = row + 1
            if len(record) != width:
                if any(map(trim, record)):
                    raise _wrong_width(row, len(record), width)
                continue
            record.append("")  # Where `pick` finds the cell of an absent column.
            cells = tuple(map(strip, pick(record)))
            joined = "".join(cells)
            # One look at the joined text spares most rows a look at each cell.
            if "'" in joined or '"' in joined or len(joined) > max_cell or not joined.isascii():
                cells = tuple(
                    cell if cell.isascii() and "'" not in cell and '"' not in cell else clean(whole)
                    for clean, whole, cell in zip(checks.clean, pick(record), cells, strict=True)
                )
                checks.check_lengths(row, cells)
            if "" in cells:
                if not any(cells) and not any(map(trim, record)):
                    continue
                checks.check_filled(row, cells)
            yield row, cells


@dataclass(frozen=True)
class _Checks:
    """What a row's cells must satisfy; columns are positions in `wanted`."""

    wanted: tuple[str, ...]
    must_fill: tuple[int, ...]
    any_of: tuple[tuple[int, ...], ...]
    max_cell: int
    clean: tuple[Callable[[str], str], ...]

    def check_lengths(self, row: int, cells: tuple[str, ...]) -> None:
        for name, cell in zip(self.wanted, cells, strict=True):
            if len(cell) > self.max_cell:
                problem = TextProblem(
                    "the cell has %(length)s characters. Shorten it to %(limit)s.",
                    {"length": len(cell), "limit": self.max_cell},
                )
                raise TabularError(problem, row, name)

    def check_filled(self, row: int, cells: tuple[str, ...]) -> None:
        for position in self.must_fill:
            if not cells[position]:
                raise TabularError(TextProblem("the cell is blank. Fill it in."), row, self.wanted[position])
        for group in self.any_of:
            for position in group:
                if cells[position]:
                    break
            else:
                names = either([self.wanted[position] for position in group])
                problem = TextProblem("all of these cells are blank. Fill in %(names)s.", {"names": names})
                raise TabularError(problem, row)


@contextmanager
def _csv_errors(source: Source) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        reason = str(error)
        if "unexpected end" in reason:
            problem = _OPEN_QUOTE
        elif "field larger" in reason:
            problem = TOO_LONG
        elif "expected after" in reason:
            problem = _STRAY_QUOTE
        else:
            problem = TextProblem(
                "the row is not CSV (%(reason)s). Save the file as 'CSV UTF-8' and send it again.", {"reason": reason}
            )
        raise source.error(problem) from error


def _header_line(source: Source, lines: Iterator[str]) -> str:
    for line in lines:
        line = line.removeprefix("\ufeff")
        if line.strip():
            return line
        source.row += 1
    raise TabularError(TextProblem("The file is empty. Send a CSV file whose first line names the columns."))


def _clean(cell: str) -> str:
    # Trimmed on the right only afterwards: what is protected may be a lone tab.
    return trim(text_cell(trim_start(cell)))


def _clean_visible(cell: str) -> str:
    return text_cell(cell.lstrip()).strip()


def _picker(positions: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    if len(positions) == 1:
        only = positions[0]
        return lambda record: (record[only],)
    return itemgetter(*positions)


def _wrong_width(row: int, cells: int, columns: int) -> TabularError:
    values = {"cells": cells, "columns": columns}
    if cells > columns:
        problem = TextProblem(
            "there are %(cells)s cells but the header has %(columns)s. "
            "Put quotes around a cell that contains the delimiter, or remove the extra cells.",
            values,
        )
    elif cells == 1:
        problem = TextProblem(
            "there is 1 cell but the header has %(columns)s. "
            "Add the missing cells; an empty cell needs its delimiter too.",
            values,
        )
    else:
        problem = TextProblem(
            "there are %(cells)s cells but the header has %(columns)s. "
            "Add the missing cells; an empty cell needs its delimiter too.",
            values,
        )
    return TabularError(problem, row)
