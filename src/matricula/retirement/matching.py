"""Finding people in texts, and replacing them: no database, no files.

What is *known in public* of a person is looked for in every text: addresses, full names, and usernames, keys and single
names that are long enough and that no one else has. The rest (a first name that others have, a key of three
characters) is looked for only in texts about the person.
"""

import html
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from matricula.foundation.folding import fold
from matricula.retirement.people import Person

# words that columns and files have anyway: a username that is one of them is no trace there
_WORDS = frozenset(
    """
    active inactive enrolled enroll unenroll unenrolled pending suspended canceled ended true false null none
    audit honor verified professional masters credit staff instructor limited_staff data_researcher
    beta_testers admin course program student username email mode status reason created changed deleted
    recorded linked unlinked account error duplicated conflict stale invalid api upload console command
    schedule
    """.split()  # noqa: SIM905  a word in each line would be a page
)
_SHORTEST_USERNAME, _SHORTEST_KEY, _SHORTEST_NUMBER, _SHORTEST_NAME, _CASELESS_NAME = 3, 4, 5, 3, 5
_SHORTEST_CORE = 2
# what may be between first and last name
_BETWEEN = r"(?:[\s_.,+\-]|%20|\\u00a0){0,3}"
_STRICT = (r"(?<![\w@+])(?<!\w[.\-])", r"(?![\w@+]|[.\-]\w)")
# as in names of files: everything but letters and digits parts words
_LOOSE = (r"(?<![^\W_])", r"(?![^\W_])")
# an address is none within a longer one; a name of two words may have signs around it
_OF_ADDRESSES = (r"(?<![\w+])(?<!\w[.\-])", r"(?!\w|[.\-]\w)")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMED = re.compile(r'"(?:student_key|username|email|identifier|key)"\s*:\s*"(?:[^"\\]|\\.)*"')
_CELL = re.compile(r'"(?:[^"]|"")*"|[^",]+')
_COURSE = "course-v1:"
COLUMNS_OF_PEOPLE = frozenset({"student_key", "username", "email", "identifier", "key"})
"""Of CSV files: what holds one name of a person."""


def _variants(text: str) -> Iterator[str]:
    """A text as it may be written in other texts: composed or not, in JSON, in addresses, in HTML, in CSV."""
    for one in (text, unicodedata.normalize("NFD", text)):
        yield from (one, json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])
        yield from (quote(one, safe=""), quote(one, safe="@"), html.escape(one), one.replace('"', '""'))


def _alternatives(text: str) -> str:
    return "|".join(sorted({re.escape(variant) for variant in _variants(text)}, key=len, reverse=True))


def _is_short(text: str, shortest: int) -> bool:
    return len(text) < (max(shortest, _SHORTEST_NUMBER) if text.isdigit() else shortest)


@dataclass(frozen=True, slots=True)
class _Term:
    """One text to look for: a regular expression, what replaces it, whether it is looked for everywhere."""

    text: str
    regex: str
    replacement: str
    # what has to be around it, where that isn't the usual
    ends: tuple[str, str] | None
    public: bool
    caseless: bool = True


def _terms(person: Person) -> Iterator[_Term]:
    shared = person.folded_shared
    for text in person.addresses:
        public = fold(text) not in shared
        yield _Term(text, _alternatives(text), person.address(text), _OF_ADDRESSES, public=public)
    for first, last in person.names:
        yield from _names(person, first, last)
    for text in person.usernames:
        yield _identifier(text, person.username(text), _SHORTEST_USERNAME, shared)
    for _, text in person.keys:
        yield _identifier(text, person.key(text), _SHORTEST_KEY, shared)


def _identifier(text: str, replacement: str, shortest: int, shared: Collection[str]) -> _Term:
    public = not _is_short(text, shortest) and fold(text) not in shared and fold(text) not in _WORDS
    return _Term(text, _alternatives(text), replacement, None, public=public)


def _names(person: Person, first: str, last: str) -> Iterator[_Term]:
    if first and last:
        a, b = _alternatives(first), _alternatives(last)
        whole = f"(?:{a}){_BETWEEN}(?:{b})|(?:{b}){_BETWEEN}(?:{a})"
        public = fold(f"{first} {last}") not in person.folded_shared
        yield _Term(f"{first} {last}", whole, person.code, _LOOSE, public=public)
    for name in (first, last):
        if name:
            public = len(name) >= _SHORTEST_NAME and fold(name) not in person.folded_shared and fold(name) not in _WORDS
            ends = _LOOSE if len(name) >= _CASELESS_NAME else None
            yield _Term(name, _alternatives(name), person.code, ends, public, len(name) >= _CASELESS_NAME)


class _Search:
    """Some terms as one regular expression."""

    def __init__(self, terms: Iterable[tuple[int, _Term]], *, loose: bool, any_case: bool) -> None:
        ordered = sorted(terms, key=lambda placed: -len(placed[1].text))
        self._found = [(place, term.replacement) for place, term in ordered]
        parts = []
        for _, term in ordered:
            left, right = _LOOSE if loose else term.ends or _STRICT
            case = "" if any_case or term.caseless else "-i"
            parts.append(f"({left}(?{case}:{term.regex}){right})")
        self._regex = re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def replace(self, text: str, seen: set[int]) -> str:
        """Return the text with replacements; who was found is added to ``seen``."""
        if self._regex is None:
            return text

        def found(match: re.Match[str]) -> str:
            place, replacement = self._found[(match.lastindex or 1) - 1]
            seen.add(place)
            return replacement

        return self._regex.sub(found, text)


class Matcher:
    """Finds some people in whatever text."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._terms = [(place, term) for place, person in enumerate(people) for term in _terms(person)]
        self._everywhere = {
            loose: _Search((t for t in self._terms if t[1].public), loose=loose, any_case=False)
            for loose in (False, True)
        }
        self._of = cache(self._search_of)
        self.accounts = {p.account_id: place for place, p in enumerate(people) if p.account_id is not None}
        self._usernames = self._exact((p, u, p.username(u)) for p in people for u in p.usernames)
        self._addresses = self._exact((p, a, p.address(a)) for p in people for a in p.addresses)
        self._keys = {
            (organization, fold(key)): (place, person.key(key))
            for place, person in enumerate(people)
            for organization, key in person.keys
        }

    def _exact(self, given: Iterable[tuple[Person, str, str]]) -> Mapping[str, tuple[int, str]]:
        places = {id(person): place for place, person in enumerate(self.people)}
        return {
            fold(text): (places[id(person)], replacement)
            for person, text, replacement in given
            if fold(text) not in person.folded_shared
        }

    def _search_of(self, place: int, loose: bool) -> _Search:
        return _Search((t for t in self._terms if t[0] == place), loose=loose, any_case=True)

    # exactly one name

    def username(self, text: str) -> tuple[int, str] | None:
        """Whose username it is, by the place among the people, and the pseudonym."""
        return self._usernames.get(fold(text))

    def address(self, text: str) -> tuple[int, str] | None:
        """Whose address it is."""
        return self._addresses.get(fold(text))

    def key(self, text: str, organization: int | None) -> tuple[int, str] | None:
        """Whose student key of an organization it is."""
        return None if organization is None else self._keys.get((organization, fold(text)))

    def identifier(self, text: str, organization: int | None) -> tuple[int, str] | None:
        """Whose username, address or key it is."""
        found = self.key(text, organization) or self.address(text)
        return found or self.username(text)

    # names in texts

    def text(self, text: str, about: Collection[int] = (), *, loose: bool = False) -> str:
        """The text with pseudonyms; ``about``: the places of people whom it is about anyway.

        A text in which someone is found is about that person, too.
        """
        seen = set(about)
        replaced = self._everywhere[loose].replace(text, seen)
        for place in seen:
            replaced = self._of(place, loose).replace(replaced, set())
        return replaced

    def named(self, text: str) -> set[int]:
        """The places of the people whom a text names."""
        seen: set[int] = set()
        self._everywhere[False].replace(text, seen)
        return seen

    def json(
        self,
        text: str,
        about: Collection[int] = (),
        organization: int | None = None,
        *,
        loose: bool = False,
        exact: bool = False,
    ) -> str:
        """JSON with pseudonyms in its strings, and otherwise the same to the letter; ``exact``: a string may be a
        whole identifier.
        """

        def literal(match: re.Match[str]) -> str:
            written = match[0]
            held = json.loads(written, strict=False)
            if held.startswith(_COURSE):
                return written
            found = self.identifier(held, organization) if exact and fold(held) not in _WORDS else None
            replaced = found[1] if found else self.text(held, about, loose=loose)
            return written if replaced == held else json.dumps(replaced, ensure_ascii=False)

        return _LITERAL.sub(literal, text)

    def line(self, line: str, organization: int | None, columns: Sequence[str] = ()) -> str:
        """A line of a file: of JSON where it has named strings, or of CSV with ``columns``."""
        seen: set[int] = set()
        if not columns:
            line = _NAMED.sub(lambda match: self._named(match[0], organization, seen), line)
            return self.text(line, seen)
        line = self._cells(line, organization, columns, seen)
        seen |= self.named(line)
        # a name in two cells stays two cells
        return _CELL.sub(lambda match: self.text(match[0], seen), line) if seen else line

    def _named(self, written: str, organization: int | None, seen: set[int]) -> str:
        name, _, value = written.partition(":")
        found = self.identifier(json.loads(value, strict=False), organization)
        if found is None:
            return written
        seen.add(found[0])
        return f"{name}:{json.dumps(found[1])}"

    def _cells(self, line: str, organization: int | None, columns: Sequence[str], seen: set[int]) -> str:
        ending = line[len(line.rstrip("\r\n")) :]
        cells = line[: len(line) - len(ending)].split(",")
        # what has commas within its cells is left to the search in texts
        if len(cells) != len(columns):
            return line
        for place, (name, cell) in enumerate(zip(columns, cells, strict=True)):
            if name in COLUMNS_OF_PEOPLE and (found := self.identifier(cell.strip('"'), organization)):
                seen.add(found[0])
                cells[place] = found[1]
        return ",".join(cells) + ending

    # for PostgreSQL, which only finds candidates

    @property
    def pattern(self) -> str:
        """A regular expression of PostgreSQL, for ``~*``, that matches at least all that is looked for everywhere."""
        return _pattern(term for _, term in self._terms if term.public)

    @property
    def full_pattern(self) -> str:
        """As ``pattern``, of all that is looked for in texts about these people."""
        return _pattern(term for _, term in self._terms)

    @property
    def hidden(self) -> list[str]:
        """Identifiers, folded, that are looked for only as a whole."""
        public = {fold(term.text) for _, term in self._terms if term.public}
        return sorted(set(self.folded["identifiers"]) - public)

    @property
    def account_ids(self) -> list[int]:
        """The people's accounts."""
        return [*self.accounts]

    @property
    def folded(self) -> Mapping[str, list[str]]:
        """Usernames, addresses and keys, folded, as parameters of statements."""
        return {
            "usernames": [*self._usernames],
            "addresses": [*self._addresses],
            "keys": [key for _, key in self._keys],
            "identifiers": [*{*self._usernames, *self._addresses, *(key for _, key in self._keys)}],
        }


def _pattern(terms: Iterable[_Term]) -> str:
    parts = {_core(word) for term in terms for word in [max(term.text.split(), key=len)]}
    return "|".join(sorted(parts)) or "$^x"


def _core(text: str) -> str:
    """What is written in one way wherever the text is: letters and digits of ASCII, the longest of them.

    Without quantifiers, many of them cost PostgreSQL hardly more than one. Of an address it is not the domain, which
    many have.
    """
    longest = max(re.findall(r"[A-Za-z0-9]+", text.partition("@")[0]), key=len, default="")
    if len(longest) > _SHORTEST_CORE:
        return longest
    stripped = re.sub(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "", text)
    if len(re.sub(r"[^A-Za-z0-9]", "", stripped)) >= _SHORTEST_CORE:
        # between these, signs may be escaped
        return re.sub(r"[^A-Za-z0-9]+", ".{1,40}", stripped)
    variants = {v for one in (text, text.lower(), text.upper()) for v in _variants(one)}
    # in JSON as text, a backslash of a text is two
    variants |= {variant.replace("\\", "\\\\") for variant in variants}
    return "|".join(sorted(re.sub(r"([^\w])", r"\\\1", variant) for variant in variants if variant))
