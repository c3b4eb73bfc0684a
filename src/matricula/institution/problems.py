"""What is wrong with an institution file: every problem with its line, all raised together.

See institution-and-commands: The institution file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

MAX_PROBLEMS = 100
_SHOWN = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and its remedy; line 0 is the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class InstitutionRefused(Exception):
    """The file has ``problems``, in the order of their lines, and ``more`` that are not listed. Nothing was saved."""

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        self.problems = sorted(problems)
        self.more = more
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), *([f"and {self.more} more"] if self.more else [])])


class Problems:
    """Collects the first hundred problems, and counts the others."""

    def __init__(self) -> None:
        self.count = 0
        self._listed: list[Problem] = []

    def add(self, line: int, message: str) -> None:
        """One more problem; the reading goes on."""
        self.count += 1
        if len(self._listed) < MAX_PROBLEMS:
            self._listed.append(Problem(line, message))

    def stop(self, line: int, message: str) -> NoReturn:
        """A problem behind which nothing can be read. Errors: ``InstitutionRefused``, always."""
        # shown even where a hundred others came before
        self._listed = [*self._listed[: MAX_PROBLEMS - 1], Problem(line, message)]
        self.count += 1
        self.refuse_if_any()
        raise AssertionError("a problem was added")

    def refuse_if_any(self) -> None:
        """Errors: ``InstitutionRefused`` if there are problems."""
        if self.count:
            raise InstitutionRefused(self._listed, self.count - len(self._listed))


def quoted(text: str) -> str:
    """A text of the file as a message shows it: in quotes, in one line, not too long."""
    return json.dumps(text if len(text) <= _SHOWN else text[:_SHOWN] + "…", ensure_ascii=False)
