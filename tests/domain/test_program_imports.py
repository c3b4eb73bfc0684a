"""The command line's files of programs: students, their course runs, student keys and grades, in and out."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import Result
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from matricula.batches.imports import ImportDoor, ImportEnded
from matricula.batches.values import Rejected
from matricula.catalog.reads import ProgramFacts
from matricula.cli import service
from matricula.cli.main import app
from matricula.enrollments.course.exports import export_student_keys
from matricula.foundation.files import open_file
from matricula.jobs import writes as jobs
from matricula.models import (
    CourseEnrollment,
    CourseRole,
    Grade,
    Job,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from matricula.tabular.problems import TabularError
from tests.batches import (
    import_program_course_enrollments,
    import_program_enrollments,
    import_student_keys,
    start_program_upload,
)
from tests.broken_rows import break_rows
from tests.canceled_jobs import cancel
from tests.conftest import KEY, OTHER_KEY, World, make_account
from tests.journal import changes
from tests.university import EXTERNAL, EXTRA, OWN, UNMANAGED, University

Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


@pytest.fixture
def run(university: University, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in this process and on the database of the test."""
    # Django is ready; set up anew it would log to the runner's own standard error, which is closed afterwards
    monkeypatch.setattr(service, "_prepare_django", lambda: None)
    monkeypatch.setenv("COLUMNS", "500")

    def call(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return call


def door(rejected: list[Rejected], positions: list[int] | None = None) -> ImportDoor:
    return ImportDoor(None, "command", ([] if positions is None else positions).append, rejected.append)


def students() -> list[tuple[str, str]]:
    return list(ProgramEnrollment.objects.order_by("student_key").values_list("student_key", "status"))


def test_a_file_of_students_is_written_in_this_process(run: Run, file: Path, university: University) -> None:
    file.write_text("status,student_key,more\nenrolled,S-1,x\npending,s-2,x\n")
    result = run("import", "program-enrollments", "--program", OWN, file, "--by", "admin")
    assert (result.exit_code, result.stdout) == (0, "2 rows: 1 enrolled, 1 pending\n")
    assert students() == [("S-1", "enrolled"), ("s-2", "pending")]
    assert not file.with_name("rows.rejected.csv").exists()
    job = Job.objects.get()
    assert (job.state, job.kind, job.source, job.text) == ("completed", "write_program_enrollments", "command", "200")
    assert (job.actor_id, job.done, job.total) == (university.world.admin.pk, 2, 2)
    with open_file(str(job.result)) as stored:
        assert stored.read() == b"student_key,status\r\nS-1,enrolled\r\ns-2,pending\r\n"
    entries = changes().values_list("operation", "actor_id", "source", "student_key").order_by("id")
    assert list(entries) == [(job.id, job.actor_id, "command", key) for key in ("S-1", "s-2")]


def test_rejected_students_are_told_and_can_be_mended(run: Run, file: Path, university: University) -> None:
    file.write_text("student_key,status\nS-1,enrolled\nS-2,graduated\nS-3,enrolled\ns-3,pending\n=4,away\n")
    result = run("import", "program-enrollments", "--program", OWN, file)
    assert (result.exit_code, result.stdout) == (1, "4 rows: 1 duplicated, 1 enrolled, 2 invalid-status\n")
    assert "3 rows were rejected" in result.stderr
    rejected = file.with_name("rows.rejected.csv")
    assert str(rejected) in result.stderr
    assert rejected.read_bytes().decode() == (
        "student_key,status,rejected_because\r\n'=4,away,This status doesn't "
        "exist.\r\nS-2,graduated,This status doesn't exist.\r\nS-3,enrolled,The file contains "
        "this student more than once. Keep one row.\r\n"
    )
    rejected.write_text(rejected.read_text().replace("graduated", "ended").replace("away", "ended"))
    assert run("import", "program-enrollments", "--program", OWN, rejected).exit_code == 0
    assert students() == [("=4", "ended"), ("S-1", "enrolled"), ("S-2", "ended"), ("S-3", "enrolled")]


def test_a_file_of_course_enrollments(run: Run, file: Path, program: ProgramFacts, university: University) -> None:
    file.write_text("student_key,status\nS-1,enrolled\nS-2,enrolled\n")
    run("import", "program-enrollments", "--program", OWN, file)
    file.write_text("student_key,username\nS-1,sam\n")
    assert run("import", "student-keys", "--organization", "north", file).stdout == "1 row: 1 linked\n"
    file.write_text(
        "course_id,student_key,status,course_staff\n"
        f"{EXTERNAL},S-1,active,yes\n"
        f"{EXTRA},S-1,inactive,\n"
        f"{EXTERNAL},S-2,active,no\n"
        f"{EXTRA},S-9,active,\n"
        f"{OTHER_KEY},S-1,active,\n"
        f"{EXTRA},S-2,active,\n"
        f"{EXTRA},s-2,active,1\n"
    )
    result = run("import", "course-enrollments", "--program", OWN, file)
    assert (result.exit_code, result.stdout) == (
        1,
        "7 rows: 2 active, 1 course-not-found, 2 duplicated, 1 inactive, 1 not-in-program\n",
    )
    assert file.with_name("rows.rejected.csv").read_bytes().decode() == (
        "course_id,student_key,status,course_staff,rejected_because\r\n"
        f"{EXTRA},S-9,active,,This student isn't in the program. Add the program enrollment first.\r\n"
        f"{OTHER_KEY},S-1,active,,This program has no course run with this key.\r\n"
        f"{EXTRA},S-2,active,,The file contains this student more than once. Keep one row.\r\n"
        f"{EXTRA},s-2,active,True,The file contains this student more than once. Keep one row.\r\n"
    )
    assert ProgramCourseEnrollment.objects.count() == 3
    sam = university.world.learner
    assert CourseRole.objects.filter(account=sam, role="staff", course=university.course).exists()
    assert CourseEnrollment.objects.get(account=sam, course=university.course).mode == "masters"
    rejected = file.with_name("rows.rejected.csv")
    assert run("import", "course-enrollments", "--program", OWN, rejected).exit_code == 1, "it can be read again"


@pytest.mark.parametrize(
    ("content", "place"),
    [("student_key\nS-1\n", "status"), ("student_key,status\nS-1,\n", "Row 2"), ("", "empty")],
)
def test_a_file_that_cannot_be_read_is_refused_whole(run: Run, file: Path, content: str, place: str) -> None:
    file.write_text(content)
    result = run("import", "program-enrollments", "--program", OWN, file)
    assert result.exit_code == 1
    assert place in result.stderr
    assert "Nothing was imported" in result.stderr
    assert (Job.objects.count(), ProgramEnrollment.objects.count()) == (0, 0)


def test_what_stands_in_the_way_is_told(run: Run, file: Path, program: ProgramFacts) -> None:
    file.write_text("student_key,status\nS-1,enrolled\n")
    assert "no program nowhere" in run("import", "program-enrollments", "--program", "nowhere", file).stderr
    assert "aren't managed here" in run("import", "course-enrollments", "--program", UNMANAGED, file).stderr
    with file.open("rb") as stream:
        start_program_upload(stream, program, actor_id=None, source="upload")
    result = run("import", "program-enrollments", "--program", OWN, file)
    assert result.exit_code == 1
    assert "another job" in result.stderr
    assert "no organization nowhere" in run("import", "student-keys", "--organization", "nowhere", file).stderr


def test_jobs_are_listed_with_their_program_and_why_they_failed(run: Run, program: ProgramFacts) -> None:
    job_id = start_program_upload(
        BytesIO(b"student_key,status\nS-1,enrolled\n"), program, actor_id=None, source="upload"
    )
    line = f"{job_id}  pending    write_program_enrollments  0/1  {Job.objects.get().created:%Y-%m-%d %H:%M} UTC  {OWN}"
    assert run("jobs", "list", "--unfinished").stdout == line + "\n"
    jobs.fail_job(job_id, "The storage is full.")
    assert run("jobs", "list").stdout == line.replace("pending  ", "failed   ") + "  The storage is full.\n"


def test_a_canceled_import_says_how_far_it_came(
    file: Path, program: ProgramFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    file.write_text("student_key,status\n" + "".join(f"S-{n},enrolled\n" for n in range(6)))
    positions: list[int] = []

    def progress(position: int) -> None:
        positions.append(position)
        if len(positions) == 2:
            cancel(Job.objects.get().id)

    with pytest.raises(ImportEnded, match="4 of 6"):
        import_program_enrollments(file, program, ImportDoor(None, "command", progress, lambda _: None))
    size = file.stat().st_size
    assert positions == [size * 2 // 6, size * 4 // 6]
    assert len(students()) == 4


def test_a_row_that_a_problem_of_ours_breaks_is_rejected(file: Path, program: ProgramFacts) -> None:
    break_rows("programenrollment", "new.student_key = 'S-2'")
    file.write_text("student_key,status\nS-1,enrolled\nS-2,enrolled\nS-3,enrolled\n")
    rejected: list[Rejected] = []
    assert import_program_enrollments(file, program, door(rejected)) == {"enrolled": 2, "internal-error": 1}
    assert [(r.cells, "secret" in r.reason) for r in rejected] == [(("S-2", "enrolled"), False)]


def test_statements_do_not_grow_with_the_rows(file: Path, program: ProgramFacts, university: University) -> None:
    def statements(numbers: range) -> list[int]:
        counted = []
        for n in numbers:
            make_account(f"u{n}")
        for content, act in (
            ("student_key,status\n" + "".join(f"S-{n},enrolled\n" for n in numbers), import_program_enrollments),
            (
                "course_id,student_key,status\n" + "".join(f"{KEY},S-{n},active\n" for n in numbers),
                import_program_course_enrollments,
            ),
            (
                "student_key,username\n" + "".join(f"S-{n},u{n}\n" for n in numbers),
                lambda f, p, d: import_student_keys(f, p.organization_id, d),
            ),
        ):
            file.write_text(content)
            with CaptureQueriesContext(connection) as queries:
                act(file, program, door([]))
            counted.append(len(queries))
        return counted

    assert statements(range(2)) == statements(range(2, 60))


def keys() -> dict[str, str]:
    return dict(StudentIdentity.objects.values_list("student_key", "account__username"))


def test_student_keys_are_linked_moved_and_unlinked(file: Path, program: ProgramFacts, world: World) -> None:
    def load(content: str) -> tuple[dict[str, int], list[Rejected]]:
        file.write_text(content)
        rejected: list[Rejected] = []
        return dict(import_student_keys(file, program.organization_id, door(rejected))), rejected

    assert load("student_key;username;email\nS-1;SAM;\nS-2;;Staff@example.org\nS-3;admin;admin@example.org\n") == (
        {"linked": 3},
        [],
    )
    assert keys() == {"S-1": "sam", "S-2": "staff", "S-3": "admin"}
    assert load("student_key,username\ns-1,sam\nS-2,\nS-7,\nS-4,admin\n") == (
        {"unchanged": 2, "unlinked": 1, "linked": 1}, [],
    )  # fmt: skip
    assert keys() == {"S-1": "sam", "S-4": "admin"}, "an account has one key at an organization"
    counts, rejected = load(
        "student_key,username,email\n"
        "S-1,nobody,\n"
        "S-1,,nobody@example.org\n"
        "S-1,staff,sam@example.org\n"
        "S-1,sam@example.org,\n"
        f"{'k' * 256},staff,\n"
        "a\u2028b,staff,\n"
        "S-9,staff,\n"
    )
    assert counts == {"error": 6, "linked": 1}
    assert [r.number for r in rejected] == [2, 3, 4, 5, 6, 7]
    assert keys() == {"S-1": "sam", "S-4": "admin", "S-9": "staff"}


def test_a_file_without_accounts_does_not_unlink_everybody(file: Path, program: ProgramFacts) -> None:
    file.write_text("student_key\nS-1\n")
    with pytest.raises(TabularError, match="username or email"):
        import_student_keys(file, program.organization_id, door([]))


def test_waiting_students_become_real_by_a_file_of_keys(file: Path, program: ProgramFacts, world: World) -> None:
    file.write_text("student_key,status\nS-1,enrolled\n")
    import_program_enrollments(file, program, door([]))
    file.write_text(f"course_id,student_key,status\n{KEY},S-1,active\n")
    import_program_course_enrollments(file, program, door([]))
    assert CourseEnrollment.objects.count() == 0
    file.write_text("student_key,email\ns-1,sam@example.org\n")
    import_student_keys(file, program.organization_id, door([]))
    assert CourseEnrollment.objects.get().account_id == world.learner.pk
    file.write_text("student_key,email\nS-1,\n")
    assert import_student_keys(file, program.organization_id, door([])) == {"unlinked": 1}
    assert not CourseEnrollment.objects.get().is_active


def test_exports_byte_for_byte_and_imported_again(
    run: Run, file: Path, program: ProgramFacts, world: World, tmp_path: Path
) -> None:
    file.write_text("student_key,status\ns-2,enrolled\nS-1,ended\n=S-3,pending\n")
    run("import", "program-enrollments", "--program", OWN, file)
    file.write_text("student_key,username\nS-1,sam\n")
    run("import", "student-keys", "--organization", "north", file)
    file.write_text(f"course_id,student_key,status,course_staff\n{EXTRA},S-1,active,\n{KEY},S-1,inactive,true\n")
    run("import", "course-enrollments", "--program", OWN, file)
    people = run("export", "program-enrollments", "--program", OWN).stdout
    assert people == (
        "student_key,status,username,email,account_exists\n"
        "'=S-3,pending,,,False\n"
        "S-1,ended,sam,sam@example.org,True\n"
        "s-2,enrolled,,,False\n"
    )
    courses = run("export", "course-enrollments", "--program", OWN).stdout
    assert courses == (
        "course_id,student_key,status,course_staff,account_exists\n"
        f"{EXTERNAL},S-1,inactive,True,True\n"
        f"{EXTRA},S-1,active,False,True\n"
    )
    linked = run("export", "student-keys", "--organization", "north").stdout
    assert linked == "student_key,username,email\nS-1,sam,sam@example.org\n"
    lines = run("export", "program-enrollments", "--program", OWN, "--format", "jsonl").stdout.splitlines()
    assert json.loads(lines[0]) == {
        "student_key": "=S-3", "status": "pending", "username": None, "email": None, "account_exists": False,
    }  # fmt: skip
    entries = changes().count()
    for kind, content in (("program-enrollments", people), ("course-enrollments", courses)):
        file.write_text(content)
        assert run("import", kind, "--program", OWN, file).exit_code == 0
    file.write_bytes(b"".join(export_student_keys(program.organization_id, "csv").take_blocks()))
    assert run("import", "student-keys", "--organization", "north", file).stdout == "1 row: 1 unchanged\n"
    assert changes().count() == entries
    target = tmp_path / "out.csv"
    assert run("export", "program-enrollments", "--program", OWN, "-o", target).stdout == ""
    assert target.read_text() == people
    assert run("export", "course-enrollments", "--program", "nowhere").exit_code == 1


def test_grades_by_the_command(run: Run, file: Path) -> None:
    file.write_text(f"course,username,percent,letter_grade,passed,error\n{KEY},sam,0.95,A,true,\n{KEY},who,1,,true,\n")
    result = run("import", "grades", file)
    assert (result.exit_code, result.stdout) == (1, "2 rows: 1 created, 1 error\n")
    assert file.with_name("rows.rejected.csv").read_bytes().decode() == (
        "course,username,percent,letter_grade,passed,error,rejected_because\r\n"
        f"{KEY},who,1,,true,,There is no account with this username.\r\n"
    )
    assert Grade.objects.get().letter_grade == "A"
    exported = run("export", "grades", "--course", KEY)
    assert exported.stdout == f"course,username,letter_grade,error,passed,percent\n{KEY},sam,A,,True,0.95\n"
    assert run("export", "grades", "--course", "nowhere").exit_code == 1


def test_reports_by_the_command(run: Run, university: University) -> None:
    result = run("report", "--program", OWN)
    assert result.exit_code == 0
    files = result.stdout.splitlines()
    assert [name.partition("__")[0] for name in files] == [
        f"reports/north/{OWN}/enrollment_report", f"reports/north/{OWN}/aggregate_report",
    ]  # fmt: skip
    assert all(default_storage.exists(name) for name in files)
    assert len(run("report", "--all").stdout.splitlines()) == 8
    assert run("report", "--program", "nowhere").exit_code == 1
    for words in ((), ("--all", "--program", OWN)):
        assert run("report", *words).exit_code == 2


def test_the_worker_writes_the_reports_of_every_program(university: University) -> None:
    from matricula.worker.tasks import write_all_reports, write_reports

    def queued() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select args ->> 'program_key' from procrastinate_jobs where task_name = 'matricula.write_reports'"
            )
            return sorted(key for (key,) in cursor.fetchall())

    write_all_reports(0)
    assert queued() == ["n-cs", "n-ds", "n-open", "s-art"]
    write_all_reports(0)
    assert len(queued()) == 4, "what still waits is not queued twice"
    write_reports(program_key=OWN)
    assert len(default_storage.listdir(f"reports/north/{OWN}")[1]) == 2
    write_reports(program_key="gone")
