"""Write tables as CSV that no spreadsheet takes for formulas.

`safe_cell`, `plain_cell` and `sql_safe_cell` share one pattern, so that what is
exported (by Python or by PostgreSQL) is read back as it was.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import TextIO

# Leading apostrophes belong to the pattern: "'=1" is itself escaped, to "''=1",
# which is what makes plain_cell an exact inverse of safe_cell.
# The pattern means the same to Python and to PostgreSQL: no \s, which differs.
_FORMULA = r"^([ \t\r\n\v\f']*[=+@\t\r-]|[ \t\r\n\v\f]*'+[0-9])"
_looks_like_formula = re.compile(_FORMULA).match
# what spreadsheets make of a cell that is marked as text, so that it keeps its zeros: ="0012" and '0012
_formula_of_text = re.compile(r'="((?:[^"]|"")*)"').fullmatch
_marked_number = re.compile("'[0-9]").match

Cell = str | int | float | Decimal | None


def safe_cell(value: str) -> str:
    """Return `value`, with a leading `'` if a spreadsheet would take it for a formula.

    That is a text whose first character, after blanks and apostrophes, is one of
    `= + - @`, tab or carriage return. A number behind an apostrophe is protected too: `text_cell` takes one off.
    """
    return "'" + value if _looks_like_formula(value) else value


def plain_cell(value: str) -> str:
    """Return the text from which `safe_cell` made `value`: its exact inverse."""
    return value[1:] if value.startswith("'") and _looks_like_formula(value[1:]) else value


def text_cell(value: str) -> str:
    """Return the text that a cell of a file means.

    Formula protection is taken off, and so are the marks that spreadsheets put around a text that looks like a
    number. A text that `safe_cell` wrote is read back as it was, also one that has such marks itself.
    """
    if found := _formula_of_text(value):
        return found[1].replace('""', '"')
    return value[1:] if _marked_number(value) else plain_cell(value)


def sheet_cell(cell: str) -> str:
    """Return what a text cell of a workbook has for a cell of CSV: the text itself, since no text there is a formula.

    A text with marks that `text_cell` would take off keeps its protection, so that the workbook is read as it was:
    readers look for marks behind the blanks.
    """
    plain = plain_cell(cell)
    begun = plain.lstrip()
    return plain if text_cell(begun) == begun else cell


def sql_safe_cell(expression: str) -> str:
    """Return a PostgreSQL expression that does to `expression` what `safe_cell` does.

    For `COPY (select ...) TO STDOUT` exports. `expression` is SQL of a text type,
    written by us and never by a user; it is repeated, so it must not be volatile.
    NULL stays NULL. Assumes `standard_conforming_strings` is on, PostgreSQL's default.
    """
    pattern = _FORMULA.replace("'", "''")
    return f"(case when ({expression}) ~ '{pattern}' then '''' || ({expression}) else ({expression}) end)"


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return safe_cell(value)
    if value is None or isinstance(value, int | float | Decimal):
        return value
    return safe_cell(str(value))


class _LineEnds:
    """Passes on the lines of a csv writer, which end with CRLF, ended as asked for."""

    # The csv module quotes a cell for a lone CR or LF in it only if that character
    # is in its line terminator, so it must always be given CRLF.

    def __init__(self, stream: TextIO, line_end: str) -> None:
        self._stream = stream
        self._line_end = line_end

    def write(self, line: str) -> None:
        self._stream.write(line[:-2] + self._line_end)


class TableWriter:
    """Writes a header and then rows of CSV to a text stream opened with `newline=""`.

    Texts pass through `safe_cell`; numbers are written as they are, `None` as an
    empty cell, booleans as `True` and `False`, anything else as `str` gives it.
    """

    def __init__(self, stream: TextIO, header: Sequence[str], *, delimiter: str = ",", line_end: str = "\r\n") -> None:
        """Write `header` at once. `line_end` is CRLF or LF; other values raise ValueError."""
        if line_end not in ("\r\n", "\n"):
            raise ValueError(f"line_end is {line_end!r}; give '\\r\\n' or '\\n'.")
        self._width = len(header)
        lines = stream if line_end == "\r\n" else _LineEnds(stream, line_end)
        self._csv = csv.writer(lines, delimiter=delimiter, lineterminator="\r\n")
        self.write_row(header)

    def write_row(self, row: Sequence[object]) -> None:
        """Write one row; ValueError if it has not as many cells as the header."""
        self._csv.writerow(self._cells(row))

    def write_rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Write each of `rows`, as `write_row` does."""
        self._csv.writerows(map(self._cells, rows))

    def _cells(self, row: Sequence[object]) -> list[Cell]:
        if len(row) != self._width:
            raise ValueError(f"The row has {len(row)} cells but the header has {self._width}; give one per column.")
        return [_cell(value) for value in row]


def table_lines(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    line_end: str = "\r\n",
    rows_per_chunk: int = 1_000,
) -> Iterator[bytes]:
    """Yield the table as UTF-8 chunks of `rows_per_chunk` rows, for a streamed HTTP answer.

    The default gives some 64 KiB a chunk for rows of about 64 characters; ask for
    fewer when rows are long. The header comes at once, before `rows` is first asked.
    """
    buffer = io.StringIO(newline="")
    writer = TableWriter(buffer, header, delimiter=delimiter, line_end=line_end)
    remaining = iter(rows)
    while text := buffer.getvalue():
        yield text.encode()
        buffer.seek(0)
        buffer.truncate()
        writer.write_rows(islice(remaining, rows_per_chunk))


def sql_time(expression: str) -> str:
    """A PostgreSQL expression for a time cell: ISO 8601, UTC, whole seconds, as the APIs spell it."""
    return f"to_char({expression} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
