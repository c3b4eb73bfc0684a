"""Reading a workbook as any program would: from its parts."""

import io
import re
import zipfile
from xml.etree import ElementTree

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(book: bytes) -> list[list[str]]:
    """The cells of the first sheet, row by row; cells that aren't there are ""."""
    rows: list[list[str]] = []
    for row in _sheet(book).iter(f"{_SHEET}row"):
        cells = {_column(cell.attrib["r"]): _text(cell)[1] for cell in row}
        rows.extend([] for _ in range(len(rows), int(row.attrib["r"]) - 1))
        rows.append([cells.get(number, "") for number in range(max(cells, default=-1) + 1)])
    width = len(rows[0])
    return [row + [""] * (width - len(row)) for row in rows]


def cells_of(book: bytes) -> list[tuple[str, str]]:
    """The type and the text of each cell that is there."""
    return [_text(cell) for cell in _sheet(book).iter(f"{_SHEET}c")]


def _sheet(book: bytes) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314  made here


def _text(cell: ElementTree.Element) -> tuple[str, str]:
    kind = cell.attrib.get("t", "n")
    text = "".join(found.text or "" for found in cell.iter() if found.tag in (f"{_SHEET}t", f"{_SHEET}v"))
    return kind, re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _column(place: str) -> int:
    letters = re.match("[A-Z]+", place)
    number = 0
    for letter in letters[0] if letters else "":
        number = 26 * number + ord(letter) - 64
    return number - 1
