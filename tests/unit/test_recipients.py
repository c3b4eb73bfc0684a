"""Identifiers out of what people paste."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.enrollments.course.recipients import only_address, split_identifiers

OUTLOOK = """Kim Novak <k.novak@lake.example.org>; Sam Rivera <s.rivera@lake.example.org>
"Doe, Jane" <jane.doe@lake.example.org>; "Roe, John" <j.roe@lake.example.org>
jane.doe@lake.example.org; j.roe@lake.example.org; new.person@lake.example.org
"""


@pytest.mark.parametrize(
    ("pasted", "identifiers"),
    [
        ("Kim Novak <k@x.org>", ["k@x.org"]),
        ("Kim Novak <k@x.org>; Sam Rivera <s@x.org>", ["k@x.org", "s@x.org"]),
        ('"Doe, Jane" <jane@x.org>, "Roe; John" <j@x.org>', ["jane@x.org", "j@x.org"]),
        # not quoted, as some programs do
        ("Doe, Jane <jane@x.org>, Roe, John <j@x.org>", ["jane@x.org", "j@x.org"]),
        ("'k@x.org' <k@x.org>", ["k@x.org"]),
        # an address as a name is a name
        ("kim@home.org <k@x.org>", ["k@x.org"]),
        ('"Kim \\"the\\" Novak" <k@x.org>', ["k@x.org"]),
        ("Kim Novak\n  <k@x.org>", ["k@x.org"]),
        ("<k@x.org>", ["k@x.org"]),
        ('"k@x.org"', ["k@x.org"]),
        ("a@x.org; b@x.org;c@x.org;", ["a@x.org", "b@x.org", "c@x.org"]),
        ("mailto:k@x.org?subject=Hello%20Sam", ["k@x.org"]),
        ("MAILTO:k%2Btag@x.org", ["k+tag@x.org"]),
        ("Kim Novak [mailto:k@x.org]", ["k@x.org"]),
        ("k@x.org<mailto:k@x.org>", ["k@x.org"]),
        ("k@x.org (Kim Jane Novak)", ["k@x.org"]),
        ("\u200eKim Novak <\u200bk@x.org\u200b>", ["k@x.org"]),
        ("To: Kim Novak <k@x.org>", ["k@x.org"]),
        ("Kim Novak <k@x.org", ["k@x.org"]),
        # a list of usernames, with semicolons
        ("jdoe; jroe", ["jdoe", "jroe"]),
        ("jdoe; k@x.org", ["jdoe", "k@x.org"]),
        # names alone enroll nobody
        ("Kim Novak; Sam Rivera", ["Kim Novak", "Sam Rivera"]),
        # a username on a line of its own
        ("kim\nSam Rivera <s@x.org>\nlee", ["kim", "s@x.org", "lee"]),
        ("Kim; Sam Rivera <s@x.org>", ["s@x.org"]),
        # no recipients: as before
        ("sam, kim\tjo\nlee", ["sam", "kim", "jo", "lee"]),
        ("o'neil@x.org a<b", ["o'neil@x.org", "a<b"]),
        ("\u200bkim\u200b,\ufeffsam, \u2060", ["kim", "sam"]),
        (";;", []),
    ],
)
def test_only_addresses_of_recipients_count(pasted: str, identifiers: list[str]) -> None:
    assert split_identifiers([pasted]) == identifiers


def test_a_paste_from_outlook_names_five_people() -> None:
    assert split_identifiers([OUTLOOK]) == [
        "k.novak@lake.example.org",
        "s.rivera@lake.example.org",
        "jane.doe@lake.example.org",
        "j.roe@lake.example.org",
        "new.person@lake.example.org",
    ]


NAMES = st.text("abc ,;'.\u200b", min_size=1, max_size=12)
ADDRESS = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.org", fullmatch=True)


@given(st.lists(st.tuples(NAMES, ADDRESS), min_size=1, max_size=5), st.sampled_from(["; ", ", ", "\n", ";\r\n"]))
def test_the_words_of_quoted_names_never_count(people: list[tuple[str, str]], between: str) -> None:
    pasted = between.join(f'"{name}" <{address}>' for name, address in people)
    assert split_identifiers([pasted]) == list(dict.fromkeys(address for _, address in people))


@pytest.mark.parametrize(
    "text", ["@", "<", '"', '\\"', "\n", "<\n", "mailto:(", "a@b (", ";", "[", "a@b ", '"a', "\n<a@b>", "a;", "\u200b"]
)
def test_no_text_takes_more_than_its_share_of_time(text: str) -> None:
    # a pattern that tries parts again needs hours for a million of them
    assert len(split_identifiers([text * 50_000])) <= 2


@pytest.mark.parametrize(
    ("cell", "identifier"),
    [
        ("Kim Novak <k@x.org>", "k@x.org"),
        ("kim", "kim"),
        ("k@x.org", "k@x.org"),
        ("a@x.org; b@x.org", "a@x.org; b@x.org"),
        ("Kim Novak", "Kim Novak"),
    ],
)
def test_a_cell_names_one(cell: str, identifier: str) -> None:
    assert only_address(cell) == identifier


words = st.sampled_from(["Ana", "sam", "O'Neil", "de la Cruz", "Bennett", "staff", "Müller", "Dr."])
separators = st.sampled_from(["; ", ";", ";\n", "\n", ";\r\n"])


@st.composite
def recipients(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A list as mail programs write it, *Last, First <a@b.c>*, quoted or not, parted by semicolons; its addresses."""
    addresses = draw(st.lists(st.sampled_from([f"p{n}@x.example.org" for n in range(9)]), min_size=1, unique=True))
    entries = []
    for address in addresses:
        name = ", ".join(draw(st.lists(words, min_size=1, max_size=2)))
        form = draw(st.sampled_from(["{name} <{address}>", '"{name}" <{address}>', "'{name}' <mailto:{address}>"]))
        entries.append(form.format(name=name, address=address))
    separator = draw(separators)
    return separator.join(entries) + draw(st.sampled_from(["", separator])), addresses


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(recipients())
def test_no_word_of_a_name_is_taken_for_a_username(pasted: tuple[str, list[str]]) -> None:
    text, addresses = pasted
    assert split_identifiers([text]) == addresses
