"""What is wrong with a file, and where: one error for all readers of tables."""

from collections.abc import Mapping, Sequence

from matricula.foundation.text import TextProblem


class TabularError(Exception):
    """The file cannot be read. `problem` is the whole message: where it is, what it is, and how to fix it.

    `str()` is `message`, which is the same in English. `row` is None when the problem is in no row; `column` when it
    is in no one column.
    """

    def __init__(self, problem: TextProblem, row: int | None = None, column: str | None = None) -> None:
        self._what = problem
        self.problem = _with_place(problem, row, column)
        self.message = self.problem.in_english()
        super().__init__(self.message)
        self.row = row
        self.column = column

    def as_written(self, names: Mapping[str, str]) -> "TabularError":
        """The same with the name that the column has in the file; ``names``: column → this name, where it differs."""
        written = names.get(self.column or "")
        if written is None:
            return self
        shown = TextProblem("“%(name)s”", {"name": written})
        return _placed(self, _with_place(self._what, self.row, shown))

    def in_sheet(self, name: str) -> "TabularError":
        """The same with the sheet of the spreadsheet in which the row is."""
        if self.row is None:
            return self
        return _placed(self, TextProblem("Sheet “%(sheet)s”: %(problem)s", {"sheet": name, "problem": self.problem}))


def _placed(error: TabularError, problem: TextProblem) -> TabularError:
    placed = TabularError(problem)
    placed.row, placed.column = error.row, error.column
    return placed


def _with_place(problem: TextProblem, row: int | None, column: str | TextProblem | None) -> TextProblem:
    if row is None:
        return problem
    if column is None:
        return TextProblem("Row %(row)s: %(problem)s", {"row": row, "problem": problem})
    return TextProblem(
        "Row %(row)s, column %(column)s: %(problem)s", {"row": row, "column": column, "problem": problem}
    )


def either(names: Sequence[str]) -> object:
    """Return one name, or a message that offers all of them."""
    offered: object = names[0]
    for name in names[1:]:
        offered = TextProblem("%(first)s or %(second)s", {"first": offered, "second": name})
    return offered
