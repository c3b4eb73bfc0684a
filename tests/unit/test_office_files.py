"""Files as people save them: spreadsheets, UTF-16, ``sep=``, and headers in their own words (Files from the world)."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.batches.column_names import USUAL_NAMES
from matricula.foundation.text import trim
from matricula.tabular.headers import plain_name
from matricula.tabular.office import office_file
from matricula.tabular.problems import TabularError
from matricula.tabular.reading import read_table
from tests.spreadsheets import Cell, ods, xlsx

Rows = list[tuple[int, tuple[str, ...]]]
NAMES = ("student_key", "status")


def read(content: bytes, required: Sequence[str] = NAMES, optional: Sequence[str] = ()) -> tuple[Any, Rows]:
    with office_file(io.BytesIO(content)) as file:
        table = read_table(file, required, optional, required_cells=(), usual=USUAL_NAMES)
        return table, list(table.rows)


def problem(content: bytes) -> str:
    with pytest.raises(TabularError) as caught:
        read(content)
    return caught.value.message


cells = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12).map(trim)
plain_cells = cells.filter(lambda text: text[:1] not in "'=" and '"' not in text)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(plain_cells, plain_cells), max_size=6), st.sampled_from([xlsx, ods]), st.integers(1, 4))
def test_texts_of_a_sheet_are_read_as_they_are_with_their_rows(rows: list[Any], make: Any, first: int) -> None:
    above: list[list[Cell]] = [[] for _ in range(first - 1)]
    table, found = read(make([*above, ["Student ID", "Status"], *map(list, rows)]))
    assert found == [(first + place, row) for place, row in enumerate(rows, 1) if any(row)]
    assert table.understood == {"student_key": "Student ID"}


@pytest.mark.parametrize("make", [xlsx, ods])
def test_numbers_and_truths_of_a_sheet_are_the_texts_that_are_shown(make: Any) -> None:
    _, found = read(make([["student_key", "status"], [12345678, 0.95], [True, 1e20], [None, "x"], [], ["0012", 7]]))
    assert found == [
        (2, ("12345678", "0.95")),
        (3, ("true", "1e+20")),
        (4, ("", "x")),
        (6, ("0012", "7")),
    ]


def test_numbers_are_read_with_the_zeros_that_their_format_shows() -> None:
    content = xlsx([["student_key", "status"], [12345678, "enrolled"], [12.5, "x"]], number_format="0000000000")
    assert read(content)[1] == [(2, ("0012345678", "enrolled")), (3, ("12.5", "x"))]


def test_the_first_sheet_that_is_shown_is_read_and_named() -> None:
    content = xlsx([["student_key", "status"], ["a", "b"]], sheets=[("Notes", False), ("Otoño", True), ("x", True)])
    with office_file(io.BytesIO(content)) as file:
        assert file.sheet == "Otoño"
        assert list(read_table(file, NAMES).rows) == [(2, ("a", "b"))]


def bomb() -> bytes:
    """A sheet of few bytes that has two cells, far away from each other."""
    made = io.BytesIO(xlsx([["student_key", "status"]]))
    target = io.BytesIO()
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(target, "w") as archive:
        for name in parts.namelist():
            text = parts.read(name).decode()
            last = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
            archive.writestr(name, text.replace("</sheetData>", last))
    return target.getvalue()


def inflated() -> bytes:
    """A part of more than a gigabyte, in a megabyte."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1_100):
                part.write(b"0" * 2**20)
    return target.getvalue()


def zip_of(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bomb(), "too large"),
        (zip_of(**{"word/document.xml": "<x/>"}), "no .xlsx or .ods"),
        (zip_of(**{"xl/workbook.xml": "<workbook"}), "damaged"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password"),
        (xlsx([]), "is empty"),
        (xlsx([["name"], ["x"]]), "Row 1: column student_key is missing"),
        (xlsx([["student_key", "status"], ["a\x85b", "x"]]), "Row 2: there is a control character"),
    ],
)
def test_a_spreadsheet_that_cant_be_read_is_rejected_in_words(content: bytes, said: str) -> None:
    assert said in problem(content)


def test_a_spreadsheet_that_inflates_without_end_is_rejected() -> None:
    assert "too large" in problem(inflated())


@given(
    st.lists(st.tuples(plain_cells, plain_cells), max_size=4),
    st.sampled_from(["utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_utf_16_is_read_as_utf_8_is(rows: list[tuple[str, str]], encoding: str, end: str) -> None:
    lines = ["student_key\tstatus", *('"' + '"\t"'.join(row) + '"' for row in rows)]
    text = end.join(lines)
    assert read(f"\ufeff{text}".encode(encoding))[1] == read(text.encode())[1]


def test_utf_16_that_is_cut_off_is_rejected() -> None:
    assert "UTF-16" in problem("\ufeffstudent_key;status\na;b".encode("utf-16-le") + b"\xd8")


@given(st.sampled_from(";,\t|"), st.booleans(), st.sampled_from(["", ";;", "  "]), st.sampled_from(["\n", "\r\n"]))
def test_a_line_sep_is_obeyed_and_is_no_row(separator: str, quoted: bool, rest: str, end: str) -> None:
    line = f'"sep={separator}"' if quoted else f"SEP={separator}"
    content = end.join([line + rest, f"student_key{separator}status", "a,b"[:1] + separator + "x"])
    assert read(content.encode())[1] == [(2, ("a", "x"))]


noise = st.text(" -_", max_size=3)


@st.composite
def written_otherwise(draw: st.DrawFn, name: str) -> str:
    """A name in another case, with blanks, ``-`` and ``_`` between its letters."""
    return "".join(draw(noise) + (c.upper() if draw(st.booleans()) else c) for c in name.replace("_", ""))


@given(st.data())
def test_case_blanks_and_dashes_make_no_difference_in_a_name(data: st.DataObject) -> None:
    key, status = (data.draw(written_otherwise(name)) for name in NAMES)
    table, found = read(f"{status},{key}\nx,a\n".encode())
    assert found == [(2, ("a", "x"))]
    assert set(table.understood) <= set(NAMES)


@pytest.mark.parametrize("column", sorted(USUAL_NAMES))
def test_each_usual_name_is_understood_and_shown(column: str) -> None:
    assert len(USUAL_NAMES[column]) > 0
    for name in USUAL_NAMES[column]:
        assert name == plain_name(name), "as plain_name returns them"
        table, found = read(f"{name.capitalize()};other\na;b\n".encode(), [column])
        assert (found, table.columns, table.unused) == ([(2, ("a",))], (column,), ("other",))
        assert table.understood == {column: name.capitalize()}


def test_a_columns_own_name_goes_before_another_and_two_others_are_rejected() -> None:
    table, found = read(b"Student ID,student_key,status\nx,a,b\n")
    assert (found, table.understood, table.unused) == ([(2, ("a", "b"))], {}, ("Student ID",))
    assert "“Student ID” and “Student number” both mean student_key" in problem(b"Student ID,Student number,status\n")


def test_a_file_of_a_program_has_the_names_of_the_columns() -> None:
    for content in (b"Student Key,status\na,b\n", b"sep=;\nstudent_key;status\na;b\n"):
        with pytest.raises(TabularError, match="column student_key is missing"):
            read_table(io.BytesIO(content), NAMES, usual=USUAL_NAMES)
