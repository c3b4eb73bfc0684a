"""A program of its own: the first sheet of a spreadsheet as CSV. ``reading`` runs it, and nothing else.

What people send is parsed here and nowhere else, with limits of memory, time and output: a file that is made to exhaust
them ends this process, and not the service. It imports nothing of Matricula, so that it starts fast.

Arguments: the spreadsheet, and the file to write. Writes one JSON object: ``sheet``, the name, or ``problem``.
"""

import csv
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TextIO
from xml.etree import ElementTree as ET

import python_calamine as calamine

MEMORY = 3 << 29  # bytes of address space, 1.5 GiB
SECONDS = 90  # of the processor
OUTPUT = 1 << 30  # bytes
INFLATED = 1 << 30  # bytes of all parts of the file
MOST_CELLS = 40_000_000
# beyond this, a number no longer has all of its digits
_EXACT = 10**15
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_only_zeros = re.compile(r"0{2,}").fullmatch
_reference = re.compile(r"([A-Z]{1,3})([0-9]+)").fullmatch


class Unreadable(Exception):
    """The file is no spreadsheet that can be read; the message is a word for ``reading``."""


def convert(source: str, target: str) -> str:
    """Write the first visible sheet, each cell quoted, and return its name. Errors: ``Unreadable``."""
    _check_size(source)
    try:
        # as an object: by a path, its ending would say what it is
        with open(source, "rb") as given, calamine.CalamineWorkbook.from_filelike(given) as workbook:
            name = _first_sheet(workbook)
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                raise Unreadable("large")
            with open(target, "w", newline="", encoding="utf-8") as file:
                _write(file, sheet, _padded(source, name))
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except calamine.CalamineError:
        raise Unreadable("broken") from None
    return name


def _check_size(source: str) -> None:
    try:
        with zipfile.ZipFile(source) as parts:
            names = set(parts.namelist())
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise Unreadable("broken") from None
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise Unreadable("kind")
    if size > INFLATED:
        raise Unreadable("large")


def _first_sheet(workbook: calamine.CalamineWorkbook) -> str:
    for sheet in workbook.sheets_metadata:
        is_of_cells = sheet.typ == calamine.SheetTypeEnum.WorkSheet
        if is_of_cells and sheet.visible == calamine.SheetVisibleEnum.Visible:
            return sheet.name
    raise Unreadable("empty")


def _write(file: TextIO, sheet: calamine.CalamineSheet, widths: dict[tuple[int, int], int]) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    if sheet.start is None:
        raise Unreadable("empty")
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_text(value) for value in row]
        if widths:
            cells = [
                cell.zfill(width) if cell.isdigit() and (width := widths.get((number, column))) else cell
                for column, cell in enumerate(cells)
            ]
        if any(cells):
            writer.writerow(cells)
        else:
            # a row keeps its number
            file.write("\r\n")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _padded(source: str, sheet: str) -> dict[tuple[int, int], int]:
    """Where cells are shown with leading zeros that their numbers don't have, and how wide: (row, column), from 0.

    Such a format is the usual way to keep ``0012345678``; the number alone would be another key.
    """
    with zipfile.ZipFile(source) as parts:
        if "xl/styles.xml" not in parts.namelist():
            return {}
        styles = _zero_styles(parts)
        if not styles:
            return {}
        return dict(_cells_in(parts, _part_of(parts, sheet), styles))


def _zero_styles(parts: zipfile.ZipFile) -> dict[str, int]:
    with parts.open("xl/styles.xml") as file:
        root = ET.parse(file).getroot()  # noqa: S314  within the limits
    formats = {
        one.get("numFmtId"): len(code)
        for one in root.iter(f"{_MAIN}numFmt")
        if _only_zeros(code := one.get("formatCode", "").replace("\\", ""))
    }
    found = root.find(f"{_MAIN}cellXfs")
    return {
        str(place): formats[one.get("numFmtId")]
        for place, one in enumerate(found if found is not None else ())
        if one.get("numFmtId") in formats
    }


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    with parts.open("xl/workbook.xml") as file:
        root = ET.parse(file).getroot()  # noqa: S314
    wanted = next((one.get(_REFERENCE) for one in root.iter(f"{_MAIN}sheet") if one.get("name") == sheet), None)
    with parts.open("xl/_rels/workbook.xml.rels") as file:
        relations = ET.parse(file).getroot()  # noqa: S314
    target = next((one.get("Target", "") for one in relations if one.get("Id") == wanted), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _cells_in(parts: zipfile.ZipFile, part: str, styles: dict[str, int]) -> Iterator[tuple[tuple[int, int], int]]:
    if part not in parts.namelist():
        return
    with parts.open(part) as file:
        for _event, element in ET.iterparse(file):  # noqa: S314
            if element.tag == f"{_MAIN}c" and element.get("t", "n") == "n":
                place, width = _reference(element.get("r", "")), styles.get(element.get("s", ""))
                if place and width:
                    yield (int(place[2]) - 1, _column(place[1])), width
            elif element.tag == f"{_MAIN}row":
                element.clear()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        _, highest = resource.getrlimit(what)
        lower = most if highest == resource.RLIM_INFINITY else min(most, highest)
        try:
            resource.setrlimit(what, (lower, lower))
        except (ValueError, OSError):
            # other systems lack some of them; where they should be there, nothing is read without them
            if sys.platform == "linux":
                raise


def main() -> None:
    """Convert the file, and print the result as JSON."""
    _limit()
    try:
        answer = {"sheet": convert(sys.argv[1], sys.argv[2])}
    except Unreadable as unreadable:
        answer = {"problem": str(unreadable)}
    except MemoryError:
        answer = {"problem": "large"}
    except (ET.ParseError, KeyError, zipfile.BadZipFile):
        answer = {"problem": "broken"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
