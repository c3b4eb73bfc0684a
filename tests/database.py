"""The PostgreSQL of the tests: the embedded one in a folder of its own, or ``MATRICULA_TEST_DATABASE_URL``.

Loaded with ``-p`` because the settings are read before any conftest is. The server starts when a test needs it first;
tests run in several processes, and whichever comes first starts it, and makes the templates. Each process has
databases of its own, copied from these: ``empty``, ``world`` (the people and courses of ``make_world``) and
``university`` (these and the programs of ``make_university``). A test that asks for neither fixture, or commits, works
in the empty one.
"""

import contextlib
import fcntl
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from matricula.embedded.postgres import embedded_postgres

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""Until a test needs the server, nothing answers: what runs without a database can't come to need one unseen."""

_opened = contextlib.ExitStack()
_is_first = "PYTEST_XDIST_WORKER" not in os.environ
# The processes of a run are many, and read each other's byte code; where none may be written, each compiles all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="matricula-tests-"))
    _opened.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


if _is_first:
    for name in ("SECRET_KEY", "PUBLIC_URL", "EMAIL_URL", "MATRICULA_RATE_LIMIT", "MATRICULA_HOSTS"):
        os.environ.pop(name, None)
    os.environ.pop("MATRICULA_OWNER_DATABASE_URL", None)
    os.environ["MATRICULA_TESTS_SHARED"] = str(_new_folder())
SHARED = Path(os.environ["MATRICULA_TESTS_SHARED"])
"""What all processes of a run have together."""
os.environ["MATRICULA_DATA"] = str(_new_folder())
os.environ["DATABASE_URL"] = NOWHERE


@functools.cache
def server_url() -> str:
    """Where the server is, for its superuser; starts or joins it."""
    url = os.environ.get("MATRICULA_TEST_DATABASE_URL")
    if url is None:
        fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        # all of it is looked through whenever a table or a database goes
        fast["shared_buffers"] = "64MB"
        url = _opened.enter_context(embedded_postgres(SHARED, fast)).superuser
    os.environ["DATABASE_URL"] = url
    return url


@contextlib.contextmanager
def once(what: str) -> Iterator[bool]:
    """Yields True to the first process of the run that comes here; the others wait until it is done."""
    done = SHARED / f"{what}.done"
    with (SHARED / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


def template(kind: str) -> str:
    """The name of the database from which those of a kind are copied."""
    return f"test_{conninfo.conninfo_to_dict(server_url())['dbname']}_{kind}"


def make_database(name: str, of: str) -> None:
    """Copies a database, instead of whatever had the name before."""
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        copied = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(of))
        connection.execute(copied)


def own_copy(kind: str, make_template: Callable[[str], None]) -> str:
    """The name of this process's database of a kind. ``make_template`` is called once in a run, with a name."""
    of = template(kind)
    name = f"{of}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with once(f"template {kind}") as is_first:
        if is_first:
            make_template(of)
        make_database(name, of)
    _opened.callback(_drop, name)
    return name


def _drop(*names: str) -> None:
    # the embedded server ends with all its databases
    if "MATRICULA_TEST_DATABASE_URL" in os.environ:
        with psycopg.connect(server_url(), autocommit=True) as connection:
            for name in names:
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def pytest_unconfigure() -> None:
    if _is_first and (kinds := [done.stem.removeprefix("template ") for done in SHARED.glob("template *.done")]):
        _drop(*(template(kind) for kind in kinds))
    _opened.close()


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """One for each core, and one more: some tests wait, for a killed worker to be missed, for a service."""
    return 1 + (os.cpu_count() or 1)
