"""Usernames that look like each other though they are written in different scripts (Unicode TS 39).

``paypal`` with Cyrillic letters looks like the real one: a new name may not pass for one that exists. Names of one
script, such as ``jd0e`` beside ``jdoe``, are different people's all the same. PostgreSQL repeats ``skeleton`` of names
in ASCII as an index; those of others are a column.
"""

import unicodedata
from functools import cache

from matricula.foundation.folding import fold
from matricula.foundation.text import TextFault

LOOKS_LIKE_ANOTHER = TextFault(
    "This username looks like one that exists, written with letters of another script; choose another one."
)
_ASCII = str.maketrans({"0": "o", "1": "l", "|": "l", "`": "'", "m": "rn"})
_SHARED = {"COMMON", "INHERITED", None}
# scripts that are written together in one language (TS 39, section 5.1)
_TOGETHER = {
    "HAN": {"HAN", "JAPANESE", "KOREAN", "BOPOMOFO"},
    "HIRAGANA": {"HIRAGANA", "JAPANESE"},
    "KATAKANA": {"KATAKANA", "JAPANESE"},
    "HANGUL": {"HANGUL", "KOREAN"},
    "BOPOMOFO": {"BOPOMOFO"},
}


def skeleton(username: str) -> str:
    """Return what names that look like this one have in common; the case of A to Z does not matter."""
    if username.isascii():
        return _plain(username)
    return _plain("".join(_looks().get(c, c) for c in unicodedata.normalize("NFD", fold(username))))


def skeletons(username: str) -> set[str]:
    """Return the skeletons that a new name may be taken for: its capitals look like others than its small letters."""
    return {skeleton(username), skeleton(username.lower())}


def _plain(text: str) -> str:
    return fold(text).translate(_ASCII)


def looks_like(username: str, other: str) -> bool:
    """True if a new ``username`` could be taken for ``other``, which no script is common to; never for itself."""
    if username.isascii() and other.isascii():
        return False
    if fold(username) == fold(other) or skeleton(other) not in skeletons(username):
        return False
    scripts, others = _scripts(username), _scripts(other)
    return scripts is not None and others is not None and not scripts & others


def _scripts(username: str) -> frozenset[str] | None:
    """The scripts in which all of the name can be written: none if it mixes them; None if any will do."""
    # large tables: read when the first name outside ASCII comes
    from confusable_homoglyphs import categories

    found: set[str] | None = None
    for character in username:
        script = categories.alias(character)
        if script not in _SHARED:
            possible = _TOGETHER.get(script, {script})
            found = set(possible) if found is None else found & possible
    return None if found is None else frozenset(found)


@cache
def _looks() -> dict[str, str]:
    """Each character that looks like others → the one that stands for all of them, in ASCII if possible."""
    from confusable_homoglyphs.confusables import confusables_data

    leaders: dict[str, str] = {}

    def leader(sign: str) -> str:
        while (above := leaders.setdefault(sign, sign)) != sign:
            sign = above
        return sign

    for sign, others in confusables_data.items():
        for other in others:
            first, second = leader(_bare(sign)), leader(_bare(other["c"]))
            if first != second:
                worse, better = sorted((first, second), key=_worth)
                leaders[worse] = better
    return {sign: leader(sign) for sign in leaders if len(sign) == 1 and not sign.isascii()}


def _bare(sign: str) -> str:
    # the data has marks of direction around some signs
    return unicodedata.normalize("NFD", sign.strip("\u200e\u200f"))


def _worth(sign: str) -> tuple[bool, bool, bool, str]:
    return (sign.isascii(), sign.isalpha(), len(sign) == 1, sign)
