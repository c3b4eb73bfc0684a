"""Rows of a query as a file, streamed (institution-and-commands: Commands)."""

from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

from matricula.foundation.database import CSV, JSON_LINES, copy_out, sql_boolean_cell
from matricula.tabular.writing import sql_safe_cell


def csv_cells(columns: Sequence[str], *, booleans: Collection[str] = (), others: Collection[str] = ()) -> str:
    """The columns of rows ``r`` as cells of CSV, to select.

    A column is a text that no spreadsheet takes for a formula, True or False where it is among ``booleans``, and what
    PostgreSQL writes where it is among ``others``.
    """

    def cell(name: str) -> str:
        if name in others:
            return f"r.{name}"
        if name in booleans:
            return f"{sql_boolean_cell(f'r.{name}')} as {name}"
        # a percent sign in our own SQL is no parameter
        return f"{sql_safe_cell(f'r.{name}').replace('%', '%%')} as {name}"

    return ", ".join(map(cell, columns))


def export_table(
    query: str,
    form: str,
    parameters: Sequence[Any] | Mapping[str, Any],
    columns: Sequence[str],
    *,
    booleans: Collection[str] = (),
    others: Collection[str] = (),
) -> Generator[bytes]:
    """The rows ``r`` of a query with ``{cells}`` to fill in; ``form`` is ``csv`` (see ``csv_cells``) or ``jsonl``."""
    if form == "jsonl":
        pairs = ", ".join(f"'{name}', r.{name}" for name in columns)
        return copy_out(query.format(cells=f"json_build_object({pairs})"), parameters, JSON_LINES)
    return copy_out(query.format(cells=csv_cells(columns, booleans=booleans, others=others)), parameters, CSV)
