"""SQL statements with variants, each written as one whole text: in a ``.sql`` file beside its module.

A statement is under its name, and under what may be asked of it. Behind a line is when it is there:

    -- statement: seats
    -- one of: active | inactive | both
    -- maybe: mode
    select e.id from seat e
    where e.course_id = %(course)s
        and e.is_active  --? active
        and not e.is_active  --? inactive
        and e.mode = %(mode)s  --? mode

``SEATS("active", "mode")`` is the text without the other lines. ``--? a, b`` keeps a line for ``a`` or for ``b``,
``--? not a`` where ``a`` isn't asked for; alone in its line it keeps the lines up to ``--? end``. ``--> name`` is
replaced by a piece: one of the same file (under ``-- piece: name``), or one that the module hands over. Other comments
are for the reader of the file.

Only what is declared can be asked for, so that all variants can be listed: ``tests/golden/statements`` has each of
them, and ``make golden`` writes it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

_HEAD = re.compile(r"-- (statement|piece): (\w+)\n")
_CHOICE = re.compile(r"-- (one of|maybe): (.+)")
_MARK = re.compile(r"(?P<line>.*?)\s*--\? (?P<names>(?:not )?\w+(?:, (?:not )?\w+)*)$")
_PIECE = re.compile(r"(?P<indent>\s*)--> (?P<name>\w+)$")
_END = "end"


class StatementProblem(Exception):
    """A statement is written wrongly, or was asked for a variant that it does not have: a bug."""


class Statement:
    """One statement; called with the names of what is asked for, it gives the text to execute."""

    def __init__(self, text: str, **pieces: str) -> None:
        """``pieces``: what means ``--> name``."""
        self._text, self._pieces = text, pieces
        self._choices: list[frozenset[str]] = []
        self._options: set[str] = set()
        for kind, names in _CHOICE.findall(text):
            if kind == "maybe":
                self._options.add(names)
            else:
                self._choices.append(frozenset(names.split(" | ")))
        self._known = self._options.union(*self._choices)
        self._made: dict[frozenset[str], str] = {}
        if unused := self._options - self._named_by(text, set()):
            raise StatementProblem(f"No line depends on {sorted(unused)}.")

    def __call__(self, *asked: str) -> str:
        """The text of a variant. Errors: ``StatementProblem`` for a variant that was not declared."""
        on = frozenset(asked)
        made = self._made.get(on)
        if made is None:
            if on - self._known or any(len(on & choice) != 1 for choice in self._choices):
                raise StatementProblem(f"There is no variant {sorted(on)}.")
            made = self._made[on] = "\n".join(self._lines(self._text, on))
        return made

    def variants(self) -> Iterator[tuple[str, ...]]:
        """Each variant that can be asked for."""
        optional = ([(), (name,)] for name in sorted(self._options))
        for picked in product(*(sorted(choice) for choice in self._choices), *optional):
            yield tuple(name for part in picked for name in ([part] if isinstance(part, str) else part))

    def _named_by(self, text: str, seen: set[str]) -> set[str]:
        """What lines depend on, those of pieces too."""
        named: set[str] = set()
        for line in text.splitlines():
            if mark := _MARK.match(line):
                named |= {condition.removeprefix("not ") for condition in mark["names"].split(", ")}
                line = mark["line"]
            if (piece := _PIECE.match(line)) and piece["name"] not in seen:
                named |= self._named_by(self._piece(piece["name"]), seen | {piece["name"]})
        if foreign := named - self._known - {_END}:
            raise StatementProblem(f"Lines depend on {sorted(foreign)}, which nobody can ask for.")
        return named

    def _piece(self, name: str) -> str:
        if name not in self._pieces:
            raise StatementProblem(f'There is no piece "{name}".')
        return self._pieces[name]

    def _lines(self, text: str, on: frozenset[str]) -> Iterator[str]:
        kept = [True]
        for line in text.splitlines():
            wanted = True
            if mark := _MARK.match(line):
                conditions = mark["names"].split(", ")
                line = mark["line"]
                if not line.strip():
                    _nest(kept, conditions, on)
                    continue
                wanted = _holds(conditions, on)
            if not (wanted and kept[-1]) or not line.strip():
                continue
            if piece := _PIECE.match(line):
                yield from (piece["indent"] + inner for inner in self._lines(self._piece(piece["name"]), on))
            elif not line.lstrip().startswith("-- "):
                yield line
        if len(kept) > 1:
            raise StatementProblem("A part has no end.")


def _holds(conditions: Iterable[str], on: frozenset[str]) -> bool:
    return any(c[4:] not in on if c.startswith("not ") else c in on for c in conditions)


def _nest(kept: list[bool], conditions: list[str], on: frozenset[str]) -> None:
    if conditions != [_END]:
        kept.append(kept[-1] and _holds(conditions, on))
    elif len(kept) > 1:
        kept.pop()
    else:
        raise StatementProblem("A part ends that has not begun.")


def read_statements(module_file: str, **pieces: str) -> Mapping[str, Statement]:
    """The statements of the ``.sql`` file beside a module (its ``__file__``), by name; ``pieces`` as for one."""
    return _read(Path(module_file).with_suffix(".sql"), tuple(pieces.items()))


@cache
def _read(path: Path, pieces: tuple[tuple[str, str], ...]) -> Mapping[str, Statement]:
    _, *parts = _HEAD.split(path.read_text("utf-8"))
    found = list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))
    own = {name: text for kind, name, text in found if kind == "piece"}
    return {name: Statement(text, **dict(pieces), **own) for kind, name, text in found if kind == "statement"}
