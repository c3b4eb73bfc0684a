"""Cleaning text from outside: one set of rules for the APIs, the console, files and the command line.

White space and invisible characters around a text are no part of it; within an identifier or a key they would make
a twin that looks like the original, so there they are an error that names the character. PostgreSQL stores
neither NUL nor half a surrogate pair. See registrar-api: Writing a few students; enrollment-api: Enrolling.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST_LINE = 255
LONGEST_REASON = 10_000
"""Of a reason sent to an API or in a file, where it may have several lines."""
LONGEST_REASON_LINE = 1000
"""Of a reason given on a page."""
# joiners shape the letters on both sides of them (Persian, Hindi, …): there they belong to the text
_JOINERS = "\u200c\u200d"
# what Unicode calls default ignorable, and the anchors of annotations
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
# a variation selector changes the sign before it, so it is not trimmed; in a key it makes a twin all the same
_VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
INVISIBLE_CLASS = f"{_INVISIBLE}{_JOINERS}{_VARIANTS}"
"""The invisible characters as written between the brackets of a regular expression."""
_find_invisible = re.compile(f"[{INVISIBLE_CLASS}]").finditer
_control_characters = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]").findall
_white_space_or_control = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_not_stored = re.compile("[\x00\ud800-\udfff]").sub
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
# as PostgreSQL's exports write them
_LETTERS = {"t": True, "f": False}
_digits = re.compile("0*([0-9]+)").fullmatch


def _characters(ranges: str) -> str:
    """The characters of a class of a regular expression, written out."""
    found = re.finditer("(.)(?:-(.))?", ranges)
    return "".join(chr(code) for first, last in (m.groups() for m in found) for code in _codes(first, last))


def _codes(first: str, last: str | None) -> range:
    return range(ord(first), ord(last or first) + 1)


_WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
_EDGES = _WHITE_SPACE + _characters(_INVISIBLE) + _JOINERS
_EDGE = frozenset(_EDGES)


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What is wrong with a text: a translatable message and its values (``foundation.messages`` translates it).

    A value can be a message, too, which is translated with it.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def in_english(self) -> str:
        """Return the message for files, logs and the APIs."""
        return self.in_words_of(str)

    def in_words_of(self, translate: Callable[[str], str]) -> str:
        """Return the message with its values, each text of them as ``translate`` returns it."""
        return translate(self.text) % {
            name: value.in_words_of(translate) if isinstance(value, TextProblem) else value
            for name, value in self.values.items()
        }


_BLANK = TextProblem("This can't be blank.")
_CONTROL = TextProblem("This text can't contain control characters.")


def trim(text: str) -> str:
    """Return ``text`` without white space and invisible characters at its ends."""
    text = text.strip()
    # looked at by themselves, the first and the last character spare most texts the search for all of the edges
    return text.strip(_EDGES) if text and (text[0] in _EDGE or text[-1] in _EDGE) else text


def trim_start(text: str) -> str:
    """As ``trim``, on the left only."""
    text = text.lstrip()
    return text.lstrip(_EDGES) if text and text[0] in _EDGE else text


def invisible_character(text: str) -> str:
    """Return the name of the first invisible character in ``text``; '' without one.

    A joiner between two letters is part of the text.
    """
    if text.isascii():
        return ""
    for found in _find_invisible(text):
        if found.group() not in _JOINERS or not _is_between_letters(text, found.start()):
            return character_name(found.group())
    return ""


def character_name(character: str) -> str:
    """Return what to call a character: its code, and its name where it has one."""
    name = unicodedata.name(character, "")
    code = f"U+{ord(character):04X}"
    return f"{name} ({code})" if name else code


def _is_between_letters(text: str, position: int) -> bool:
    around = text[max(0, position - 1) : position] + text[position + 1 : position + 2]
    return len(around) == 2 and all(unicodedata.category(c)[0] in "LM" for c in around)


def has_control_characters(text: str, allowed: str = "") -> bool:
    """True if ``text`` contains a character that neither a line of a log nor a mail header may carry."""
    found = _control_characters(text)
    return bool(found) and any(char not in allowed for char in found)


def key_problem(text: str, longest: int = LONGEST_LINE) -> TextProblem | None:
    """Return what is wrong with a trimmed identifier or key, or None."""
    if not text:
        return _BLANK
    if len(text) > longest:
        return TextProblem("This can have at most %(limit)s characters.", {"limit": longest})
    if has_control_characters(text):
        return _CONTROL
    return invisible_problem(text)


def invisible_problem(text: str) -> TextProblem | None:
    """Return that ``text`` contains an invisible character, by name, or None."""
    name = invisible_character(text)
    if not name:
        return None
    return TextProblem("This contains the invisible character %(character)s. Delete it.", {"character": name})


def reason_problem(text: str) -> TextProblem | None:
    """Return what is wrong with the reason of a change, or None; it is kept as it was sent, line by line."""
    if len(text) > LONGEST_REASON:
        return TextProblem("This can have at most %(limit)s characters.", {"limit": LONGEST_REASON})
    return _CONTROL if has_control_characters(text, allowed="\n\r\t") else None


def reason_line(text: str) -> str:
    """Return the reason that was typed on a page: one line, '' where there is none."""
    return one_line(text, LONGEST_REASON_LINE)


def one_line(text: str, longest: int) -> str:
    """Return ``text`` as one line of at most ``longest`` characters: runs of what can't be printed become a blank."""
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in text).split())[:longest].rstrip()


def without_breaks(text: str) -> str:
    """Return ``text`` with each run of white space and control characters as one space, none at the ends; other signs,
    such as those of direction, stay: for mails.
    """
    return trim(_white_space_or_control.sub(" ", text))


def words(text: str, longest: int = 100) -> str:
    """Return what was written into a search field, with single blanks, fit to be looked for."""
    return trim(" ".join(_not_stored(" ", text).split()))[:longest]


def storable(text: str) -> str:
    """Return ``text`` with a sign for the unknown in place of what PostgreSQL can't store: nothing becomes another."""
    return _not_stored("\ufffd", text)


def whole_number(text: str, largest: int) -> int | None:
    """Return the whole number that ``text`` is, at most ``largest``; None where it is none.

    Any number of digits: what is larger than ``largest`` is ``largest``.
    """
    found = _digits(text)
    if found is None:
        return None
    digits = found.group(1)
    return largest if len(digits) > len(str(largest)) else min(int(digits), largest)


def boolean(text: str, *, letters: bool = False) -> bool | None:
    """Return the truth value that ``text`` names (``letters``: also by t or f), in any case; None where it is none."""
    word = text.lower()
    return _LETTERS.get(word) if letters and word in _LETTERS else _BOOLEANS.get(word)


def holds_nul(text: str) -> bool:
    """True for a text that PostgreSQL neither stores nor looks for."""
    return "\x00" in text
