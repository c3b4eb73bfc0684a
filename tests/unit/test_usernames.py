"""Which usernames a new account may have, apart from what others have."""

import pytest

from matricula.learners.lookalikes import looks_like
from matricula.learners.usernames import new_username_problem, username_problem

GOOD = ["sam", "Sam.O'Neil-2", "a_b", "x;y", "kim@example.org", ".a", "zoë", "Ünal", "анна", "ελένη"]
GOOD += ["علي", "अमित", "日本", "한글", "क्\u200dष"]
BAD = {
    "": "at most 255 characters",
    "a b": "without spaces",
    "x" * 256: "at most 255 characters",
    "a\x00": "without spaces",
    ".": "dots only",
    "..": "dots only",
    "lucy\u200b": "ZERO WIDTH SPACE (U+200B)",
    "\u202eyad": "RIGHT-TO-LEFT OVERRIDE (U+202E)",
    "\ufeffboma": "ZERO WIDTH NO-BREAK SPACE (U+FEFF)",
    "zoe\u0308": "LATIN SMALL LETTER E WITH DIAERESIS (U+00EB)",
    "\uff41bc": "FULLWIDTH LATIN SMALL LETTER A (U+FF41)",
    "o\ufb01ce": "LATIN SMALL LIGATURE FI (U+FB01)",
    "kim\U0001f642": "SLIGHTLY SMILING FACE (U+1F642)",
    "a\u2024b": "ONE DOT LEADER (U+2024)",
    "a\u0661": "writing directions",
    "علي1a": "writing directions",
    "a\u200db": "ZERO WIDTH JOINER (U+200D)",
}


@pytest.mark.parametrize("username", GOOD)
def test_names_of_all_scripts_may_be_chosen(username: str) -> None:
    assert new_username_problem(username) is None


@pytest.mark.parametrize(("username", "why"), BAD.items())
def test_what_can_not_be_seen_typed_or_told_apart_is_refused_by_name(username: str, why: str) -> None:
    problem = new_username_problem(username)
    assert problem is not None and why in problem.in_english()


@pytest.mark.parametrize("username", ["lucy\u200b", "zoe\u0308", "..", "\uff41bc"])
def test_names_that_exist_may_stay(username: str) -> None:
    assert username_problem(username) is None


@pytest.mark.parametrize(
    ("username", "other", "alike"),
    [
        # Cyrillic letters among Latin ones, and alone
        ("r\u0430j", "raj", True),
        ("raj", "r\u0430j", True),
        ("\u0440\u0430\u0443", "pay", True),
        ("\u03bfmega", "omega", True),
        # one script: other people
        ("jd0e", "jdoe", False),
        ("zoë", "zoe", False),
        ("анна", "аннa"[:3] + "а", False),
        # the same name
        ("Zoë", "zoë", False),
        # digits and signs have no script
        ("١", "1", False),
        # Japanese is written with several
        ("日本ごカ", "日木ごカ", False),
    ],
)
def test_names_without_a_common_script_look_like_each_other(username: str, other: str, alike: bool) -> None:
    """Of names with one skeleton; which have one is the database's to say."""
    assert looks_like(username, other) is alike
