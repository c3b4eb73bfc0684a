"""Read CSV of any size as a stream: one pass, flat memory, errors that name the row.

Row numbers are those a spreadsheet shows: the first line is row 1, blank lines
count, and a quoted cell with line breaks is still one row.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from matricula.foundation.text import TextProblem, trim, trim_start
from matricula.tabular.writing import text_cell

MAX_COLUMNS = 1_000
MAX_ROW = 1 << 20  # Characters; a row is rejected within two chunks past it.
MAX_CELL = 10_000  # Characters.
_CHUNK = 1 << 16  # Bytes.

_find_control_character = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]").search
_quoted_part = re.compile(r'"[^"]*(?:"|$)')

_NOT_UTF8 = TextProblem("the text is not UTF-8. Save the file as 'CSV UTF-8' and send it again.")
_CUT_OFF = TextProblem(
    "the file ends within a character: it is incomplete or not UTF-8. Send all of it, saved as 'CSV UTF-8'."
)
_OPEN_QUOTE = TextProblem("a quote in this row is never closed. Close it, or write a quote inside a cell twice.")
_STRAY_QUOTE = TextProblem(
    "text follows a closing quote. Check that each quote is closed; write a quote inside a cell twice."
)
_TOO_LONG = TextProblem(
    "the row or a cell in it is too long, or a quote in it is never closed. Shorten it or close the quote."
)


class TabularError(Exception):
    """The file cannot be read. `problem` is the whole message: where it is, what it is, and how to fix it.

    `str()` is `message`, which is the same in English. `row` is None when the problem is in no row; `column` when it
    is in no one column.
    """

    def __init__(self, problem: TextProblem, row: int | None = None, column: str | None = None) -> None:
        self.problem = _with_place(problem, row, column)
        self.message = self.problem.in_english()
        super().__init__(self.message)
        self.row = row
        self.column = column


def _with_place(problem: TextProblem, row: int | None, column: str | None) -> TextProblem:
    if row is None:
        return problem
    if column is None:
        return TextProblem("Row %(row)s: %(problem)s", {"row": row, "problem": problem})
    return TextProblem(
        "Row %(row)s, column %(column)s: %(problem)s", {"row": row, "column": column, "problem": problem}
    )


def _either(names: Sequence[str]) -> object:
    """Return one name, or a message that offers all of them."""
    either: object = names[0]
    for name in names[1:]:
        either = TextProblem("%(first)s or %(second)s", {"first": either, "second": name})
    return either


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


def read_table(
    stream: BinaryIO,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    required_cells: Sequence[str] | None = None,
    any_of: Sequence[Sequence[str]] = (),
    max_cell: int = MAX_CELL,
    as_written: Sequence[str] = (),
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
    Raises TabularError for anything wrong in the file, ValueError if `required_cells`
    or `any_of` name a column that is neither required nor optional.
    """
    wanted = (*required, *optional)
    must_fill = tuple(required if required_cells is None else required_cells)
    if unknown := {*must_fill, *chain.from_iterable(any_of)} - set(wanted):
        raise ValueError(f"Columns {sorted(unknown)} are not among {list(wanted)}; add them to required or optional.")
    source = _Source(stream)
    lines = chain.from_iterable(source.blocks())
    first = _header_line(source, lines)
    delimiter = _delimiter(first)
    records = csv.reader(chain([first], lines), delimiter=delimiter, strict=True, skipinitialspace=True)
    with _csv_errors(source):
        header = [_clean(cell).lower() for cell in next(records)]
    _check_header(source.row, header, required, wanted, any_of)
    source.row += 1
    checks = _Checks(
        wanted=wanted,
        must_fill=tuple(wanted.index(name) for name in must_fill if name in header),
        any_of=tuple(tuple(wanted.index(name) for name in group) for group in any_of),
        max_cell=max_cell,
        clean=tuple(_clean_visible if name in as_written else _clean for name in wanted),
    )
    pick = _picker([header.index(name) if name in header else len(header) for name in wanted])
    return Table(
        columns=tuple(name for name in header if name in wanted),
        delimiter=delimiter,
        rows=_rows(source, records, len(header), pick, checks),
    )


def _rows(
    source: "_Source",
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
                names = _either([self.wanted[position] for position in group])
                problem = TextProblem("all of these cells are blank. Fill in %(names)s.", {"names": names})
                raise TabularError(problem, row)


class _Source:
    """The file as text, in blocks of whole lines, and the number of the row being read.

    The csv module asks for a line only when the row before is complete, so at any
    problem in the text `row`, which the consumer of the rows counts, is where it is.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.row = 1
        self._stream = stream

    def error(self, problem: TextProblem) -> TabularError:
        return TabularError(problem, self.row)

    def blocks(self) -> Iterator[io.StringIO]:
        """Yield the text so that iteration gives lines ended by LF, CRLF or CR."""
        tail = ""
        row, row_length, text_length = 1, 0, 0
        for text, problem in _decoded(self._stream):
            row_length = row_length + text_length if row == self.row else 0
            row, text_length = self.row, len(text)
            if row_length > MAX_ROW:
                raise self.error(_TOO_LONG)
            text = tail + text
            # A CR that ends the text may be the first half of a CRLF.
            last_cr = text.rfind("\r") if problem else text.rfind("\r", 0, -1)
            cut = 1 + max(text.rfind("\n"), last_cr)
            yield io.StringIO(text[:cut], newline="")
            if problem:
                raise self.error(problem)
            tail = text[cut:]
        yield io.StringIO(tail, newline="")


def _decoded(stream: BinaryIO) -> Iterator[tuple[str, TextProblem | None]]:
    """Yield (text, None), and last (text before a problem, the problem) if there is one."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while True:
        chunk = stream.read(_CHUNK)
        problem = None
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode()
            problem = _NOT_UTF8 if chunk else _CUT_OFF
        if found := _find_control_character(text):
            text = text[: found.start()]
            problem = TextProblem(
                "there is a control character (code %(code)s). "
                "Remove it; if the file isn't text, save it as 'CSV UTF-8'.",
                {"code": f"{ord(found.group()):#04x}"},
            )
        yield text, problem
        if problem or not chunk:
            return


@contextmanager
def _csv_errors(source: _Source) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        reason = str(error)
        if "unexpected end" in reason:
            problem = _OPEN_QUOTE
        elif "field larger" in reason:
            problem = _TOO_LONG
        elif "expected after" in reason:
            problem = _STRAY_QUOTE
        else:
            problem = TextProblem(
                "the row is not CSV (%(reason)s). Save the file as 'CSV UTF-8' and send it again.", {"reason": reason}
            )
        raise source.error(problem) from error


def _header_line(source: _Source, lines: Iterator[str]) -> str:
    for line in lines:
        line = line.removeprefix("\ufeff")
        if line.strip():
            return line
        source.row += 1
    raise TabularError(TextProblem("The file is empty. Send a CSV file whose first line names the columns."))


def _delimiter(header_line: str) -> str:
    unquoted = _quoted_part.sub("", header_line)
    return max(",;\t", key=unquoted.count)


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


def _check_header(
    row: int, header: list[str], required: Sequence[str], wanted: Sequence[str], any_of: Sequence[Sequence[str]]
) -> None:
    if len(header) > MAX_COLUMNS:
        problem = TextProblem(
            "there are %(count)s columns. Keep at most %(limit)s.", {"count": len(header), "limit": MAX_COLUMNS}
        )
        raise TabularError(problem, row)
    found = ", ".join(name[:50] for name in header[:20])
    for name in wanted:
        if header.count(name) > 1:
            problem = TextProblem("column %(name)s appears twice. Remove or rename one.", {"name": name})
            raise _of_header(problem, row, name)
    for name in required:
        if name not in header:
            problem = TextProblem(
                "column %(name)s is missing. Add it; the columns found are: %(found)s.", {"name": name, "found": found}
            )
            raise _of_header(problem, row, name)
    for group in any_of:
        if not set(group) & set(header):
            problem = TextProblem(
                "a column is missing. Add %(names)s; the columns found are: %(found)s.",
                {"names": _either(group), "found": found},
            )
            raise TabularError(problem, row)


def _of_header(problem: TextProblem, row: int, column: str) -> TabularError:
    """Return the error about a column as a whole, whose problem names it."""
    error = TabularError(problem, row)
    error.column = column
    return error


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
