"""Plans and undo from the command line."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from matricula.cli import service
from matricula.cli.main import app
from matricula.models import CourseEnrollment, Job, Plan, PreEnrollment, ProgramEnrollment
from tests.conftest import KEY, World, make_account, make_world, write
from tests.journal import changes
from tests.processes import MATRICULA, environment
from tests.university import OWN, University

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in this process and on the database of the test."""
    # Django is ready; set up anew it would log to the runner's own standard error, which is closed afterwards
    monkeypatch.setattr(service, "_prepare_django", lambda: None)
    monkeypatch.setenv("COLUMNS", "300")

    def call(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def active(world: World) -> set[str]:
    seats = CourseEnrollment.objects.filter(course_id=world.course.id, is_active=True)
    return set(seats.values_list("username_key", flat=True))


def planned(run: Run, file: Path, content: str, *more: str) -> tuple[dict[str, Any], int]:
    file.write_text(content)
    result = run("import", "enrollments", "--course", KEY, file, "--plan", "--json", *more)
    [plan] = told(result)
    return plan, result.exit_code


def crowd(world: World, number: int) -> None:
    for n in range(number):
        make_account(f"learner{n}")
        write(world.course, "enroll", f"learner{n}")


def test_a_file_becomes_a_plan_is_shown_and_applied(run: Run, file: Path, world: World) -> None:
    write(world.course, "enroll", "staff")
    plan, status = planned(
        run, file, "identifier,mode\nsam,\nstaff,verified\nghost,\nnew@example.org,\n", "--by", "staff"
    )
    assert (status, plan["state"], plan["name"], plan["created_by"]) == (0, "ready", "roster.csv", "staff")
    assert plan["counts"] == {"add": 2, "change": 1, "remove": 0, "unchanged": 0, "refused": 1}
    assert (plan["course"], plan["program"], plan["kind"]) == (KEY, None, "course_enrollments")
    assert active(world) == {"staff"}
    rows = told(run("plan", "rows", plan["plan_id"], "--json"))
    assert [(row["row"], row["key"], row["outcome"], row["state"]) for row in rows] == [
        (2, "sam", "add", "planned"),
        (3, "staff", "change", "planned"),
        (4, "ghost", "refused", "refused"),
        (5, "new@example.org", "add", "planned"),
    ]
    assert rows[1]["before"] == "enrolled (audit)" and rows[1]["after"] == "enrolled (verified)"
    some = told(run("plan", "rows", plan["plan_id"], "--json", "--outcome", "add", "--after", 1, "--limit", 1))
    assert [row["key"] for row in some] == ["new@example.org"]
    for command in (["plan", "list"], ["plan", "show", plan["plan_id"]], ["plan", "rows", plan["plan_id"]]):
        shown = run(*command)
        assert shown.exit_code == 0, shown.stderr
        assert plan["plan_id"] in shown.stdout or "ghost" in shown.stdout
    applied = run("plan", "apply", plan["plan_id"], "--reason", "term", "--by", "staff", "--json")
    assert applied.exit_code == 0, applied.stderr
    assert told(applied)[0]["result"] == {"applied": 3, "unchanged": 0, "stale": 0, "refused": 1}
    assert active(world) == {"sam", "staff"} and PreEnrollment.objects.count() == 1
    entry = changes().filter(subject="course_enrollment").latest("id")
    assert (entry.reason, entry.source, entry.actor_id) == ("term", "command", world.staff.pk)
    [listed] = told(run("plan", "list", "--json", "--state", "applied", "--course", KEY))
    assert (listed["plan_id"], listed["operation_id"]) == (plan["plan_id"], str(entry.operation))
    assert told(run("plan", "list", "--json", "--by", "sam")) == []
    # a second call answers with the first
    again = run("plan", "apply", plan["plan_id"], "--json")
    assert told(again)[0]["operation_id"] == str(entry.operation)


def test_a_truncated_roster_is_held_until_someone_else_approves(run: Run, file: Path, world: World) -> None:
    crowd(world, 12)
    plan, status = planned(run, file, "email\nsam@example.org\n", "--all", "--by", "admin")
    assert (status, plan["state"], plan["counts"]["remove"]) == (3, "held", 12)
    shown = run("plan", "show", plan["plan_id"])
    assert "removals: 12 rows (100 %); the limit is 10 rows and 20 %: exceeded" in shown.stdout
    plan_id = plan["plan_id"]
    assert run("plan", "apply", plan_id).exit_code == 3
    own = run("plan", "approve", plan_id, "--by", "ADMIN")
    assert (own.exit_code, "who made a plan can't approve it" in own.stderr) == (1, True)
    # who acts must be said
    assert run("plan", "approve", plan_id).exit_code == 2
    stranger = run("plan", "approve", plan_id, "--by", "sam")
    assert (stranger.exit_code, "may not write the enrollments" in stranger.stderr) == (1, True)
    seen = run("plan", "approve", plan_id, "--by", "staff", "--fingerprint", "other")
    assert (seen.exit_code, "its fingerprint differs" in seen.stderr) == (1, True)
    assert Plan.objects.get().applied_by_id is None and len(active(world)) == 12
    approved = run("plan", "approve", plan_id, "--by", "staff", "--note", "end of term", "--json")
    assert told(approved)[0]["state"] == "approved"
    assert told(approved)[0]["reviews"][0]["note"] == "end of term"
    assert run("plan", "apply", plan_id, "--by", "admin").exit_code == 0
    assert active(world) == {"sam"}


def test_a_rejected_and_a_canceled_plan_end(run: Run, file: Path, world: World) -> None:
    crowd(world, 12)
    plan, _ = planned(run, file, "email\nsam@example.org\n", "--all")
    assert told(run("plan", "reject", plan["plan_id"], "--by", "staff", "--json"))[0]["state"] == "rejected"
    result = run("plan", "apply", plan["plan_id"])
    assert (result.exit_code, "it was rejected. Make a new plan." in result.stderr) == (1, True)
    other, _ = planned(run, file, "email\nsam@example.org\n")
    assert told(run("plan", "cancel", other["plan_id"], "--json"))[0]["state"] == "canceled"
    assert run("plan", "cancel", other["plan_id"]).exit_code == 1
    assert run("plan", "apply", other["plan_id"]).exit_code == 1
    assert len(active(world)) == 12


def test_stale_rows_stop_it_or_are_left_out(run: Run, file: Path, world: World) -> None:
    plan, _ = planned(run, file, "identifier\nsam\nstaff\n")
    write(world.course, "enroll", "sam", mode="verified")
    stale = run("plan", "apply", plan["plan_id"])
    assert (stale.exit_code, "1 row has changed since the plan was made" in stale.stderr) == (4, True)
    assert active(world) == {"sam"}
    skipped = run("plan", "apply", plan["plan_id"], "--skip-stale", "--json")
    assert (skipped.exit_code, told(skipped)[0]["result"]["stale"]) == (0, 1)
    assert active(world) == {"sam", "staff"}
    assert [row["key"] for row in told(run("plan", "rows", plan["plan_id"], "--state", "stale", "--json"))] == ["sam"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["plan", "show", "00000000-0000-0000-0000-000000000000"], 1, "there is no plan"),
        (["plan", "show", "nonsense"], 2, "valid UUID"),
        (["plan", "list", "--state", "asleep"], 2, "there is no state asleep. Choose from: planning, ready"),
        (["plan", "list", "--course", "course-v1:a+b+c"], 1, "there is no course run course-v1:a+b+c"),
        (["plan", "list", "--program", "nothing"], 1, "there is no program nothing"),
        (["plan", "list", "--by", "ghost"], 1, "there is no account ghost"),
        (["operations", "--source", "dream"], 2, "there is no source dream"),
        (["operations", "--since", "2027-01-10"], 2, "--since: write a time with its offset"),
        (["undo", "00000000-0000-0000-0000-000000000000", "--reason", "x"], 1, "there is no operation"),
    ],
)
def test_what_is_asked_wrongly_is_said(run: Run, world: World, words: list[str], status: int, message: str) -> None:
    result = run(*words)
    assert (result.exit_code, message in result.stderr) == (status, True), result.stderr


def test_files_that_make_no_plan(run: Run, file: Path, world: World) -> None:
    file.write_text("name\nsam\n")
    result = run("import", "enrollments", "--course", KEY, file, "--plan")
    assert (result.exit_code, "No plan was made." in result.stderr) == (1, True)
    file.write_text("email\n")
    result = run("import", "enrollments", "--course", KEY, file, "--plan", "--all")
    assert (result.exit_code, "has no rows" in result.stderr) == (1, True)
    result = run("import", "enrollments", "--course", KEY, file, "--all")
    assert (result.exit_code, "add --plan" in result.stderr) == (2, True)
    assert not Plan.objects.exists() and not Job.objects.exists()


def test_students_of_a_program(run: Run, file: Path, university: University) -> None:
    file.write_text("student_key,status\nS-1,enrolled\nS-2,pending\nS-3,graduated\n")
    made = run("import", "program-enrollments", "--program", OWN, file, "--plan", "--name", "Term", "--json")
    [plan] = told(made)
    assert (plan["kind"], plan["program"], plan["name"]) == ("program_enrollments", OWN, "Term")
    assert plan["counts"]["add"] == 2 and plan["counts"]["refused"] == 1
    assert not ProgramEnrollment.objects.exists()
    assert run("plan", "apply", plan["plan_id"]).exit_code == 0
    assert ProgramEnrollment.objects.count() == 2
    file.write_text("course_id,student_key,status\nCS101-27,S-1,active\n")
    made = run("import", "course-enrollments", "--program", OWN, file, "--plan", "--json")
    [plan] = told(made)
    assert plan["kind"] == "program_course_enrollments" and sum(plan["counts"].values()) == 1


def test_an_operation_is_listed_and_taken_back(run: Run, file: Path, world: World) -> None:
    file.write_text("identifier\nsam\nstaff\n")
    assert run("import", "enrollments", "--course", KEY, file, "--by", "admin").exit_code == 0
    [done] = [one for one in told(run("operations", "--json", "--source", "command")) if one["kind"] == "import"]
    assert (done["actor"], done["course"], done["counts"]) == ("admin", KEY, {"course_enrollment": 2})
    assert done["operation_id"] in run("operations", "--course", KEY, "--by", "admin").stdout
    first = changes().filter(subject="course_enrollment").earliest("id")
    [plan] = told(run("undo", done["operation_id"], "--reason", "mistake", "--change", first.pk, "--json"))
    assert (plan["kind"], plan["state"], plan["undo_of"], plan["counts"]["remove"]) == (
        "undo",
        "ready",
        done["operation_id"],
        1,
    )
    assert active(world) == {"sam", "staff"}
    [undone] = told(run("undo", done["operation_id"], "--reason", "mistake", "--apply", "--by", "staff", "--json"))
    assert (undone["state"], undone["result"]["applied"]) == ("applied", 2)
    assert active(world) == set()
    twice = run("undo", done["operation_id"], "--reason", "mistake")
    assert (twice.exit_code, undone["operation_id"] in twice.stderr) == (1, True)
    [listed] = [o for o in told(run("operations", "--json")) if o["operation_id"] == done["operation_id"]]
    assert listed["undone_by"] == [undone["operation_id"]]


def test_a_large_undo_is_held_like_any_other_plan(run: Run, file: Path, world: World) -> None:
    for n in range(12):
        make_account(f"new{n}")
    file.write_text("identifier\n" + "".join(f"new{n}\n" for n in range(12)))
    run("import", "enrollments", "--course", KEY, file)
    [done] = [one for one in told(run("operations", "--json")) if one["kind"] == "import"]
    result = run("undo", done["operation_id"], "--reason", "mistake", "--apply")
    assert (result.exit_code, "waits for approval" in result.stderr, len(active(world))) == (3, True, 12)


def test_the_real_command(own_database: None, tmp_path: Path) -> None:
    """More rows than one chunk: without a worker, the command does them itself."""
    world = make_world()
    file = tmp_path / "many.csv"
    file.write_text("email\n" + "".join(f"new{n}@example.org\n" for n in range(5_001)))

    def call(*words: str | Path) -> tuple[dict[str, Any], int]:
        done = subprocess.run(
            [*MATRICULA, *words, "--json"], env=environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout), done.returncode

    plan, status = call("import", "enrollments", "--course", KEY, file, "--plan")
    assert (status, plan["state"], plan["counts"]["add"]) == (0, "ready", 5_001)
    applied, status = call("plan", "apply", plan["plan_id"], "--reason", "term")
    assert (status, applied["state"], applied["result"]["applied"]) == (0, "applied", 5_001)
    assert PreEnrollment.objects.filter(course_id=world.course.id).count() == 5_001
