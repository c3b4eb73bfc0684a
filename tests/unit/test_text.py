"""Text from outside: what is trimmed, what is an error, and numbers of any length."""

import unicodedata

import pytest

from matricula.foundation import text
from matricula.foundation.text import (
    LONGEST_REASON,
    LONGEST_REASON_LINE,
    boolean,
    invisible_character,
    key_problem,
    one_line,
    reason_line,
    reason_problem,
    trim,
    whole_number,
    without_breaks,
    words,
)

INVISIBLE = {
    "\u200b": "ZERO WIDTH SPACE (U+200B)",
    "\u2060": "WORD JOINER (U+2060)",
    "\ufeff": "ZERO WIDTH NO-BREAK SPACE (U+FEFF)",
    "\u200e": "LEFT-TO-RIGHT MARK (U+200E)",
    "\u200f": "RIGHT-TO-LEFT MARK (U+200F)",
    "\u061c": "ARABIC LETTER MARK (U+061C)",
    "\u202a": "LEFT-TO-RIGHT EMBEDDING (U+202A)",
    "\u202e": "RIGHT-TO-LEFT OVERRIDE (U+202E)",
    "\u2069": "POP DIRECTIONAL ISOLATE (U+2069)",
    "\u00ad": "SOFT HYPHEN (U+00AD)",
    "\u3164": "HANGUL FILLER (U+3164)",
    "\U000e0041": "TAG LATIN CAPITAL LETTER A (U+E0041)",
}


@pytest.mark.parametrize(("character", "name"), INVISIBLE.items())
def test_invisible_characters_are_trimmed_around_and_named_within(character: str, name: str) -> None:
    for around in (character, f" {character}", f"{character}\t{character} "):
        assert trim(f"{around}S-1{around}") == "S-1"
    assert invisible_character(f"S{character}1") == name
    problem = key_problem(f"S{character}1")
    assert problem is not None and name in problem.in_english()


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_belong_to_the_text_between_letters_only(joiner: str) -> None:
    # Persian, and Hindi behind a vowel sign
    for word in (f"می{joiner}خواهم", f"क्{joiner}ष"):
        assert trim(word) == word and invisible_character(word) == "" and key_problem(word) is None
    assert trim(f"{joiner}kim{joiner}") == "kim"
    for wrong in (f"S-1{joiner}2", f"S{joiner}-1", f"a{joiner}{joiner}b"):
        assert "ZERO WIDTH" in invisible_character(wrong)


def test_a_variation_selector_is_no_part_of_a_key_but_of_the_sign_before_it() -> None:
    assert trim("with love \u2764\ufe0f ") == "with love \u2764\ufe0f"
    assert invisible_character("S-1\ufe0f") == "VARIATION SELECTOR-16 (U+FE0F)"


def test_all_that_unicode_says_is_a_format_character_is_seen_or_visible() -> None:
    """Format characters that are not taken for invisible are the visible signs before numbers and such."""
    left = {
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) == "Cf" and not invisible_character(f"a1{chr(code)}1")
    }
    assert {unicodedata.name(c, "").split()[0] for c in left} <= {"ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN"}


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "This can't be blank."),
        ("x" * 256, "This can have at most 255 characters."),
        ("a\x00b", "This text can't contain control characters."),
        ("a\nb", "This text can't contain control characters."),
        ("a\ud800b", "This text can't contain control characters."),
    ],
)
def test_what_is_wrong_with_a_key(key: str, message: str) -> None:
    problem = key_problem(key)
    assert problem is not None and problem.in_english() == message


@pytest.mark.parametrize("key", ["x" * 255, "Ünï-1", "日本", "a b", "S-1❤"])
def test_nothing_is_wrong_with_other_keys(key: str) -> None:
    assert key_problem(key) is None


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("1", 1),
        ("0", 0),
        ("007", 7),
        ("100", 100),
        ("101", 100),
        ("9" * 20, 100),
        # Python itself converts no more than 4,300 digits
        ("9" * 5_000, 100),
        ("0" * 5_000 + "9", 9),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1e3", None),
        ("0x10", None),
        ("1_000", None),
        # digits to Python, but to nobody who counts pages
        ("²", None),
        ("٣", None),
        ("1\x00", None),
    ],
)
def test_whole_numbers_have_any_number_of_digits(given: str, number: int | None) -> None:
    assert whole_number(given, 100) == number


def test_words_of_a_search_and_lines_can_be_stored() -> None:
    assert words("\u200b Kim \x00 \ud800\n Novak ") == "Kim Novak"
    assert len(words("x " * 500)) <= 100
    assert one_line("why\x00 not\n\u202eat all\ud800 ", 100) == "why not at all"
    assert one_line("می\u200cخواهم", 100) == "می\u200cخواهم"
    assert text.storable("a\x00b\udfffc") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("text", "value", "with_letters"),
    [
        ("true", True, True),
        ("YES", True, True),
        ("1", True, True),
        ("False", False, False),
        ("no", False, False),
        ("0", False, False),
        ("t", None, True),
        ("F", None, False),
        ("", None, None),
        ("on", None, None),
    ],
)
def test_a_boolean_is_read_alike_at_every_door(text: str, value: bool | None, with_letters: bool | None) -> None:
    assert boolean(text) is value
    assert boolean(text, letters=True) is with_letters


def test_the_reason_of_a_change_is_the_same_text_through_every_door() -> None:
    assert reason_problem("because\n\tthey moved\r\n") is None
    assert reason_problem("x" * LONGEST_REASON) is None
    assert reason_problem("x" * (LONGEST_REASON + 1)) is not None
    assert reason_problem("x\x00") is not None and reason_problem("x\x1b") is not None
    typed = reason_line(" they\n moved\x00 " + "x" * LONGEST_REASON)
    assert typed.startswith("they moved xxx") and len(typed) == LONGEST_REASON_LINE
    assert reason_problem(typed) is None


def test_a_line_of_a_mail_keeps_the_direction_of_its_signs() -> None:
    assert without_breaks(" a\r\n\tb\x00c\u200fd \u200b") == "a b c\u200fd"
