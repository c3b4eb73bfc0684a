"""Rows of a file that name someone whom an earlier row names, however many rows there are (Files from the world)."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from matricula.batches.values import FileRow, LeftOut, Rejected, duplicated_text

# the word for rows that say what an earlier row has said
UNCHANGED = "unchanged"


class Repeats:
    """The names that a file has more than once.

    They are found by their hashes in a first pass, so that only they, and not all names, are kept for the second one.
    """

    def __init__(self, names: Callable[[tuple[str, ...]], Sequence[Hashable]], rows: Iterable[FileRow]) -> None:
        """Read all rows; ``names``: whom the cells of a row name."""
        self._names = names
        self._first: dict[Hashable, FileRow] = {}
        seen: set[int] = set()
        self._again: set[int] = set()
        for _number, cells in rows:
            for name in self._names(cells):
                known = hash(name)
                (self._again if known in seen else seen).add(known)

    def without(self, rows: Sequence[FileRow], requests: list[Any]) -> list[Any]:
        """The requests of rows, in order: a row that says what an earlier one says is left out, one that says
        something else about the same name is rejected.
        """
        if not self._again:
            return requests
        return [self._checked(row, request) for row, request in zip(rows, requests, strict=True)]

    def _checked(self, row: FileRow, request: Any) -> Any:
        if isinstance(request, Rejected):
            return request
        number, cells = row
        names = [name for name in self._names(cells) if hash(name) in self._again]
        earlier = [self._first[name] for name in names if name in self._first]
        for first, said in earlier:
            if said != cells:
                return Rejected(number, cells, duplicated_text(first))
        for name in names:
            self._first.setdefault(name, row)
        return LeftOut.ROW if earlier else request
