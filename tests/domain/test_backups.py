"""Backups of a database in use, with its files, and what becomes of them in a new place."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql
from typer.testing import CliRunner

from matricula.backups import programs, restoring, writes
from matricula.backups.archives import Archive, RestoreRejected
from matricula.backups.writes import Backup, make_backup
from matricula.catalog.reads import find_course
from matricula.cli.load import load_file
from matricula.cli.main import app
from matricula.embedded.cluster import programs_folder
from matricula.embedded.postgres import embedded_postgres
from matricula.foundation.files import delete_file, write_file
from matricula.foundation.postgresql.roles import connected_as
from matricula.models import Course, Job, Snapshot
from matricula.settings import database_of
from tests.conftest import KEY, write
from tests.processes import MATRICULA, database_url
from tests.unit.test_archives import progress

INSTITUTION = f"""
organizations: [{{key: north, name: North University}}]
courses: [{{key: "{KEY}", organization: north, title: Programming, modes: [audit, honor]}}]
users:
- {{username: sam, email: sam@example.org, first_name: Ségolène, last_name: Ibarra Gómez}}
- {{username: kim, email: kim@example.org}}
"""
# by the index of names, whose functions need an extension
NAMED = """
select username from matricula_account
where matricula_names(username, email, first_name, last_name) @@ matricula_query('gomez segol')
"""
KEPT, EXPIRED, LOST = "jobs/kept.csv", "jobs/expired.csv", "jobs/lost.csv"


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": folder}}
    settings.STORAGES = storages
    return folder


def job_of(file: str) -> Job:
    now = timezone.now()
    return Job.objects.create(kind="list_program_enrollments", state="completed", created=now, updated=now, result=file)


def fill(tmp_path: Path) -> None:
    """A course run with people and invitations, and files of jobs, of a snapshot and of reports."""
    file = tmp_path / "institution.yaml"
    file.write_text(INSTITUTION)
    load_file(file)
    course = find_course(KEY)
    assert course is not None
    write(course, "enroll", "sam", "kim", "later@example.org")
    write(course, "unenroll", "kim")
    for name in (KEPT, EXPIRED, "reports/north/mcs/enrollment_report__2026-11-27.csv", "reports/notes.txt"):
        write_file(name, [f"content of {name}".encode()])
    write_file("snapshots/one.jsonl", [b"{}\n"])
    for name in (KEPT, EXPIRED, LOST):
        job_of(name)
    Snapshot.objects.create(
        course_id=course.id,
        as_of=timezone.now(),
        name="Census",
        count=1,
        digest="",
        file_digest="",
        file="snapshots/one.jsonl",
        file_bytes=3,
        operation=uuid.uuid4(),
        created=timezone.now(),
    )


def superuser_url(server: str) -> str:
    """The tests' own database as a role that may read all of it."""
    return database_url().partition("?")[0]


def backup_while_written(path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Backup:
    """While the dump is made, a course run comes, and the file of a job expires."""
    dumped = programs.dump

    def dump(*arguments: Any) -> Iterator[bytes]:
        blocks = dumped(*arguments)
        yield next(blocks)
        with psycopg.connect(superuser_url(server)) as other:
            other.execute("update matricula_course set title = 'Renamed since'")
            other.execute("update matricula_job set result = null where result = %s", [EXPIRED])
        delete_file(EXPIRED)
        yield from blocks

    monkeypatch.setattr(programs, "dump", dump)
    return make_backup(path, programs_folder(), superuser_url(server), with_files=True, progress=progress)


def test_a_backup_is_of_one_moment_and_comes_back_whole(
    own_database: None, files: Path, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    archive, folder = tmp_path / "backup.zip", tmp_path / "new"
    made = backup_while_written(archive, server, monkeypatch)
    # what expired meanwhile isn't missed, what was lost before is
    assert (made.files, made.missing) == (4, [LOST])
    assert Course.objects.get().title == "Renamed since"

    environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
    command = [*MATRICULA, "restore", str(archive), "--data", str(folder), "--digest", made.digest, "--json"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    facts = json.loads(run.stdout)
    assert (facts["files"], facts["missing"], facts["problems"]) == (4, [LOST], [])
    assert facts["same_secret_key"] is False and "A new secret key was made" in run.stderr

    assert (folder / "files" / KEPT).read_text() == f"content of {KEPT}"
    assert (folder / "files" / "reports" / "notes.txt").exists()
    with embedded_postgres(folder) as urls, psycopg.connect(urls.application) as restored:
        query = "select title, (select count(*) from matricula_courseenrollment where is_active) from matricula_course"
        assert restored.execute(query).fetchone() == ("Programming", 1)
        assert restored.execute("select matricula_journal_is_elsewhere()").fetchone() == (False,)
        restored.execute("set enable_seqscan = off")
        assert "account_names" in str(restored.execute(f"explain {NAMED}").fetchall())
        assert restored.execute(NAMED).fetchall() == [("sam",)]
    with Archive.open(archive) as opened:
        names = list(opened.manifest.parts)
        assert not [name for name in names if "secret" in name or "password" in name]

    # whoever restores there once more gets a message, and the folder is as it was
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("MATRICULA_DATA", str(folder))
    again = CliRunner().invoke(app, ["restore", str(archive), "--data", str(folder)])
    assert again.exit_code == 1 and "has been used" in again.output and "--data" in again.output
    other = CliRunner().invoke(app, ["restore", str(archive), "--data", str(tmp_path / "x"), "--digest", "0" * 64])
    assert other.exit_code == 1 and made.digest in other.output.replace("\n", "")
    assert not (tmp_path / "x").exists()


def test_a_database_of_an_earlier_release_names_the_files_that_it_can(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [("matricula_job", "result", lambda: ["jobs/a.csv"])]
    missing = [("matricula_job", "later", lambda: 1 / 0), ("matricula_later", "file", lambda: 1 / 0)]
    monkeypatch.setattr(writes, "_NAMING", (*missing, *found))
    assert writes._named_files() == ["jobs/a.csv"]


@pytest.fixture
def empty_url(server: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """An empty database on the tests' server, to which the connection leads."""
    name = f"restored_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    url = f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(drop)
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        with django_db_blocker.unblock(), connected_as(database_of(url)):
            yield url
        admin.execute(drop)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A whole archive, whose dump is none."""
    from tests.unit.test_archives import make

    make(tmp_path / "backup.zip")
    with Archive.open(tmp_path / "backup.zip") as opened:
        yield opened


def test_only_an_empty_database_that_no_one_uses_is_restored_into(
    empty_url: str, files: Path, archive: Archive
) -> None:
    restoring.check_target(archive)
    with psycopg.connect(empty_url, autocommit=True) as other:
        with pytest.raises(RestoreRejected, match="1 other connection"):
            restoring.check_target(archive)
        other.execute("create table t ()")
    with pytest.raises(RestoreRejected, match="isn't empty"):
        restoring.check_target(archive)


def test_files_that_are_there_are_not_mixed_with_others(empty_url: str, files: Path, archive: Archive) -> None:
    write_file("reports/north/mcs/old.csv", [b"old"])
    with pytest.raises(RestoreRejected, match=r"reports/north/mcs/old\.csv"):
        restoring.check_target(archive)


def test_a_dump_that_cannot_be_restored_leaves_no_tables(empty_url: str, server: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table kept (); create function public.f() returns int return 1")
    for name in ("postgres", "nothing"):
        blocks = [b"no dump"] if name == "nothing" else _cut(server)
        with pytest.raises(programs.ProgramFailed):
            programs.restore(programs_folder(), empty_url, blocks)
        with connection.cursor() as cursor:
            cursor.execute("select array_agg(relname::text) from pg_class where relnamespace = 'public'::regnamespace")
            assert cursor.fetchone() == (["kept"],)


def _cut(server: str) -> list[bytes]:
    """The first half of a dump of the tests' tables."""
    from tests.conftest import _database_name

    url = f"{server.rpartition('/')[0]}/{_database_name('empty')}"
    with psycopg.connect(url) as holder:
        holder.execute("set transaction isolation level repeatable read")
        row = holder.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        dump = b"".join(programs.dump(programs_folder(), url, row[0]))
    assert len(dump) > 100_000
    return [dump[: len(dump) // 2]]
