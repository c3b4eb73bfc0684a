"""``matricula lms``: connections to learning platforms, checked, pushed, compared, read (docs/lms.md)."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from matricula.cli.group import group
from matricula.cli.printing import print_cells, print_json
from matricula.cli.service import Data, database, fail

if TYPE_CHECKING:
    from matricula.connections.reads import Connection
    from matricula.connectors.open_edx.calls import PacedClient
    from matricula.connectors.open_edx.reads import ListedDifference, MissingGrade, RejectedRow

app = group("Connections to learning platforms.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection, as the institution file names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DIFFERS, FAILED = 1, 2
_ROUNDS = 5
_NOT = "not enrolled"
_T = TypeVar("_T")


@app.command()
def check(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Check credentials and permissions, and that each course run is there with its modes."""
    with _connection(name, data) as connection:
        from matricula.connectors.open_edx.checking import check_connection

        findings = _ask(connection, check_connection)
        if as_json:
            courses = [{"course": f.course, "modes": list(f.modes), "problem": f.problem} for f in findings]
            print_json({"connection": connection.name, "courses": courses})
        else:
            print_cells(
                ("course run", "modes there", "problem"), ((f.course, ", ".join(f.modes), f.problem) for f in findings)
            )
        raise typer.Exit(DIFFERS if any(f.problem for f in findings) else 0)


@app.command()
def push(
    name: Name,
    data: Data = None,
    retry: Annotated[bool, typer.Option("--retry", help="Also send again what the LMS rejected.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send what waits, until nothing waits."""
    with _connection(name, data) as connection:
        from matricula.connectors.open_edx.conditions import end_pause
        from matricula.connectors.open_edx.rows import retry_rows
        from matricula.connectors.open_edx.statuses import RowState

        if not connection.push:
            raise fail(f"the institution file says push: false about {name}.", FAILED)
        retry_rows(connection.id, RowState.ABSENT, *([RowState.REJECTED] if retry else []))
        end_pause(connection.id)
        problem = _push_all(connection)
        _show(connection, as_json=as_json, problem=problem)


def _push_all(connection: "Connection") -> str | None:
    """Push until nothing waits, or what waits fails again and again; return why."""
    from matricula.connectors.open_edx.conditions import find_condition
    from matricula.connectors.open_edx.pushing import push as push_once
    from matricula.connectors.open_edx.rows import find_next_try
    from matricula.connectors.open_edx.statuses import ProblemKind
    from matricula.connectors.open_edx.targets import follow

    failures = 0
    while failures < _ROUNDS:
        while follow(connection):
            pass
        pushed = push_once(connection)
        if pushed.is_busy:
            # the worker does it
            time.sleep(1)
        elif pushed.problem and pushed.problem.kind is not ProblemKind.THROTTLED:
            return pushed.problem.words
        failures = 0 if pushed.states or pushed.is_busy else failures + 1
        due = find_next_try(connection.id)
        if due is None:
            return None
        paused = find_condition(connection.id).paused_until or 0.0
        time.sleep(min(max(due - time.time(), paused - time.time(), 0.0), 60.0))
    return "some rows still wait: the LMS doesn't answer about them"


@app.command()
def diff(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Compare the LMS with the record."""
    with _connection(name, data) as connection:
        from matricula.connectors.open_edx.differences import find_differences
        from matricula.connectors.open_edx.targets import follow

        while follow(connection):
            pass
        _ask(connection, find_differences)
        _show(connection, as_json=as_json, differences=True)


@app.command()
def grades(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Fetch the grades of all course runs."""
    with _connection(name, data) as connection:
        from matricula.connectors.open_edx.grades import fetch_grades
        from matricula.journal.statuses import COMMAND

        counts = _ask(connection, lambda client: fetch_grades(client, COMMAND))
        if not as_json:
            print_cells(("grades", "number"), ((word, str(number)) for word, number in sorted(counts.items())))
        _show(connection, as_json=as_json, missing=True, code=0)


@app.command()
def status(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Show how a connection is, what the LMS rejected, where it differs, and whose grades it left out."""
    with _connection(name, data) as connection:
        _show(connection, as_json=as_json, differences=True, missing=True)


@contextmanager
def _connection(name: str, data: Path | None) -> Iterator["Connection"]:
    with database(data):
        from matricula.connections.reads import find_connection, list_connections
        from matricula.journal.records import JournalElsewhere

        connection = find_connection(name)
        if connection is None:
            known = ", ".join(c.name for c in list_connections()) or "none"
            raise fail(f"there is no connection {name}; there are: {known}. Add it to the institution file.")
        try:
            yield connection
        except JournalElsewhere:
            raise fail("the database was moved to another server: run `matricula migrate` first.") from None


def _ask(connection: "Connection", ask: "Callable[[PacedClient], _T]") -> _T:
    """Ask the LMS; a connection that fails ends the command."""
    from matricula.connectors.open_edx.calls import PacedClient
    from matricula.connectors.open_edx.client import ConnectionFailed
    from matricula.connectors.open_edx.clocks import WallClock

    client = PacedClient(connection, WallClock())
    try:
        return ask(client)
    except ConnectionFailed as failed:
        raise fail(f"{connection.name}: {failed}", FAILED) from None
    finally:
        client.client.close()


def _show(
    connection: "Connection",
    *,
    as_json: bool,
    problem: str | None = None,
    differences: bool = False,
    missing: bool = False,
    code: int | None = None,
) -> None:
    """Print how a connection is, with its differences and missing grades if they are wanted; end the command."""
    from matricula.connectors.open_edx.reads import (
        get_connection_status,
        list_differences,
        list_missing_grades,
        list_rejected,
    )

    status = get_connection_status(connection.id)
    found = _Found(
        list_rejected(connection.id, limit=sys.maxsize),
        list(list_differences(connection.id)) if differences else [],
        list_missing_grades(connection.id, limit=sys.maxsize) if missing else [],
    )
    if as_json:
        numbers = {word: getattr(status, word) for word in ("waiting", "sent", "confirmed")}
        print_json({"connection": connection.name, **numbers, **_in_json(found)})
    else:
        words = ("waiting", "sent", "confirmed", "rejected", "differences")
        print_cells((connection.name, "number"), [(word, getattr(status, word)) for word in words])
        _print_tables(found)
    problem = problem or (status.condition.problem if status.condition.failures else None)
    if problem:
        raise fail(f"{connection.name}: {problem}", FAILED)
    differs = DIFFERS if found.rejected or found.differences else 0
    raise typer.Exit(differs if code is None else code)


class _Found(NamedTuple):
    """What is listed of a connection."""

    rejected: "list[RejectedRow]"
    differences: "list[ListedDifference]"
    missing: "list[MissingGrade]"


def _in_json(found: _Found) -> dict[str, list[dict[str, str | None]]]:
    return {
        "refused": [{"username": r.username, "course": r.course, "message": r.words} for r in found.rejected],
        "differences": [
            {"username": d.username, "course": d.course, "ours": d.here, "theirs": d.there} for d in found.differences
        ],
        "missing_grades": [{"username": m.username, "course": m.course} for m in found.missing],
    }


def _print_tables(found: _Found) -> None:
    tables = (
        (("rejected", "course run", "what the LMS says"), [(r.username, r.course, r.words) for r in found.rejected]),
        (
            ("differs", "course run", "recorded", "in the LMS"),
            [(d.username, d.course, d.here or _NOT, d.there or _NOT) for d in found.differences],
        ),
        (("no grade in the LMS any more", "course run"), [(m.username, m.course) for m in found.missing]),
    )
    for columns, rows in tables:
        if rows:
            print_cells(columns, rows)
