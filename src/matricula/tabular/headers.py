"""The first line of a table: how its cells are separated, and which column each of its names means.

A file as people save it (``office``) may write a name without case, blanks, ``-`` and ``_``, or by a usual name of the
column, and begin with the line ``sep=;`` (institution-and-commands: Files from the world). Any other file has exactly
the names of the columns, in any case.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matricula.foundation.text import TextProblem, trim
from matricula.tabular.problems import TabularError, either

MAX_COLUMNS = 1_000
_LONGEST_SHOWN, _MOST_SHOWN = 50, 20
_quoted_part = re.compile(r'"[^"]*(?:"|$)')
_separator_line = re.compile(r'\s*"?sep=(.)"?[\s,;]*', re.IGNORECASE | re.DOTALL).fullmatch
# what a name may have or not; the marks of required columns, too
_unimportant = re.compile(r"[\s_*:‐‑–-]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns a table is asked for: ``usual`` has other names of some, as ``plain_name`` returns them."""

    required: Sequence[str]
    optional: Sequence[str]
    any_of: Sequence[Sequence[str]]
    usual: Mapping[str, Sequence[str]] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order in which they are asked for."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table: where each known one is, in the file's order, and how the file calls it.

    ``understood``: column → its name in the file, where that is another one; ``unused``: the names of no column.
    """

    width: int
    positions: Mapping[str, int]
    understood: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def separator_of(line: str) -> str | None:
    """Return the character that a line ``sep=;`` names, None for any other line."""
    found = _separator_line(line)
    return found[1] if found else None


def find_delimiter(header_line: str) -> str:
    """Return what parts the names outside of quotes: comma, semicolon or tab."""
    unquoted = _quoted_part.sub("", header_line)
    return max(",;\t", key=unquoted.count)


def plain_name(name: str) -> str:
    """Return a name without what makes no difference in it: case, blanks, ``-`` and ``_``."""
    return _unimportant.sub("", trim(name)).casefold()


def read_header(row: int, cells: Sequence[str], wanted: Wanted) -> Header:
    """Find the columns in the cells of the first line, trimmed. Errors: ``TabularError``."""
    if len(cells) > MAX_COLUMNS:
        problem = TextProblem(
            "there are %(count)s columns. Keep at most %(limit)s.", {"count": len(cells), "limit": MAX_COLUMNS}
        )
        raise TabularError(problem, row)
    lowered = [cell.lower() for cell in cells]
    positions = _exact(row, lowered, wanted.names)
    if wanted.usual is not None:
        positions |= _understood(row, cells, wanted, positions)
    _check_present(row, lowered, positions, wanted)
    return Header(
        len(cells),
        dict(sorted(positions.items(), key=lambda item: item[1])),
        {name: _shown(cells[place]) for name, place in positions.items() if lowered[place] != name},
        tuple(_shown(cell) for place, cell in enumerate(cells) if cell and place not in positions.values()),
    )


def _exact(row: int, lowered: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    for name in names:
        if lowered.count(name) > 1:
            problem = TextProblem("column %(name)s appears twice. Remove or rename one.", {"name": name})
            raise _of_header(problem, row, name)
    return {name: lowered.index(name) for name in names if name in lowered}


def _understood(row: int, cells: Sequence[str], wanted: Wanted, exact: Mapping[str, int]) -> dict[str, int]:
    """The columns that are there under another name."""
    taken = set(exact.values())
    plain = {place: plain_name(cell) for place, cell in enumerate(cells) if place not in taken}
    # a name that is one column's own, but for blanks, is no other's usual one
    own = {plain_name(name) for name in wanted.names}
    found: dict[str, int] = {}
    for name in wanted.names:
        if name in exact:
            continue
        usual = {plain_name(name), *((wanted.usual or {}).get(name, ()))} - (own - {plain_name(name)})
        places = [place for place, known in plain.items() if known in usual]
        if len(places) > 1:
            problem = TextProblem(
                "the columns “%(first)s” and “%(second)s” both mean %(name)s. Remove or rename one.",
                {"first": _shown(cells[places[0]]), "second": _shown(cells[places[1]]), "name": name},
            )
            raise _of_header(problem, row, name)
        if places:
            found[name] = places[0]
            del plain[places[0]]
    return found


def _check_present(row: int, lowered: Sequence[str], positions: Mapping[str, int], wanted: Wanted) -> None:
    found = ", ".join(name[:_LONGEST_SHOWN] for name in lowered[:_MOST_SHOWN])
    for name in wanted.required:
        if name not in positions:
            problem = TextProblem(
                "column %(name)s is missing. Add it; the columns found are: %(found)s.", {"name": name, "found": found}
            )
            raise _of_header(problem, row, name)
    for group in wanted.any_of:
        if not set(group) & set(positions):
            problem = TextProblem(
                "a column is missing. Add %(names)s; the columns found are: %(found)s.",
                {"names": either(group), "found": found},
            )
            raise TabularError(problem, row)


def _shown(cell: str) -> str:
    return " ".join(cell.split())[:_LONGEST_SHOWN]


def _of_header(problem: TextProblem, row: int, column: str) -> TabularError:
    """Return the error about a column as a whole, whose problem names it."""
    error = TabularError(problem, row)
    error.column = column
    return error
