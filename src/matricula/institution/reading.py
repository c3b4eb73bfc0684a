"""Reading an institution file: YAML text → ``Institution``, or every problem with its line.

See institution-and-commands: The institution file.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec

from matricula.foundation.text import trim
from matricula.identity.providers.reading import SECTION
from matricula.institution.forms import TRIMMED
from matricula.institution.items import Institution, Item
from matricula.institution.nodes import Listing, Mapping, Node, Scalar, read_entries
from matricula.institution.problems import InstitutionRefused, Problem, Problems, quoted

__all__ = ["Institution", "InstitutionRefused", "Problem", "read_institution", "read_institution_file"]

_OWN = ("line", "lines")
_KINDS: dict[type, tuple[Any, str]] = {
    bool: (bool, "write true or false"),
    int: (int, "write a whole number"),
    float: (float, "write a number, for example 0.95"),
    datetime: (
        Annotated[datetime, msgspec.Meta(tz=True)],
        "write a time with its offset, for example 2027-01-10T00:00:00Z",
    ),
}


def read_institution_file(path: Path) -> Institution:
    """As ``read_institution``, for a file in UTF-8; secrets in files are found beside it.

    Errors: ``InstitutionRefused``, also where the file can't be read or is not UTF-8.
    """
    problems = Problems()
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.stop(0, f"{path} can't be read: {error.strerror or error}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.stop(content.count(b"\n", 0, error.start) + 1, "this isn't UTF-8; save the file in that encoding")
    del content
    return read_institution(text, path.parent)


def read_institution(text: str, folder: Path | None = None) -> Institution:
    """The institution that the YAML ``text`` describes, all forms checked, secrets fetched from files and environment.

    ``folder``: where ``password_file`` and ``client_secret_file`` start, by default the working folder.
    Errors: ``InstitutionRefused`` with the problems of the whole file, up to the first place that is no YAML at all.
    """
    problems = Problems()
    sections = {field.name: _shape(field.type) for field in msgspec.structs.fields(Institution)}
    read: dict[str, list[Any]] = {}
    first: dict[object, int] = {}
    named: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for entry in read_entries(text, problems):
        if entry.section == SECTION:
            # of the processes, which read it when they start
            continue
        shape = sections.get(entry.section)
        if entry.node is None:
            if shape is None:
                known = ", ".join(sections)
                problems.add(entry.line, f"unknown section {quoted(entry.section)}; allowed: {known}")
            elif entry.section in named:
                where = named[entry.section]
                problems.add(
                    entry.line, f"the section {entry.section} appears twice, first in line {where}; merge them"
                )
            named.setdefault(entry.section, entry.line)
        elif isinstance(shape, _List):
            index = lengths[entry.section] = lengths.get(entry.section, -1) + 1
            path = f"{entry.section}[{index}]"
            item = shape.of.read(entry.node, path, problems)
            if item is not None:
                _fetch_secret(item, path, folder or Path(), problems)
                _check_unique(item, path, entry.section, first, problems)
                read.setdefault(entry.section, []).append(item)
            elif isinstance(entry.node, Scalar) and entry.node.text is None:
                problems.add(entry.line, f"{path} is empty; write its fields, or remove the dash")
    problems.refuse_if_any()
    return Institution(**read)


def _check_unique(item: Item, path: str, scope: object, first: dict[object, int], problems: Problems) -> None:
    for field, value in item.unique():
        line = item.line_of(field)
        if (scope, field, value) in first:
            where = first[scope, field, value]
            problems.add(line, f"{path}.{field} is the same as in line {where}; remove one of them or change it")
        else:
            first[scope, field, value] = line


def _fetch_secret(item: Item, path: str, folder: Path, problems: Problems) -> None:
    """Puts the secret itself in place of the file or the variable that holds it."""
    if item.SECRET is None:
        return
    name, _ = item.SECRET
    names = (name, f"{name}_file", f"{name}_env")
    given = [n for n in names if getattr(item, n) is not None]
    if len(given) > 1:
        problems.add(item.line_of(given[1]), f"{path} has {' and '.join(given)}; give one of them")
    elif not given and item.needs_secret:
        problems.add(item.line, f"{path} has no {name}; add {', '.join(names[:2])} or {names[2]}")
    elif given == [names[1]]:
        _fetch_from_file(item, names, path, folder, problems)
    elif given == [names[2]]:
        variable = getattr(item, names[2])
        secret = os.environ.get(variable, "")
        # what is not UTF-8 comes as half characters, which can't be hashed
        if not secret or secret.encode(errors="ignore").decode() != secret:
            why = "is not set" if not secret else "is not UTF-8"
            problems.add(item.line_of(names[2]), f"{path}.{names[2]}: the variable {variable} {why}; set it")
        setattr(item, name, secret)


def _fetch_from_file(item: Item, names: tuple[str, str, str], path: str, folder: Path, problems: Problems) -> None:
    path_of_secret = folder / getattr(item, names[1])
    try:
        secret = path_of_secret.read_text("utf-8").rstrip("\r\n")
        why = "" if secret else "it is empty"
    except (OSError, ValueError) as error:
        secret, why = "", getattr(error, "strerror", None) or "it is not UTF-8"
    if why:
        problems.add(
            item.line_of(names[1]), f"{path}.{names[1]}: {path_of_secret} contains no secret ({why}); correct the file"
        )
    setattr(item, names[0], secret)


# --- From nodes to typed values: a shape for every type that a field may have ---


def _is(node: Node) -> str:
    return {Scalar: "a single value", Listing: "a list", Mapping: "a mapping"}[type(node)]


@dataclass(slots=True)
class _Value:
    """A single value: its type, and the checks of its form."""

    kind: type
    checks: tuple[Callable[[Any], str | None], ...]
    trimmed: bool = False

    def read(self, node: Node, path: str, problems: Problems) -> Any:
        """The value; None where it is null or invalid."""
        if not isinstance(node, Scalar):
            problems.add(node.line, f"{path} must be a single value, not {_is(node)}")
            return None
        if node.text is None:
            return None
        value: Any = trim(node.text) if self.trimmed else node.text
        if self.kind is not str:
            into, remedy = _KINDS[self.kind]
            try:
                # not strict would take a bare number for a time
                value = msgspec.convert(node.text, into, strict=self.kind is datetime)
            except msgspec.ValidationError:
                problems.add(node.line, f"{path}: {quoted(node.text)} is not valid; {remedy}")
                return None
        for check in self.checks:
            problem = check(value)
            if problem:
                problems.add(node.line, f"{path}: {quoted(node.text)} {problem}")
                return None
        return value


@dataclass(slots=True)
class _List:
    """A list of values or items; items must not repeat each other."""

    of: Any

    def read(self, node: Node, path: str, problems: Problems) -> list[Any] | None:
        """The list; None where it is null or no list."""
        if isinstance(node, Scalar) and node.text is None:
            return None
        if not isinstance(node, Listing):
            problems.add(node.line, f"{path} must be a list, not {_is(node)}; write [a, b], or a dash before each")
            return None
        values = []
        first: dict[object, int] = {}
        for index, entry in enumerate(node.entries):
            here = f"{path}[{index}]"
            value = self.of.read(entry, here, problems)
            if isinstance(entry, Scalar) and entry.text is None:
                problems.add(entry.line, f"{here} is empty; write a value, or remove it")
            if isinstance(value, Item):
                _check_unique(value, here, path, first, problems)
            values.append(value)
        return values


@dataclass(slots=True)
class _Keyed:
    """A mapping of names to values."""

    key: _Value
    of: _Value

    def read(self, node: Node, path: str, problems: Problems) -> dict[Any, Any] | None:
        """The mapping; None where it is null or none."""
        if isinstance(node, Scalar) and node.text is None:
            return None
        if not isinstance(node, Mapping):
            problems.add(node.line, f"{path} must be a mapping, not {_is(node)}; write {{name: value}}")
            return None
        values = {}
        for name, (line, entry) in node.entries.items():
            key = self.key.read(Scalar(line, name), path, problems)
            value = self.of.read(entry, f"{path}[{quoted(name)}]", problems)
            if value is not None:
                values[key] = value
        return values


@dataclass(slots=True)
class _Fields:
    """An item: its class, its fields, and those that must be there."""

    kind: type[Item]
    fields: dict[str, Any]
    required: tuple[str, ...]

    def read(self, node: Node, path: str, problems: Problems) -> Item | None:
        """The item; None where it is null or anything is wrong with it."""
        if isinstance(node, Scalar) and node.text is None:
            return None
        if not isinstance(node, Mapping):
            problems.add(node.line, f"{path} must be a mapping, not {_is(node)}; write its fields as name: value")
            return None
        problems_before = problems.count
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for name, (line, entry) in node.entries.items():
            shape = self.fields.get(name)
            if shape is None:
                section = path.partition("[")[0]
                known = ", ".join(self.fields)
                problems.add(line, f"unknown field {quoted(name)} in {section} ({path}); allowed: {known}")
                continue
            values[name] = shape.read(entry, f"{path}.{name}", problems)
            if line != node.line:
                lines[name] = line
        self._find_missing(node, path, problems)
        if problems.count > problems_before:
            return None
        item = self.kind(line=node.line, lines=lines, **values)
        for field, message in item.problems():
            problems.add(item.line_of(field), f"{path}{'.' + field if field else ''}: {message}")
        return item

    def _find_missing(self, node: Mapping, path: str, problems: Problems) -> None:
        for name in self.required:
            given = node.entries.get(name)
            if given is None or (isinstance(given[1], Scalar) and given[1].text is None):
                problems.add(node.line, f"{path} has no {name}; add it")


@cache
def _shape(kind: Any) -> Any:
    """The shape of a field's type; ``X | None`` is X, for null is as good as not given."""
    # a union that holds Annotated types: get_args gives its members whole
    if get_origin(kind) is not Annotated and type(None) in get_args(kind):
        kind = next(k for k in get_args(kind) if k is not type(None))
    if get_origin(kind) is Annotated:
        base, *checks = get_args(kind)
        return _Value(base, tuple(c for c in checks if c != TRIMMED), TRIMMED in checks)
    if get_origin(kind) is list:
        return _List(_shape(get_args(kind)[0]))
    if get_origin(kind) is dict:
        return _Keyed(*map(_shape, get_args(kind)))
    if issubclass(kind, Item):
        fields = [f for f in msgspec.structs.fields(kind) if f.name not in _OWN]
        return _Fields(kind, {f.name: _shape(f.type) for f in fields}, tuple(f.name for f in fields if f.required))
    return _Value(kind, ())
