"""CSV reading and writing: what is accepted, what is refused and where, and the round trip."""

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, cast

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from matricula.foundation.messages import translated
from matricula.foundation.text import trim
from matricula.tabular.decoding import MAX_ROW
from matricula.tabular.headers import MAX_COLUMNS
from matricula.tabular.problems import TabularError
from matricula.tabular.reading import Table, read_table
from matricula.tabular.writing import TableWriter, plain_cell, safe_cell, sql_safe_cell, table_lines, text_cell

Rows = list[tuple[int, tuple[str, ...]]]

CHUNK = 1 << 16

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
risky_texts = st.text("'=+-@ \t\r\nab,;\"", max_size=8)
trimmed_texts = st.one_of(texts, risky_texts).map(trim)


def table(content: bytes | str, *required: str, **options: Any) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(data), required or ("a", "b"), **options)


def rows(content: bytes | str, *required: str, **options: Any) -> Rows:
    return list(table(content, *required, **options).rows)


def refusal(content: bytes | str, *required: str, **options: Any) -> TabularError:
    with pytest.raises(TabularError) as caught:
        rows(content, *required, **options)
    assert str(caught.value) == caught.value.message
    assert caught.value.row is None or f"Row {caught.value.row}" in caught.value.message
    assert caught.value.column is None or caught.value.column in caught.value.message
    return caught.value


def written(header: list[str], content: list[list[Any]], **options: Any) -> str:
    stream = io.StringIO(newline="")
    TableWriter(stream, header, **options).write_rows(content)
    return stream.getvalue()


class SlowStream:
    """A stream that gives a few bytes at a time, and counts what it gave."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self.content = content
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        piece = next(self.content, b"")
        self.given += len(piece)
        return piece


def slow(content: Iterator[bytes]) -> tuple[SlowStream, BinaryIO]:
    stream = SlowStream(content)
    return stream, cast(BinaryIO, stream)


ACCEPTED: list[tuple[str, bytes | str, Rows]] = [
    ("plain", "a,b\n1,2\n3,4\n", [(2, ("1", "2")), (3, ("3", "4"))]),
    ("no last line end", "a,b\n1,2", [(2, ("1", "2"))]),
    ("header only", "a,b\n", []),
    ("header only, no line end", "a,b", []),
    ("byte order mark", b"\xef\xbb\xbfa,b\n1,2\n", [(2, ("1", "2"))]),
    ("byte order mark before a quote", b'\xef\xbb\xbf"a",b\n1,2\n', [(2, ("1", "2"))]),
    ("other order, case, blanks", " B , A\n1,2\n", [(2, ("2", "1"))]),
    ("extra column", "x,a,y,b\n0,1,0,2\n", [(2, ("1", "2"))]),
    ("extra columns without names", "a,b,,\n1,2,,\n", [(2, ("1", "2"))]),
    ("same extra column twice", "a,x,b,x\n1,0,2,0\n", [(2, ("1", "2"))]),
    ("semicolon", "a;b\n1,5;2\n", [(2, ("1,5", "2"))]),
    ("tab", "a\tb\n1;5\t2\n", [(2, ("1;5", "2"))]),
    ("delimiters in a quoted name", '"x;y;z;w",a,b\n0,1,2\n', [(2, ("1", "2"))]),
    ("CRLF", "a,b\r\n1,2\r\n3,4\r\n", [(2, ("1", "2")), (3, ("3", "4"))]),
    ("lone CR", "a,b\r1,2\r3,4\r", [(2, ("1", "2")), (3, ("3", "4"))]),
    ("line ends mixed", "a,b\r1,2\r\n3,4\n5,6", [(2, ("1", "2")), (3, ("3", "4")), (4, ("5", "6"))]),
    ("trimmed", "a,b\n  1 ,\u00a02\t\n", [(2, ("1", "2"))]),
    ("trimmed in quotes", 'a,b\n" 1 "," 2"\n', [(2, ("1", "2"))]),
    ("quote after a blank", 'a,b\n1, "2,3"\n', [(2, ("1", "2,3"))]),
    ("quote inside a cell", 'a,b\n1"5,"say ""x"""\n', [(2, ('1"5', 'say "x"'))]),
    ("blank lines", "a,b\n\n1,2\n  \n\n3,4\n\n", [(3, ("1", "2")), (6, ("3", "4"))]),
    ("blank lines before the header", "\n \na,b\n1,2\n", [(4, ("1", "2"))]),
    ("lines of delimiters", "a,b\n,\n1,2\n , \n,,,,\n", [(3, ("1", "2"))]),
    ("line breaks in a cell", 'a,b\n"1\n\n1\r\n1\r1",2\n3,4\n', [(2, ("1\n\n1\r\n1\r1", "2")), (3, ("3", "4"))]),
    ("line separator in a cell", "a,b\n1\u20281,2\n", [(2, ("1\u20281", "2"))]),
    ("tab in a cell", 'a,b\n"1\t1",2\n', [(2, ("1\t1", "2"))]),
    ("protected", "a,b\n'=1+1,'@x\n'-5,'+3\n", [(2, ("=1+1", "@x")), (3, ("-5", "+3"))]),
    ("protected twice", "a,b\n''=1,2\n", [(2, ("'=1", "2"))]),
    ("only an apostrophe", "a,b\n's-Hertogenbosch,'\n", [(2, ("'s-Hertogenbosch", "'"))]),
]


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_accepted(content: bytes | str, expected: Rows) -> None:
    assert rows(content) == expected


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_accepted_byte_by_byte(content: bytes | str, expected: Rows) -> None:
    data = content.encode() if isinstance(content, str) else content
    _, stream = slow(bytes([byte]) for byte in data)
    assert list(read_table(stream, ("a", "b")).rows) == expected


EITHER = {"optional": ["id", "code"], "any_of": [["id", "code"]]}
REFUSED: list[tuple[str, bytes | str, int | None, str | None, str]] = [
    ("empty", "", None, None, "empty"),
    ("only a byte order mark", b"\xef\xbb\xbf", None, None, "empty"),
    ("only blank lines", "\n\r\n  \n", None, None, "empty"),
    ("missing column", "a,other\n", 1, "b", "columns found are: a, other"),
    ("missing column after blank lines", "\n\na,c\n", 3, "b", "missing"),
    ("column twice", "a,b,A\n1,2,3\n", 1, "a", "twice"),
    ("too many columns", "a,b" + ",x" * MAX_COLUMNS + "\n", 1, None, "columns"),
    ("longer row", "a,b\n1,2\n3,4,5\n", 3, None, "3 cells but the header has 2"),
    ("shorter row", "a,b\n1\n", 2, None, "1 cell but the header has 2"),
    ("blank cell", "a,b\n\n1,2\n3, \n", 4, "b", "blank"),
    ("blank cell in quotes", 'a,b\n"",2\n', 2, "a", "blank"),
    ("blank cells beside an extra one", "a,b,x\n,,1\n", 2, "a", "blank"),
    ("latin-1", "a,b\n1,2\nn,\xe9\n".encode("latin-1"), 3, None, "UTF-8"),
    ("latin-1 in the header", "a,b,\xe9\n1,2,3\n".encode("latin-1"), 1, None, "UTF-8"),
    ("latin-1 after a line break in a cell", 'a,b\n1,"2\n\n2\xe9"\n'.encode("latin-1"), 2, None, "UTF-8"),
    ("latin-1 after a lone CR", "a,b\r1,2\r\xe9".encode("latin-1"), 3, None, "UTF-8"),
    ("UTF-16", "a,b\n1,2\n".encode("utf-16"), 1, None, "UTF-8"),
    ("UTF-16 without mark", "a,b\n1,2\n".encode("utf-16-le"), 1, None, "control character"),
    ("a lone surrogate", b"a,b\n1,\xed\xa0\x80\n", 2, None, "UTF-8"),
    ("cut off in a character", "a,b\n1,2\n3,\u20ac".encode()[:-1], 3, None, "incomplete"),
    ("NUL", "a,b\n1,2\n3,\0\n", 3, None, "0x00"),
    ("escape", "a,b\n\n1,\x1b[0m\n", 3, None, "0x1b"),
    ("form feed at the end of a cell", "a,b\n1,2\x0c\n", 2, None, "0x0c"),
    ("delete", "a,b\n1,\x7f\n", 2, None, "0x7f"),
    ("C1 control", "a,b\n1,\x85\n", 2, None, "0x85"),
    ("control before bad bytes", b"a,b\n1,\x01\n1,\xff\n", 2, None, "0x01"),
    ("bad bytes before control", b"a,b\n1,\xff\n1,\x01\n", 2, None, "UTF-8"),
    ("quote never closed", 'a,b\n1,2\n3,"4\n5,6\n7,8\n', 3, None, "never closed"),
    ("quote never closed in the header", 'a,"b\n1,2\n', 1, None, "never closed"),
    ("quote closed by the next one", 'a,b\n1,"2\n3,"4"\n', 2, None, "quote"),
    ("text after a quote", 'a,b\n"1"1,2\n', 2, None, "closing quote"),
]


@pytest.mark.parametrize(
    ("content", "row", "column", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(content: bytes | str, row: int | None, column: str | None, words: str) -> None:
    error = refusal(content)
    assert (error.row, error.column) == (row, column)
    assert words in error.message


@pytest.mark.parametrize(("content", "options"), [(case[1], {}) for case in REFUSED] + [("a\n1\n", EITHER)])
def test_the_console_shows_the_readers_language(content: bytes | str, options: dict[str, Any]) -> None:
    error = refusal(content, **options)
    with translation.override("en"):
        assert translated(error.problem) == error.message
    with translation.override("es"):
        spanish = translated(error.problem)
    assert spanish.startswith("El archivo" if error.row is None else f"Fila {error.row}")
    assert not re.search(r"\b(?:the|row|there|or|column)\b", spanish)


@pytest.mark.parametrize(("content", "delimiter"), [("a,b", ","), ("a;b", ";"), ("a\tb", "\t")])
def test_delimiter_is_reported(content: str, delimiter: str) -> None:
    assert table(content).delimiter == delimiter


def test_one_column_has_comma() -> None:
    one = table("A\n1\n\n2\n", "a")
    assert (one.delimiter, one.columns, list(one.rows)) == (",", ("a",), [(2, ("1",)), (4, ("2",))])


def test_columns_are_the_known_ones_in_file_order() -> None:
    assert table("C, x ,B,A\n", optional=("c", "d")).columns == ("c", "b", "a")


def test_optional_columns_absent_or_blank_are_empty() -> None:
    content = "c,b,a\n,2,1\n3,2,1\n"
    assert rows(content, optional=("d", "c", "e")) == [(2, ("1", "2", "", "", "")), (3, ("1", "2", "", "3", ""))]


def test_required_cells_may_be_fewer_or_other_than_required_columns() -> None:
    assert rows("a,b\n1,\n", required_cells=["a"]) == [(2, ("1", ""))]
    assert rows("a,b\n1,\n", required_cells=["a", "c"], optional=["c"]) == [(2, ("1", "", ""))]
    error = refusal("a,b,c\n1,,3\n1,2,\n", required_cells=["c"], optional=["c"])
    assert (error.row, error.column) == (3, "c")


def test_rows_without_a_filled_cell_are_skipped_even_if_none_is_required() -> None:
    assert rows("a,b\n,\n1,\n", required_cells=[]) == [(3, ("1", ""))]


def test_any_of_needs_one_column_and_one_filled_cell() -> None:
    options: dict[str, Any] = {"optional": ["id", "code"], "any_of": [["id", "code"]]}
    assert rows("a,code\n1,x\n", "a", **options) == [(2, ("1", "", "x"))]
    assert rows("a,id,code\n1,,x\n1,y,\n", "a", **options) == [(2, ("1", "", "x")), (3, ("1", "y", ""))]
    error = refusal("a\n1\n", "a", **options)
    assert error.row == 1 and "id or code" in error.message
    error = refusal("a,id,code\n1,x,y\n1,,\n", "a", **options)
    assert error.row == 3 and "id or code" in error.message


@pytest.mark.parametrize("options", [{"required_cells": ["z"]}, {"any_of": [["a", "z"]]}])
def test_unknown_names_in_the_call_are_a_mistake_of_ours(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'z'"):
        table("a,b\n", **options)


def test_cell_length_is_bounded_after_trimming() -> None:
    assert rows("a,b\n  12345  ,1234\n", max_cell=5) == [(2, ("12345", "1234"))]
    error = refusal("a,b\n1,2\n1,123456\n", max_cell=5)
    assert (error.row, error.column) == (3, "b") and "6 characters" in error.message


def endless(start: bytes, piece: bytes) -> Iterator[bytes]:
    if start:
        yield start
    for _ in range(1_000):
        yield piece * (CHUNK // len(piece))


@pytest.mark.parametrize(
    ("start", "piece", "row"),
    [
        (b"", b"a,", 1),
        (b"", b"aaaaaaaa", 1),
        (b'"', b"aaaaaaa\n", 1),
        (b"a,b\n1,2\n3,", b"a", 3),
        (b"a,b\n1,2\n3,", b",", 3),
        (b'a,b\n1,2\n3,"', b"4,5\n", 3),
        (b"a,b\n1,2\n3", b',"x\n"', 3),
    ],
)
def test_endless_row_is_refused_without_reading_it_all(start: bytes, piece: bytes, row: int) -> None:
    counter, stream = slow(endless(start, piece))
    with pytest.raises(TabularError) as caught:
        list(read_table(stream, ("a", "b")).rows)
    assert caught.value.row == row
    assert counter.given <= MAX_ROW + 4 * CHUNK


def test_long_file_of_short_rows_is_not_a_long_row() -> None:
    count = MAX_ROW // 2
    assert sum(1 for _ in table("a,b\n" + "1,2\n" * count).rows) == count


def test_wide_row_within_bounds_is_read() -> None:
    cells = ["x" * 900] * MAX_COLUMNS
    header = ",".join(f"c{number}" for number in range(MAX_COLUMNS))
    assert rows(f"{header}\n{','.join(cells)}\n", "c999") == [(2, ("x" * 900,))]


def test_rows_are_read_lazily() -> None:
    counter, stream = slow(iter([b"a,b\n1,2\n", b"3,4\n", b"\xff"]))
    found = read_table(stream, ("a", "b"))
    assert counter.given == len(b"a,b\n1,2\n")
    assert next(found.rows) == (2, ("1", "2"))
    assert next(found.rows) == (3, ("3", "4"))
    with pytest.raises(TabularError, match="Row 4"):
        next(found.rows)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("shift", range(4))
def test_row_numbers_hold_across_chunks(line_end: str, shift: int) -> None:
    content = "x" * shift + ",a,b" + line_end + f"x,\u20ac,2{line_end}" * 20_000
    assert [row for row, _ in table(content).rows] == list(range(2, 20_002))
    error = refusal(content.encode() + b"x,\xff,2")
    assert error.row == 20_002


SAFE = [
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@sum", "'@sum"),
    ("\tx", "'\tx"),
    ("\rx", "'\rx"),
    ("  =1", "'  =1"),
    ("\n=1", "'\n=1"),
    ("'=1", "''=1"),
    ("' -1", "'' -1"),
    ("", ""),
    ("'", "'"),
    ("'s", "'s"),
    ("a=1", "a=1"),
    ("1-2", "1-2"),
    (" x", " x"),
]


@pytest.mark.parametrize(("value", "expected"), SAFE)
def test_safe_cell(value: str, expected: str) -> None:
    assert safe_cell(value) == expected
    assert plain_cell(expected) == value


@given(st.one_of(st.text(), risky_texts))
@example("'=")
def test_plain_cell_is_the_inverse_of_safe_cell(value: str) -> None:
    safe = safe_cell(value)
    assert plain_cell(safe) == value
    assert not re.match(r"[ \t\r\n]*[=+\-@\t\r]", safe)


@given(st.one_of(st.text(max_size=20), st.text("=\"'0019aA \t-", max_size=12)))
@example('="0012"')
@example("'0012")
@example("''0012")
def test_a_text_that_was_written_is_read_as_it_was(value: str) -> None:
    assert text_cell(safe_cell(value)) == value


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ('="N-26-0001"', "N-26-0001"),
        ('="a ""b"""', 'a "b"'),
        ("'t Hooft", "'t Hooft"),
        ("=1+1", "=1+1"),
        ('="a"&"b"', '="a"&"b"'),
        ("0012", "0012"),
        ("'", "'"),
        ('=""', ""),
    ],
)
def test_the_marks_of_text_cells_are_no_part_of_the_text(cell: str, text: str) -> None:
    assert text_cell(cell) == text


def test_invisible_characters_around_cells_and_names_of_columns_are_dropped() -> None:
    file = "\u200bstudent_key\u2060,\ufeffstatus\n\u200e S-1\u200b, enrolled\u00ad\n\u200b,\u2060\n"
    found = table(file, "student_key", "status")
    assert list(found.rows) == [(2, ("S-1", "enrolled"))]
    kept = table("student_key,status\nS-1\u200b,x\u200b\n", "student_key", "status", as_written=("student_key",))
    assert list(kept.rows) == [(2, ("S-1\u200b", "x"))]
    with pytest.raises(TabularError, match="Row 2, column status: the cell is blank"):
        list(table("student_key,status\nS-1,\u200b\n", "student_key", "status").rows)


@given(risky_texts)
def test_sql_safe_cell_uses_the_same_pattern(value: str) -> None:
    literal = re.fullmatch(
        r"\(case when \(x\) ~ '((?:[^']|'')*)' then '''' \|\| \(x\) else \(x\) end\)", sql_safe_cell("x")
    )
    assert literal
    assert bool(re.search(literal[1].replace("''", "'"), value)) == (safe_cell(value) != value)


def test_writer_forms_of_values() -> None:
    values = [None, True, False, -5, -3.25, Decimal("-1.50"), "-5", "x,y", 'say "x"', ["=1"]]
    text = written([f"c{number}" for number in range(10)], [values])
    assert text.splitlines()[1] == ',True,False,-5,-3.25,-1.50,\'-5,"x,y","say ""x""",[\'=1\']'


class Formula:
    def __str__(self) -> str:
        return "=1"


def test_writer_protects_what_str_gives_and_the_header() -> None:
    assert written(["-a"], [[Formula()]]) == "'-a\r\n'=1\r\n"


def test_writer_always_writes_the_header() -> None:
    assert written(["a", "b"], []) == "a,b\r\n"


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_writer_line_ends(line_end: str) -> None:
    text = written(["a", "b"], [["1\r1", "2\n2"]], line_end=line_end, delimiter=";")
    assert text == f'a;b{line_end}"1\r1";"2\n2"{line_end}'
    assert rows(text) == [(2, ("1\r1", "2\n2"))]


def test_writer_refuses_other_line_ends_and_widths() -> None:
    with pytest.raises(ValueError, match="line_end"):
        written(["a"], [], line_end="\r")
    with pytest.raises(ValueError, match="1 cells but the header has 2"):
        written(["a", "b"], [["1"]])


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_table_lines_gives_the_header_and_then_chunks_of_rows(count: int) -> None:
    content = [[f"=é{number}", number] for number in range(count)]
    chunks = list(table_lines(["a", "b"], content, rows_per_chunk=3, delimiter=";", line_end="\n"))
    assert chunks[0] == b"a;b\n"
    assert [chunk.count(b"\n") for chunk in chunks[1:]] == [3] * (count // 3) + [count % 3] * (count % 3 > 0)
    assert b"".join(chunks).decode() == written(["a", "b"], content, delimiter=";", line_end="\n")


def test_table_lines_is_lazy() -> None:
    def source() -> Iterator[list[str]]:
        yield ["1"]
        yield ["2"]
        raise AssertionError("a third row was asked for")

    chunks = table_lines(["a"], source(), rows_per_chunk=1)
    assert [next(chunks) for _ in range(3)] == [b"a\r\n", b"1\r\n", b"2\r\n"]


@given(
    st.lists(st.lists(trimmed_texts, min_size=3, max_size=3), max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\r\n", "\n"]),
    st.booleans(),
    st.integers(1, 50),
)
def test_round_trip(content: list[list[str]], delimiter: str, line_end: str, mark: bool, size: int) -> None:
    text = written(["a", "b", "c"], content, delimiter=delimiter, line_end=line_end)
    data = ("\ufeff" * mark + text).encode()
    _, stream = slow(data[start : start + size] for start in range(0, len(data), size))
    found = read_table(stream, ("a", "b", "c"), required_cells=())
    assert found.delimiter == delimiter
    filled = [(row, tuple(cells)) for row, cells in enumerate(content, start=2) if any(cells)]
    assert list(found.rows) == filled


@given(st.lists(trimmed_texts.filter(bool), max_size=8))
def test_round_trip_of_one_column(content: list[str]) -> None:
    assert [cells for _, cells in rows(written(["a"], [[text] for text in content]), "a")] == [(t,) for t in content]


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@example(b'a,b\n"')
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = rows(b"a,b\n" + data)
    except TabularError as error:
        assert error.row is not None and error.row >= 2
        return
    numbers = [row for row, _ in found]
    assert numbers == sorted(set(numbers))
    assert all(cell and cell == cell.strip() for _, cells in found for cell in cells)
