"""Replacing people in workbooks (.xlsx), and in other archives of texts: a row at a time, in memory that stays flat.

In a sheet only the texts of cells are touched: a name may be written as a tag or the place of a cell is. A row is about
whom one of its cells names, as a line of CSV is; the first row says what the columns hold.
"""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO
from xml.sax.saxutils import escape, unescape

from matricula.retirement.matching import COLUMNS_OF_PEOPLE, Matcher

_BLOCK = 64 * 1024
_SHEETS, _SHARED = "xl/worksheets/sheet", "xl/sharedStrings.xml"
_ROW_ENDS = b"</row>"
_CELL = re.compile(r'<c\b(?=[^>]*?\br="([A-Z]+)\d+")([^>]*[^/>])>(.*?)</c>', re.DOTALL)
_TYPE = re.compile(r'\bt="(\w+)"')
# numbers of shared strings, booleans, errors
_NO_TEXT = frozenset({"s", "b", "e"})
_TEXT = re.compile(r"(<(?:\w+:)?(?:t|f|v)(?:\s[^<>]*)?>)([^<>]+)")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}
_Lines = Callable[[IO[bytes]], Iterable[tuple[bytes, bytes]]]


def replace_in_archive(
    file: IO[bytes], matcher: Matcher, organization: int | None, lines: _Lines
) -> Iterator[tuple[bytes, bytes]]:
    """Pieces of the archive as they are, and as they shall be; ``lines`` does that for members that are no sheets."""
    is_changed = False
    with tempfile.TemporaryFile() as held:
        with zipfile.ZipFile(file) as archive, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
            for member in archive.infolist():
                with archive.open(member) as before, packed.open(member.filename, "w", force_zip64=True) as after:
                    for old, new in _member(member.filename, before, matcher, organization, lines):
                        is_changed |= old != new
                        after.write(new)
        written = held if is_changed else file
        written.seek(0)
        while block := written.read(_BLOCK):
            yield (b"" if is_changed else block), block


def _member(
    name: str, file: IO[bytes], matcher: Matcher, organization: int | None, lines: _Lines
) -> Iterable[tuple[bytes, bytes]]:
    if name.startswith(_SHEETS):
        return _sheet(file, matcher, organization)
    return _shared(file.read(), matcher) if name == _SHARED else lines(file)


def _shared(content: bytes, matcher: Matcher) -> Iterator[tuple[bytes, bytes]]:
    """The texts that cells of all sheets point to: which of them are in one row isn't known, so all are about whom any
    of them names.
    """
    whole = content.decode("utf-8", "surrogateescape")
    seen = matcher.named(",".join(_plain(text) for _, text in _TEXT.findall(whole)))
    yield content, _replace_texts(whole, matcher, seen).encode("utf-8", "surrogateescape")


def _sheet(file: IO[bytes], matcher: Matcher, organization: int | None) -> Iterator[tuple[bytes, bytes]]:
    columns: dict[str, str] = {}
    for piece in _rows(file):
        row = piece.decode("utf-8", "surrogateescape")
        if not columns:
            columns = {cell[1]: _text_of(cell).lower() for cell in _CELL.finditer(row)}
        yield piece, _row(row, matcher, organization, columns).encode("utf-8", "surrogateescape")


def _rows(file: IO[bytes]) -> Iterator[bytes]:
    held = b""
    while block := file.read(_BLOCK):
        *whole, held = (held + block).split(_ROW_ENDS)
        for row in whole:
            yield row + _ROW_ENDS
    yield held


def _row(row: str, matcher: Matcher, organization: int | None, columns: Mapping[str, str]) -> str:
    cells = [cell for cell in _CELL.finditer(row) if _type(cell) not in _NO_TEXT]
    texts = [_text_of(cell) for cell in cells]
    exact: dict[int, str] = {}
    # also a name in two cells
    seen = matcher.named(",".join(texts))
    for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        if columns.get(cell[1]) in COLUMNS_OF_PEOPLE and (found := matcher.identifier(text, organization)):
            seen.add(found[0])
            exact[place] = found[1]
    if not seen:
        return row
    pieces, end = [], 0
    for place, cell in enumerate(cells):
        pieces += [row[end : cell.start()], _cell(cell, matcher, seen, exact.get(place))]
        end = cell.end()
    return "".join(pieces) + row[end:]


def _cell(cell: re.Match[str], matcher: Matcher, seen: set[int], exact: str | None) -> str:
    replaced = _replace_texts(cell[3], matcher, seen)
    if exact is None and (replaced == cell[3] or _type(cell)):
        return f"<c{cell[2]}>{replaced}</c>"
    # one text, where there was a number or whatever named someone
    text = matcher.text(_text_of(cell), seen) if exact is None else exact
    attributes = _TYPE.sub("", cell[2])
    return f'<c{attributes} t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _replace_texts(xml: str, matcher: Matcher, seen: set[int]) -> str:
    def replaced(found: re.Match[str]) -> str:
        text = _plain(found[2])
        new = matcher.text(text, seen)
        return found[0] if new == text else found[1] + escape(new)

    return _TEXT.sub(replaced, xml)


def _type(cell: re.Match[str]) -> str:
    found = _TYPE.search(cell[2])
    return found[1] if found else ""


def _text_of(cell: re.Match[str]) -> str:
    return "".join(_plain(text) for _, text in _TEXT.findall(cell[3]))


def _plain(written: str) -> str:
    return unescape(written, _ENTITIES)
