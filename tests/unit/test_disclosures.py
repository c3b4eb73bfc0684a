"""Every file about people is recorded: who may take the blocks of one, and who makes an answer that is a file."""

import ast
from pathlib import Path

import pytest

import matricula
from matricula.foundation.database import Tally, _array, _blocks
from matricula.tabular.exports import Export, export_rows

SOURCE = Path(matricula.__file__).parent
# what makes a file → the modules that may use it, and why that is recorded
USERS = {
    # the two that answer with a file of rows: only for a recipient, through `disclosed`
    "StreamingHttpResponse": {"console/disclosing.py", "rest/disclosing.py"},
    # kept files: `record_file` comes first
    "FileResponse": {"console/programs.py", "rest/files.py"},
    # verification gives a count and a digest, and no row
    "open_file": {
        "console/programs.py", "foundation/files.py", "history/snapshots/reads.py",
        "history/snapshots/verification.py", "reports/reads.py", "rest/files.py",
        # files are rewritten, and go to no one
        "retirement/files.py",
        # whoever may make a backup has the database
        "backups/writes.py",
    },
    # their links: recorded where the storage gives out files by itself
    "signed_link": {"disclosures/links.py", "foundation/files.py"},
    # `disclosed`; and what keeps a file that has yet to be fetched
    # people who don't exist
    "take_blocks": {
        "console/samples.py", "disclosures/writes.py", "history/snapshots/writes.py", "jobs/downloads.py",
        "tabular/exports.py",
    },
    # rows out of the database, in the shape of an `Export`
    "copy_out": {"foundation/database.py", "tabular/exports.py"},
    "copy_csv": {"enrollments/program/exports.py", "foundation/database.py"},
    "copy_json_array": {"enrollments/program/exports.py", "foundation/database.py"},
    # rows made here: in an `Export`; in files that have yet to be fetched
    "table_lines": {
        "batches/runs.py", "grades/downloads.py", "reports/writes.py", "tabular/exports.py", "tabular/writing.py",
    },
}  # fmt: skip


def _names(path: Path) -> set[str]:
    """The names that a module defines, imports or uses, also behind a dot; none where it has no word of ``USERS``."""
    text, found = path.read_text("utf-8"), set()
    for node in ast.walk(ast.parse(text)) if any(name in text for name in USERS) else ():
        if isinstance(node, ast.Name | ast.FunctionDef):
            found.add(node.id if isinstance(node, ast.Name) else node.name)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


def test_no_file_about_people_leaves_by_another_door() -> None:
    """A new one goes through ``disclosed`` (docs/disclosures.md); a file without people is added here, and says why."""
    used: dict[str, set[str]] = {name: set() for name in USERS}
    for path in SOURCE.rglob("*.py"):
        for name in _names(path) & used.keys():
            used[name].add(path.relative_to(SOURCE).as_posix())
    assert used == USERS


def test_an_export_is_nothing_to_iterate_over() -> None:
    with pytest.raises(TypeError):
        b"".join(export_rows(["a"], []))  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 7, 999, 1_000, 1_001])
def test_rows_are_counted_without_the_header(count: int) -> None:
    export = export_rows(["n"], ([n] for n in range(count)))
    assert b"".join(export.take_blocks()).count(b"\r\n") == count + 1
    assert (export.tally.rows, export.count_people()) == (count, count)


@pytest.mark.parametrize("count", [0, 1, 50_000])
@pytest.mark.parametrize("other", [0, 1])
def test_rows_of_the_database_are_counted_without_other_lines(count: int, other: int) -> None:
    tally, lines = Tally(), [b"0123456789\n"] * (count + other)
    assert sum(map(len, _blocks(lines, tally, other=other))) == 11 * len(lines)
    assert tally.rows == count


@pytest.mark.parametrize("count", [0, 1, 3])
def test_items_of_an_array_are_counted(count: int) -> None:
    tally = Tally()
    assert b"".join(_blocks(_array(iter([b"1"] * count)), tally, other=1)).count(b"1") == count
    assert tally.rows == count


def test_what_was_not_taken_does_not_count() -> None:
    tally = Tally()
    blocks = _blocks(iter([b"x" * 1000] * 1000), tally, other=0)
    taken = len(next(blocks)) + len(next(blocks))
    blocks.close()
    assert tally.rows * 1000 == taken


@pytest.mark.parametrize(("rows", "people", "counted"), [(0, 5, 0), (3, 5, 3), (9, 5, 5)])
def test_people_are_never_more_than_the_rows_that_were_given(rows: int, people: int, counted: int) -> None:
    export = Export(lambda _tally: iter(()), lambda: people)  # type: ignore[arg-type,return-value]
    export.tally.rows = rows
    assert export.count_people() == counted
