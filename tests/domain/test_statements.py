"""Every variant of every statement is one that PostgreSQL understands."""

import re

import pytest
from django.db import connection

from matricula.batches import selecting
from tests.statements import list_statements

_FILLED_IN = re.compile(r"\{[a-z]+\}")
_PLANNED = {"select", "insert", "update", "delete", "with"}


@pytest.mark.usefixtures("db")
def test_postgresql_understands_every_variant() -> None:
    seen: set[str] = set()
    with connection.cursor() as cursor:
        # of the caller's transaction, for statements of other modules
        cursor.execute(selecting._CREATE)
        for module, name, asked, text in list_statements():
            # a variant may read as another; the same text again would be prepared, and then want values
            if text.startswith("copy ") or text in seen:
                continue
            seen.add(text)
            try:
                # others have no plan, and make what is planned behind them
                how = "explain (generic_plan) " if text.split()[0] in _PLANNED else ""
                # what exports fill in: how columns are written
                cursor.execute(f"{how}{_numbered(_FILLED_IN.sub('null', text))}")
            except Exception as problem:
                raise AssertionError(f"{module}, {name}({', '.join(asked)}): {problem}") from problem
    assert len(seen) > 100


def _numbered(text: str) -> str:
    """With PostgreSQL's own parameters, as the driver sends it."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${numbers.setdefault(found['name'] or str(found.start()), len(numbers) + 1)}"

    return re.sub(r"%%|%\((?P<name>\w+)\)s|%[sb]", number, text)
