"""Workbooks of exported tables: texts stay texts, what is counted is a number, memory stays flat."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.tabular import workbooks
from matricula.tabular.exports import export_rows
from matricula.tabular.forms import Form, file_stem, in_form
from matricula.tabular.writing import text_cell
from tests.workbooks import cells_of, rows_of

HOSTILE = [
    "=1+1",
    "'=1",
    "''5",
    " '9 ",
    "007",
    "+49",
    "-3",
    "@a",
    "\t=x",
    "https://example.org",
    "mailto:a@example.org",
    "1e5",
]


def _book(header: list[str], rows: list[list[object]], numbers: tuple[str, ...] = ()) -> bytes:
    return b"".join(in_form(export_rows(header, rows, numbers=numbers), Form.WORKBOOK).take_blocks())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_the_text_that_it_is(text: str) -> None:
    book = _book(["student_key"], [[text]])
    # what begins with a mark that readers of files take off keeps one more
    stored = f"'{text}" if text.strip().startswith("'") else text
    assert rows_of(book) == [["student_key"], [stored]]
    assert cells_of(book)[1:] == [("inlineStr", stored)]
    assert text_cell(stored) == text


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=5))
def test_any_texts_are_read_back(texts: list[str]) -> None:
    rows = [[text, "end"] for text in texts]
    assert [[text_cell(cell), end] for cell, end in rows_of(_book(["a", "b"], rows))[1:]] == rows


def test_columns_that_count_are_numbers_and_no_others() -> None:
    book = _book(["key", "people"], [["12", 12], ["13", None]], ("people",))
    assert cells_of(book)[2:] == [("inlineStr", "12"), ("n", "12"), ("inlineStr", "13")]


def test_nothing_in_a_workbook_is_a_formula_or_a_link() -> None:
    with zipfile.ZipFile(io.BytesIO(_book(["a"], [[text] for text in HOSTILE]))) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314  made here
    assert not [found for found in sheet.iter() if found.tag.endswith(("}f", "}hyperlink"))]


def test_a_cell_that_is_too_long_says_so() -> None:
    [_, [cell]] = rows_of(_book(["a"], [["x" * 40_000]]))
    assert (len(cell), cell[-1]) == (32_767, "…")


def test_more_rows_than_a_sheet_has_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_ROWS", 3)
    assert len(rows_of(_book(["a"], [[n] for n in range(3)]))) == 4
    with pytest.raises(workbooks.TooManyRows):
        _book(["a"], [[n] for n in range(4)])


def test_blocks_may_end_anywhere() -> None:
    table = 'a,b\r\n"é\r\n""ü""",1\r\n,\r\n'.encode()
    for size in (1, 2, 3, 1_000):
        blocks = [table[at : at + size] for at in range(0, len(table), size)]
        assert rows_of(b"".join(workbooks.workbook_blocks(blocks)))[1] == ['é\r\n"ü"', "1"]


def test_a_mark_for_excel_is_before_the_same_bytes() -> None:
    def made(form: Form) -> bytes:
        return b"".join(in_form(export_rows(["a"], [["é"]]), form).take_blocks())

    assert made(Form.EXCEL_CSV) == b"\xef\xbb\xbf" + made(Form.CSV)


@pytest.mark.parametrize("count", [0, 1, 5, 6, 4_000])
def test_reading_ahead_holds_what_is_short(count: int) -> None:
    asked = 0

    def rows() -> Iterator[list[int]]:
        nonlocal asked
        for asked in range(1, count + 1):
            yield [asked]

    held = export_rows(["n"], rows()).read_ahead(5)
    assert (held is not None) == (count <= 5)
    # of a long one no more is read than a block
    assert asked <= 2_000
    if held:
        assert b"".join(held.take_blocks()).count(b"\r\n") == count + 1
        assert (held.tally.rows, held.count_people()) == (count, count)


@pytest.mark.parametrize(
    ("about", "content", "days", "name"),
    [
        ("course-v1:North+CS101+2027_T1", "roster", [date(2026, 10, 15)], "North-CS101-2027_T1-roster-2026-10-15"),
        ("north-mcs", "students", [], "north-mcs-students"),
        ("../a b/«c»", "roster", [], "a-b-c-roster"),
        ("Universität", "roster", [], "Universität-roster"),
        ("a\r\nb\"c;d", "x", [], "a-b-c-d-x"),
    ],
)  # fmt: skip
def test_names_of_files(about: str, content: str, days: list[date], name: str) -> None:
    assert file_stem(about, content, *days) == name
