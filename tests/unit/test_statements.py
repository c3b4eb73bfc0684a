"""Statements with variants: how they are written, and what each of them is (``tests/golden/statements``)."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from matricula.foundation.statements import Statement, StatementProblem, read_statements
from tests.statements import SOURCE, list_statements

_GOLDEN = Path(__file__).parents[1] / "golden" / "statements"
_SEATS = """
-- one of: active | inactive | both
-- maybe: mode
select e.id from seat e
where e.course_id = %(course)s
    and e.is_active  --? active
    -- the reader of the file reads this, the database doesn't
    and not e.is_active  --? inactive
    --? mode
    and e.mode = %(mode)s
    and e.mode <> ''
    --? end
"""


def test_a_variant_has_its_own_lines_and_those_of_all() -> None:
    seats = Statement(_SEATS)
    assert seats("both") == "select e.id from seat e\nwhere e.course_id = %(course)s"
    assert seats("active").splitlines()[2:] == ["    and e.is_active"]
    assert seats("inactive", "mode").splitlines()[2:] == [
        "    and not e.is_active",
        "    and e.mode = %(mode)s",
        "    and e.mode <> ''",
    ]


def test_all_variants_can_be_listed() -> None:
    assert list(Statement(_SEATS).variants()) == [
        ("active",),
        ("active", "mode"),
        ("both",),
        ("both", "mode"),
        ("inactive",),
        ("inactive", "mode"),
    ]
    assert list(Statement("select 1").variants()) == [()]


@pytest.mark.parametrize("asked", [(), ("active", "both"), ("mode",), ("active", "moed")])
def test_only_what_was_declared_can_be_asked_for(asked: tuple[str, ...]) -> None:
    with pytest.raises(StatementProblem):
        Statement(_SEATS)(*asked)


def test_a_line_can_be_there_for_what_is_not_asked() -> None:
    either = Statement("-- maybe: few\nselect\n1  --? few\n2  --? not few")
    assert (either("few"), either()) == ("select\n1", "select\n2")


def test_parts_within_parts() -> None:
    nested = Statement(
        "-- maybe: a\n-- maybe: b\nselect 1\n--? a\n, 2\n--? b\n, 3\n--? end\n, 4\n--? end\n, 5  --? a, b",
    )
    assert [nested(*asked).replace("\n", "") for asked in nested.variants()] == [
        "select 1",
        "select 1, 5",
        "select 1, 2, 4, 5",
        "select 1, 2, 3, 4, 5",
    ]


def test_pieces_stand_in_place_with_its_indent_and_its_own_conditions() -> None:
    text = "-- maybe: few\nselect (\n    --> inner\n)"
    assert Statement(text, inner="select 2\nlimit 1  --? few")("few") == "select (\n    select 2\n    limit 1\n)"
    assert Statement(text, inner="select 2\nlimit 1  --? few")() == "select (\n    select 2\n)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1\n--> nowhere", "no piece"),
        ("-- maybe: mode\nselect 1", "No line depends"),
        ("select 1\nlimit 1  --? mode", "nobody can ask for"),
    ],
)
def test_what_is_written_wrongly_is_found_at_once(text: str, said: str) -> None:
    with pytest.raises(StatementProblem, match=said):
        Statement(text)


@pytest.mark.parametrize("text", ["-- maybe: a\nselect 1\n--? a\n, 2", "select 1\n--? end"])
def test_parts_begin_and_end(text: str) -> None:
    with pytest.raises(StatementProblem):
        Statement(text)()


def test_a_file_has_statements_and_pieces(tmp_path: Path) -> None:
    first = "-- why so\n\n-- statement: one\nselect\n--> what\n\n-- piece: what\n1\n--> more\n\n"
    (tmp_path / "seats.sql").write_text(first + "-- statement: two\nselect 2\n")
    found = read_statements(str(tmp_path / "seats.py"), more=", 3")
    assert {name: statement() for name, statement in found.items()} == {"one": "select\n1\n, 3", "two": "select 2"}


def test_every_statement_that_can_run_stands_in_the_golden_files() -> None:
    """After a change: ``make golden``, and read what it wrote."""
    made: dict[str, str] = {}
    for module, name, asked, text in list_statements():
        made.setdefault(f"{module}.sql", "")
        made[f"{module}.sql"] += f"-- {name}({', '.join(asked)})\n{text};\n\n"
    assert len(made) > 5
    if os.environ.get("MATRICULA_WRITE_GOLDEN"):
        for old in _GOLDEN.glob("*.sql"):
            old.unlink()
        for name, text in made.items():
            (_GOLDEN / name).write_text(text, "utf-8")
    golden = {path.name: path.read_text("utf-8") for path in _GOLDEN.glob("*.sql")}
    assert sorted(golden) == sorted(made), "Run `make golden`."
    for name, text in made.items():
        assert golden[name] == text, f"{name} differs. Run `make golden`, and read what it wrote."


def test_statements_are_whole_or_made_by_the_one_builder() -> None:
    """Where the linter's rule about strings of SQL is switched off; each place has its reason beside it."""
    found = Counter(
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"noqa:.*\bS608\b", line)
    )
    known = {"foundation/database.py": 1, "history/integrity.py": 1, "learners/rows.py": 1}
    # of all declared tables and columns, which are in no statement one by one
    known["retirement/rows.py"] = 2
    assert found == known
