"""A migration that can't get its lock gives up with a message, and can be run again."""

import os
import subprocess
import sys

import psycopg
import pytest

from tests.domain.test_migrations import RELEASES, empty_database, restore, url_of  # noqa: F401  a fixture

_INDEXES = "0020_journal_about_access"
_LAST_THAT_MAKES_NO_TABLE = "0022_what_stood_before"
_APPLIED = "select count(*) from django_migrations where app = 'matricula' and name = %s"
_WAITS_FOR_THE_OLD = """
select exists (select from pg_stat_activity where datname = current_database() and wait_event = 'virtualxid'
    and now() - query_start > interval '1.5 seconds')
"""
_IS_VALID = "select indisvalid from pg_index where indexrelid = to_regclass('journal_about_access')"


@pytest.fixture
def database(empty_database: str) -> str:  # noqa: F811  the fixture
    restore(RELEASES[0], empty_database)
    return empty_database


def begin(database: str, lock: str = "1", statement: str = "60") -> "subprocess.Popen[str]":
    limits = {"MATRICULA_MIGRATION_LOCK_SECONDS": lock, "MATRICULA_MIGRATION_STATEMENT_SECONDS": statement}
    environment = {**os.environ, **limits, "DATABASE_URL": url_of(database)}
    return subprocess.Popen(
        [sys.executable, "-m", "matricula", "migrate"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def migrate(database: str, lock: str = "1", statement: str = "60") -> tuple[int, str]:
    process = begin(database, lock, statement)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def go_back(database: str, migration: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url_of(database), "DJANGO_SETTINGS_MODULE": "matricula.settings"}
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "matricula", migration],
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_a_lock_that_is_not_free_ends_it_and_it_can_be_run_again(database: str) -> None:
    with psycopg.connect(database) as reader:
        reader.execute("select from matricula_journalentry limit 1")
        code, said = migrate(database)
    assert code == 1
    assert "waited 1 seconds for a lock" in said and "run `matricula migrate` again" in said
    assert "Traceback" not in said
    assert migrate(database) == (0, "")


def test_a_statement_that_takes_too_long_ends_it(database: str) -> None:
    with psycopg.connect(database) as reader:
        reader.execute("select from matricula_journalentry limit 1")
        code, said = migrate(database, lock="0", statement="1")
    assert code == 1
    assert "MATRICULA_MIGRATION_STATEMENT_SECONDS" in said


def test_an_index_is_built_beside_old_transactions_however_long_they_take(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as watch:
        with psycopg.connect(database) as old:
            old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            old.execute("select from pg_class limit 1")
            process = begin(database, lock="1", statement="1")
            while not watch.execute(_WAITS_FOR_THE_OLD).fetchone()[0]:  # type: ignore[index]
                assert process.poll() is None, process.communicate()
            # what the service does meanwhile isn't held up
            watch.execute("set lock_timeout = '1s'")
            watch.execute("update matricula_account set first_name = first_name")
            assert watch.execute(_APPLIED, [_INDEXES]).fetchone() == (0,)
        assert process.communicate(timeout=120)[1] == ""
        assert process.returncode == 0
        assert watch.execute(_APPLIED, [_INDEXES]).fetchone() == (1,)


def test_an_index_that_was_left_behind_half_built_is_built_again(database: str) -> None:
    assert migrate(database)[0] == 0
    # what later migrations made can't be made again
    go_back(database, _LAST_THAT_MAKES_NO_TABLE)
    with psycopg.connect(database, autocommit=True) as watch:
        watch.execute("delete from django_migrations where app = 'matricula' and name >= %s", [_INDEXES])
        watch.execute("update pg_index set indisvalid = false where indexrelid = 'journal_about_access'::regclass")
        assert migrate(database)[0] == 0
        assert watch.execute(_IS_VALID).fetchone() == (True,)
