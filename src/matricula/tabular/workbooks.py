"""Tables as workbooks of Excel (.xlsx), made of the same CSV that is downloaded otherwise; memory stays flat.

A cell is a text, whatever it looks like: no formula, no link, and keys keep their zeros. Columns that count something
are numbers. Times stay ISO 8601 texts in UTC, as in CSV: a date of a workbook has no time zone, and uploads read it
(docs/decisions/0053-exports-of-lists.md).
"""

import codecs
import csv
import tempfile
from collections.abc import Collection, Iterable, Iterator
from typing import IO

from matricula.tabular.writing import sheet_cell

MAX_ROWS = 1_048_575
"""What a sheet holds below its header."""
_LONGEST_CELL = 32_767
_BLOCK = 64 * 1024
_NARROWEST, _WIDEST = 8, 50


class TooManyRows(Exception):
    """A workbook doesn't hold so many rows."""


def workbook_blocks(table: Iterable[bytes], numbers: Collection[str] = ()) -> Iterator[bytes]:
    """The workbook of a table that is given as blocks of CSV with a header; ``numbers``: columns that hold numbers.

    The blocks come once the whole table was read: the rows wait in files without names. Errors: ``TooManyRows``.
    """
    with tempfile.TemporaryFile() as file:
        _write(file, _rows(table), numbers)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _rows(table: Iterable[bytes]) -> Iterator[list[str]]:
    # a line break within a cell is part of it: lines keep theirs
    return csv.reader(_lines(codecs.iterdecode(table, "utf-8")), strict=True)


def _lines(texts: Iterable[str]) -> Iterator[str]:
    held = ""
    for text in texts:
        *whole, held = (held + text).split("\n")
        for line in whole:
            yield line + "\n"
    if held:
        yield held


def _write(file: IO[bytes], rows: Iterator[list[str]], numbers: Collection[str]) -> None:
    # half as long to load as all of the console, and needed by few requests
    from xlsxwriter import Workbook  # noqa: PLC0415

    book = Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    header = next(rows)
    counted = {column for column, name in enumerate(header) if name in numbers}
    widths = [*map(len, header)]
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise TooManyRows
        for column, cell in enumerate(row):
            if not cell:
                continue
            if column in counted:
                sheet.write_number(count, column, float(cell))
                continue
            text = _fitting(sheet_cell(cell))
            widths[column] = max(widths[column], len(text))
            sheet.write_string(count, column, text)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))
    sheet.autofilter(0, 0, count, len(header) - 1)
    book.close()


def _fitting(text: str) -> str:
    """What a cell can hold of a text; one that was cut says so at its end."""
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
