"""Rosters of a moment, differences and snapshots from the command line."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from click.testing import Result
from django.utils import timezone

from matricula.models import CourseEnrollment, OperationRecord
from tests.conftest import KEY, World
from tests.domain.plans.test_commands import Run, run
from tests.domain.program_jobs import enroll
from tests.university import OWN, University

__all__ = ["run"]
PAST = "2020-01-01T00:00:00Z"


def table(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return list(csv.reader(io.StringIO(result.stdout)))


def test_a_roster_and_what_changed_since(world: World, run: Run) -> None:
    world.enroll("sam", "staff")
    then = timezone.now().isoformat()
    world.unenroll("staff")
    header, *rows = table(run("roster", "--course", KEY, "--as-of", then))
    assert header == ["username", "email", "mode", "since"]
    assert [row[0] for row in rows] == ["sam", "staff"]
    assert [row[0] for row in table(run("roster", "--course", KEY))[1:]] == ["sam"]
    assert [row[0] for row in table(run("diff", "--course", KEY, "--from", then))[1:]] == ["staff"]
    assert len(table(run("diff", "--course", KEY, "--from", PAST, "--to", then))) == 3


def test_a_program_then(university: University, run: Run) -> None:
    enroll("S-1")
    assert table(run("roster", "--program", OWN))[1:] == [["S-1", "enrolled", ""]]
    [_, row] = table(run("diff", "--program", OWN, "--from", PAST))
    assert row[:3] == ["S-1", "{}", '{"status":"enrolled"}']
    lines = run("roster", "--program", OWN, "--format", "jsonl").stdout
    assert json.loads(lines) == {"student_key": "S-1", "status": "enrolled", "username": None}


def test_a_snapshot(world: World, run: Run, tmp_path: Path) -> None:
    world.enroll("sam")
    result = run("snapshot", "--course", KEY, "--name", "Census", "--by", "staff", "--json")
    made = json.loads(result.stdout)
    assert (made["name"], made["count"], made["created_by"]) == ("Census", 1, "staff")
    assert made["digest"] == hashlib.sha256(b"sam\taudit\n").hexdigest()
    assert OperationRecord.objects.get(pk=made["operation_id"]).source == "command"
    CourseEnrollment.objects.update(is_active=False)
    assert made["snapshot_id"] in run("snapshots", "list", "--course", KEY).stdout
    assert json.loads(run("snapshots", "list", "--json").stdout) == made
    file = tmp_path / "rows.csv"
    assert run("snapshots", "rows", made["snapshot_id"], "-o", file).exit_code == 0
    assert [row.split(",")[0] for row in file.read_text().splitlines()] == ["username", "sam"]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["roster"], 2, "either --course or --program"),
        (["roster", "--course", KEY, "--program", OWN], 2, "either --course or --program"),
        (["roster", "--course", "x"], 1, "no course run x"),
        (["roster", "--course", KEY, "--as-of", "2020-01-01"], 2, "--as-of: write a time with its offset"),
        (["roster", "--course", KEY, "--as-of", "9999-01-01T00:00:00Z"], 2, "--as-of: this time is in the future"),
        (["diff", "--course", KEY, "--from", PAST, "--to", "2019-01-01T00:00:00Z"], 2, "--from is later than --to"),
        (["snapshot", "--program", "x"], 1, "no program x"),
        (["snapshots", "rows", "x"], 1, "no snapshot x"),
    ],
)
def test_what_is_wrong_is_said(
    world: World,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    why: str,
) -> None:
    result = run(*words)
    assert result.exit_code == code
    assert why in result.stderr + capsys.readouterr().err
