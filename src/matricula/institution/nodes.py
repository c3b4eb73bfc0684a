"""YAML text → nodes that know their lines, one item of a section at a time: the whole file is never held as nodes.

Texts are taken as they are ("2027" and "no" stay text where text is asked for): what a scalar is, the field says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from matricula.institution.problems import Problems, quoted

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 20
_MAX_ALIASED = 1_000_000
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")


@dataclass(slots=True)
class Scalar:
    """A single value; ``text`` None: null, which is as good as not there."""

    line: int
    text: str | None
    size = 1


@dataclass(slots=True)
class Listing:
    """A YAML sequence."""

    line: int
    entries: "list[Node]"
    size: int


@dataclass(slots=True)
class Mapping:
    """A YAML mapping: name → the name's line and the value."""

    line: int
    entries: "dict[str, tuple[int, Node]]"
    size: int


Node = Scalar | Listing | Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a section of the file; ``node`` None: the section itself was named, on this line."""

    section: str
    line: int
    node: Node | None = None


def read_entries(text: str, problems: Problems) -> Iterator[Entry]:
    """The sections of the file and their items, in order. Errors: ``InstitutionRefused`` where the text is no YAML."""
    try:
        yield from _Composer(text, problems).entries()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problems.stop(line, _syntax_message(text, line, error.problem or str(error)))
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes
        line = text.encode(errors="replace")[: max(error.position, 0)].count(b"\n") + 1
        problems.stop(line, "a character that YAML doesn't allow; remove it")
    except UnicodeEncodeError as error:
        problems.stop(text.count("\n", 0, error.start) + 1, "half of a character (a lone surrogate); remove it")


def _syntax_message(text: str, line: int, problem: str) -> str:
    row = text.split("\n")[line - 1 : line] if line else []
    if row and "\t" in row[0][: len(row[0]) - len(row[0].lstrip())]:
        return "a tab indents this line; use spaces"
    return f"invalid YAML: {problem}; correct this line or the one before it (indents, quotes, colons)"


class _Composer:
    def __init__(self, text: str, problems: Problems) -> None:
        self._events = yaml.parse(text, _Loader)
        self._problems = problems
        self._anchors: dict[str, Node | None] = {}
        self._aliased = 0

    def entries(self) -> Iterator[Entry]:
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.MappingStartEvent):
            yield from self._sections(event)
        elif not isinstance(event, yaml.StreamEndEvent):
            top = self._node(event, 0)
            if not (isinstance(top, Scalar) and top.text is None):
                self._problems.stop(top.line, "the file must be sections, such as users: and a list under it")
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._problems.stop(_line(event), "a second document starts here; a file can contain only one")

    def _sections(self, start: Any) -> Iterator[Entry]:
        self._problems_of_tag(start)
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name, line = self._name(key, 0), _line(key)
            yield Entry(name, line)
            event = self._next()
            if isinstance(event, yaml.SequenceStartEvent) and event.anchor is None:
                self._problems_of_tag(event)
                while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                    yield Entry(name, _line(item), self._node(item, 2))
                continue
            node = self._node(event, 1)
            if isinstance(node, Listing):
                yield from (Entry(name, item.line, item) for item in node.entries)
            elif not (isinstance(node, Scalar) and node.text is None):
                self._problems.add(line, f"{quoted(name)} must be a list; start each of its items with a dash")

    def _next(self) -> Any:
        return next(self._events)

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > _MAX_DEPTH:
            self._problems.stop(_line(event), f"nested more than {_MAX_DEPTH} deep; no section needs that")
        self._problems_of_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._plain(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _plain(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            null = event.implicit[0] and event.value in _NULLS
            return Scalar(_line(event), None if null else event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            listing = Listing(_line(event), [], 1)
            while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                node = self._node(item, depth + 1)
                listing.entries.append(node)
                listing.size += node.size
            return listing
        return self._mapping(event, depth)

    def _mapping(self, event: Any, depth: int) -> Mapping:
        mapping = Mapping(_line(event), {}, 1)
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name, line = self._name(key, depth + 1), _line(key)
            node = self._node(self._next(), depth + 1)
            mapping.size += node.size
            if name in mapping.entries:
                first = mapping.entries[name][0]
                self._problems.add(line, f"{quoted(name)} appears twice, first in line {first}; remove one of them")
                continue
            mapping.entries[name] = (line, node)
        return mapping

    def _name(self, event: Any, depth: int) -> str:
        node = self._node(event, depth)
        if isinstance(node, Scalar):
            return node.text or ""
        self._problems.add(node.line, "a list or mapping is used where a name is expected; write a name and a colon")
        return ""

    def _alias(self, event: Any) -> Node:
        line, node = _line(event), self._anchors.get(event.anchor)
        if node is None:
            known = event.anchor in self._anchors
            why = "is inside the value that it refers to" if known else "refers to nothing above it"
            self._problems.stop(line, f"the alias {quoted(event.anchor)} {why}; write the values out")
        # a few lines of aliases of aliases can mean more than any memory holds
        self._aliased += node.size
        if self._aliased > _MAX_ALIASED:
            self._problems.stop(line, "the aliases of this file expand to too much data; write the values out")
        return node

    def _problems_of_tag(self, event: Any) -> None:
        tags = _TEXT_TAGS if isinstance(event, yaml.ScalarEvent) else (None, "!")
        if event.tag not in tags:
            self._problems.add(_line(event), f"the tag {quoted(event.tag)} isn't allowed here; remove it")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
