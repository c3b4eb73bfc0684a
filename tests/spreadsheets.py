"""Spreadsheets as programs save them, small: .xlsx and .ods made of their parts, without a library."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | float | bool | None
_X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006"


def xlsx(
    rows: Sequence[Sequence[Cell]],
    *,
    number_format: str = "",
    sheets: Sequence[tuple[str, bool]] = (("Sheet 1", True),),
    first_row: int = 1,
) -> bytes:
    """The rows in the first visible one of ``sheets`` (name, visible); numbers are shown in ``number_format``."""
    shown = next(place for place, (_name, visible) in enumerate(sheets, 1) if visible)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_P}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_P}/relationships">'
        f'<Relationship Id="rId1" Type="{_R}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_X} xmlns:r="{_R}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}" state="{"visible" if visible else "hidden"}"/>'
            for n, (name, visible) in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_P}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_R}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="rId99" Type="{_R}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {_X}><numFmts count="1"><numFmt numFmtId="164" '
        f"formatCode={quoteattr(number_format or 'General')}/></numFmts>"
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    }
    for n in range(1, len(sheets) + 1):
        content = "".join(_row(first_row + place, cells) for place, cells in enumerate(rows)) if n == shown else ""
        parts[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {_X}><sheetData>{content}</sheetData></worksheet>"
    return _zipped(parts)


def _row(number: int, cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">' + "".join(_cell(f"{_letter(n)}{number}", c) for n, c in enumerate(cells)) + "</row>"


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def _cell(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}" s="1"><v>{value!r}</v></c>'


def ods(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The rows in a sheet."""
    ns = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join("<table:table-row>" + "".join(map(_ods_cell, cells)) + "</table:table-row>" for cells in rows)
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{ns}:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        "content.xml": f'<office:document-content xmlns:office="{ns}:office:1.0" xmlns:table="{ns}:table:1.0" '
        f'xmlns:text="{ns}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Sheet 1">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>",
    }
    return _zipped(parts)


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'


def _zipped(parts: dict[str, str]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()
