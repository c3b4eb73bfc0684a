"""Finding people in texts: what is replaced, and what isn't."""

import io
import json

import pytest

from matricula.foundation.folding import fold
from matricula.retirement.matching import Matcher
from matricula.retirement.people import Person, code_of
from matricula.retirement.workbooks import replace_in_archive
from matricula.tabular.workbooks import workbook_blocks
from tests.workbooks import rows_of

CODE = "retired-x"
SAM = Person(
    7,
    CODE,
    usernames=["sam", "sam_old"],
    addresses=["Sam@example.org"],
    keys=[(1, "S-1"), (1, "NX-4711")],
    names=[("Zoë", "O'Neil Ferrari")],
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([SAM])


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("sam", CODE),
        ("SAM, and Sam.", f"{CODE}, and {CODE}."),
        ("asked by sam (twice)", f"asked by {CODE} (twice)"),
        ("sam@example.org", f"{CODE}@retired.invalid"),
        ("<SAM@EXAMPLE.ORG>", f"<{CODE}@retired.invalid>"),
        ("?to=sam%40example.org&x", f"?to={CODE}@retired.invalid&x"),
        ("Zoë O'Neil Ferrari", CODE),
        ("O'NEIL FERRARI, ZOË", CODE),
        (r"Zo\u00eb O'Neil Ferrari", CODE),
        ("Zoe\u0308 O'Neil Ferrari", CODE),
        ("zoë_o'neil ferrari.csv", f"{CODE}.csv"),
        # of others, or no names at all
        ("same example, samsara", None),
        ("sam@example.org.uk", None),
        ("x.sam@example.org", None),
        ("sam@other.org and @sam", None),
        ("sam.jones, sam-jones, sam_jones", None),
        ("course-v1:North+sam+2027", None),
        ("S-1", None),
        ("NX-47110", None),
    ],
)
def test_texts(matcher: Matcher, text: str, replaced: str | None) -> None:
    assert matcher.text(text) == (text if replaced is None else replaced)


def test_a_key_in_a_text(matcher: Matcher) -> None:
    assert matcher.text("key NX-4711.") == f"key {SAM.key('NX-4711')}."


def test_a_text_about_the_person_hides_short_names_too(matcher: Matcher) -> None:
    assert matcher.text("S-1 it is") == "S-1 it is"
    assert matcher.text("S-1 it is", [0]) == f"{SAM.key('S-1')} it is"
    assert matcher.text("sam has S-1") == f"{CODE} has {SAM.key('S-1')}"


def test_what_others_have_too_is_replaced_in_texts_about_the_person_alone() -> None:
    person = Person(7, CODE, usernames=["sam"], names=[("Ann", "Lee")], shared=["ann", "sam"])
    matcher = Matcher([person])
    assert matcher.text("Ann and sam") == "Ann and sam"
    assert matcher.text("Ann Lee") == CODE
    assert matcher.text("Ann and sam", [0]) == f"{CODE} and {CODE}"
    assert matcher.username("sam") is None


def test_a_word_of_the_service_is_no_name() -> None:
    matcher = Matcher([Person(7, CODE, usernames=["honor"])])
    assert matcher.json('{"mode": "honor"}', exact=True) == '{"mode": "honor"}'
    assert matcher.username("Honor") == (0, CODE)


def test_files_may_have_names_of_any_form(matcher: Matcher) -> None:
    assert matcher.text("roster_sam.csv", loose=True) == f"roster_{CODE}.csv"
    assert matcher.text("sample.csv", loose=True) == "sample.csv"


def test_json_is_the_same_to_the_letter_but_for_names(matcher: Matcher) -> None:
    text = '{"a": [1.0, 1e5, "course-v1:North+sam+1", "x\\nsam"], "sam": null , "s": "S-1"}'
    found = matcher.json(text, organization=1, exact=True)
    expected = text.replace("x\\nsam", f"x\\n{CODE}").replace('"sam":', f'"{CODE}":').replace("S-1", SAM.key("S-1"))
    assert found == expected
    assert json.loads(found)["a"][:2] == [1.0, 1e5]
    assert matcher.json('["S-1"]', organization=2, exact=True) == '["S-1"]'


def test_lines_of_files(matcher: Matcher) -> None:
    columns = ["student_key", "username", "grade"]
    key = SAM.key("S-1")
    assert matcher.line("S-1,sam,0.5\r\n", 1, columns) == f"{key},{CODE},0.5\r\n"
    assert matcher.line("S-1,,S-1\r\n", 2, columns) == "S-1,,S-1\r\n"
    line = '{"student_key":"%s","status":"x"}\n'
    assert matcher.line(line % "s-1", 1) == line % key
    assert matcher.line(line % "s-1", 2) == line % "s-1"


def test_a_name_in_two_cells_stays_two_cells(matcher: Matcher) -> None:
    columns = ["identifier", "first_name", "last_name", "mode"]
    line = 'x,Zoë,O\'Neil Ferrari,"a ""zoë"", b"\r\n'
    assert matcher.line(line, 1, columns) == f'x,{CODE},{CODE},"a ""{CODE}"", b"\r\n'
    assert matcher.line("x,Zo,Ferrari,audit\r\n", 1, columns) == "x,Zo,Ferrari,audit\r\n"


def in_workbook(book: bytes, matcher: Matcher, organization: int | None = 1) -> bytes:
    pieces = replace_in_archive(io.BytesIO(book), matcher, organization, lambda member: [(held := member.read(), held)])
    return b"".join(after for _, after in pieces)


def book_of(*rows: str, numbers: tuple[str, ...] = ()) -> bytes:
    return b"".join(workbook_blocks(["\r\n".join(rows).encode()], numbers))


def test_rows_of_workbooks_are_as_lines_of_csv(matcher: Matcher) -> None:
    rows = [
        "student_key,username,first_name,last_name,note",
        "S-1,,Zoë,,x",
        'S-2,SAM,Zoë,O\'Neil Ferrari,"<sam> & ""S-1"""',
        "S-3,t,Zo,,S-1",
        "0071,is,Row,C1,12",
    ]
    key = SAM.key("S-1")
    assert rows_of(in_workbook(book_of(*rows), matcher)) == [
        rows[0].split(","),
        [key, "", CODE, "", "x"],
        ["S-2", CODE, CODE, CODE, f'<{CODE}> & "{key}"'],
        ["S-3", "t", "Zo", "", "S-1"],
        ["0071", "is", "Row", "C1", "12"],
    ]
    # of another organization it is another's key
    assert rows_of(in_workbook(book_of(rows[0], "S-1,,,,S-1"), matcher, 2))[1] == ["S-1", "", "", "", "S-1"]
    untouched = book_of("student_key,username", "S-1,sam2")
    assert in_workbook(untouched, matcher, 2) == untouched


@pytest.mark.parametrize("name", ["row", "t", "is", "c", "inlineStr", "A2", "2", "B2"])
def test_names_of_parts_of_workbooks_are_left(name: str) -> None:
    matcher = Matcher([Person(7, CODE, usernames=[name], keys=[(1, "4711")], names=[("Sheet1", "Row")])])
    book = book_of("username,student_key,seats", f"{name},4711,2", "other,77,12", numbers=("seats", "student_key"))
    [header, first, second] = rows_of(in_workbook(book, matcher))
    assert (header, first[0], second) == (["username", "student_key", "seats"], CODE, ["other", "77", "12"])
    assert first[1].startswith(CODE)


def test_different_people_get_different_pseudonyms_and_two_names_stay_two() -> None:
    codes = {code_of(f"account {n}") for n in range(50)}
    assert len(codes) == 50
    assert {SAM.username("sam"), SAM.username("SAM")} == {CODE}
    assert len({SAM.username("sam"), SAM.username("sam_old"), SAM.key("S-1"), SAM.key("NX-4711")}) == 4
    # what was replaced stays
    assert SAM.username(SAM.username("sam_old")) == SAM.username("sam_old")
    assert SAM.address(SAM.address("old@example.org")) == SAM.address("old@example.org")


def test_the_pattern_for_the_database_finds_at_least_what_is_replaced(matcher: Matcher) -> None:
    """As PostgreSQL reads it: these features are the same in Python."""
    import re

    for text in ("asked by SAM", "sam%40example.org", r"Zo\u00eb O'Neil Ferrari", "O'NEIL FERRARI, ZOË", "NX-4711"):
        assert matcher.text(text) != text
        assert re.search(matcher.pattern, text, re.IGNORECASE)
    assert fold("s-1") in matcher.hidden
