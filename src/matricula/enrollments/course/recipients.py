"""Identifiers out of what people paste: lists of emails and usernames, and recipients as mail programs copy them.

Among recipients only addresses count: the words of a name must never be taken for someone's username
(enrollment-api: Enrolling).
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from matricula.foundation.folding import fold
from matricula.foundation.text import trim

# What only recipients have: an address in angle brackets, a quoted name, mailto:, semicolons, a name in parentheses.
# Each pattern takes time in proportion to the text: no part of it is tried twice.
_is_pasted = re.compile(
    r'<[^<>@]*@|^[ \t]*"|[;,][ \t]*"|"[^"\n]*"[ \t]*<|mailto:|;|@[^\s,@]*[ \t]+\(', re.IGNORECASE | re.MULTILINE
).search
# most texts: nothing in them that ``_is_pasted`` looks for
_is_plain = re.compile(r"[\w.@+-]*").fullmatch
_names = re.compile(r'[<">(]|mailto:', re.IGNORECASE).search
_bracketed = re.compile(r"[<\[]([^<>\[\]]*)[>\]]").findall
_quoted_or_comment = re.compile(r'"[^"\n]*"|\([^()\n]*\)').sub
_is_address = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+").fullmatch
_MAILTO = "mailto:"


def split_identifiers(texts: Iterable[str]) -> list[str]:
    """Return the distinct identifiers in ``texts``, as first spelled, in order.

    They are separated by commas and white space, and trimmed. Of a text in the form of recipients only the addresses
    count. A piece of such a text without any address counts as one identifier, so that several words are rejected as
    a whole.
    """
    distinct: dict[str, str] = {}
    for text in texts:
        for piece in _pasted(text) if _is_pasted(text) else text.replace(",", " ").split():
            if identifier := trim(piece):
                distinct.setdefault(fold(identifier), identifier)
    return list(distinct.values())


def only_address(text: str) -> str:
    """Return the address of a text in the form of one recipient; any other text as it is."""
    if not _is_plain(text) and _is_pasted(text) and len(found := split_identifiers([text])) == 1:
        return found[0]
    return text


def _pasted(text: str) -> Iterator[str]:
    for line in _whole_lines(text):
        entries = [entry for entry in _quoted_or_comment(_kept_if_address, line).split(";") if entry.strip()]
        found = [_addresses(entry) for entry in entries]
        named = any(found) and _names(line)
        for entry, addresses in zip(entries, found, strict=True):
            # where names are, a word alone is one, too
            yield from addresses or ([] if named else [" ".join(entry.split())])


def _whole_lines(text: str) -> list[str]:
    """The lines; one that begins with an angle bracket goes on with the name on the line before."""
    lines: list[list[str]] = []
    for line in text.splitlines():
        if lines and line.lstrip().startswith("<"):
            lines[-1].append(line)
        elif line.strip():
            lines.append([line])
    return list(map(" ".join, lines))


def _kept_if_address(found: re.Match[str]) -> str:
    """A quoted name or a comment is dropped; an address in quotes counts."""
    inner = found[0][1:-1].strip(" '")
    return f" {inner} " if found[0].startswith('"') and _is_address(inner) else " "


def _addresses(entry: str) -> list[str]:
    """The addresses of an entry; where one is in brackets, the words around it are a name."""
    found: list[str] = []
    if "@" not in entry:
        return found
    for part in entry.split(","):
        given = [inner for inner in _bracketed(part) if "@" in inner] or [word for word in part.split() if "@" in word]
        found += [address for word in given if (address := _plain_address(word))]
    return found


def _plain_address(word: str) -> str:
    """The address without ``mailto:``, its query, quotes and brackets."""
    word = trim(word)
    if word.lower().startswith(_MAILTO):
        word = unquote(word[len(_MAILTO) :].partition("?")[0])
    return word.strip("'<>[]() ")
