"""Real processes of the service on the tests' own database, and known points at which they are held.

A test that kills, stops or freezes a process holds it first: by a row that the process needs next, locked here. How
fast the machine is then decides nothing.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection

MATRICULA = [sys.executable, "-m", "matricula"]


def database_url() -> str:
    """Where the tests' own database is."""
    parameters = {"password": "", **connection.get_connection_params()}
    # the options hold the role of the application (tests/conftest.py)
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}?options={0}".format(
        quote(parameters.get("options", "")), **parameters
    )


def environment(**more: str) -> dict[str, str]:
    """The environment of a process on the tests' own database; its mail becomes files."""
    mail = f"file://{os.environ['MATRICULA_DATA']}/mail"
    return {**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": mail, **more}


@contextmanager
def worker(log: Path | None = None, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is told to stop at the end, unless it has ended by then; ``log`` gets what it says."""
    with running("worker", log=log, **settings) as process:
        yield process


@contextmanager
def running(*arguments: str, log: Path | None = None, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours that is told to stop at the end, unless it has ended by then."""
    with log.open("ab") if log else nullcontext(None) as output:
        process = subprocess.Popen([*MATRICULA, *arguments], env=environment(**settings), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_for(condition: Callable[[], object], seconds: float = 90) -> None:
    """Returns once the condition holds; the time is for machines that are busy, and no measure of anything."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.1)


class Hold:
    """Rows that are locked from a connection of its own."""

    def __init__(self, query: str, parameters: tuple[object, ...]) -> None:
        self._connection = psycopg.connect(database_url())
        assert self._connection.execute(query, parameters).fetchone() is not None, "there is nothing to hold"
        self.pid = self._connection.info.backend_pid

    def waiting(self) -> list[int]:
        """The database processes that wait for these rows."""
        with psycopg.connect(database_url(), autocommit=True) as asking:
            found = asking.execute(
                "select pid from pg_stat_activity where %s = any(pg_blocking_pids(pid)) order by pid", [self.pid]
            ).fetchall()
        return [pid for (pid,) in found]

    def wait_until_reached(self) -> None:
        """Returns once somebody waits for these rows: there it is held, in the middle of its transaction."""
        wait_for(self.waiting)

    def release(self) -> None:
        """Lets go of the rows."""
        self._connection.close()


@contextmanager
def held(query: str, *parameters: object) -> Iterator[Hold]:
    """Holds the rows that a query locks until the end of the block, or until it is released."""
    hold = Hold(query, parameters)
    try:
        yield hold
    finally:
        hold.release()


@contextmanager
def held_chunk(job_id: uuid.UUID, number: int) -> Iterator[Hold]:
    """Whoever does this chunk of a job is held when all is written and nothing committed; chunks before it are done."""
    with held("select 1 from matricula_jobchunk where job_id = %s and number = %s for update", job_id, number) as hold:
        yield hold


@contextmanager
def held_job(job_id: uuid.UUID) -> Iterator[Hold]:
    """Whoever writes a slice of a job is held when all of it is written and nothing committed."""
    with held("select 1 from matricula_job where id = %s for update", job_id) as hold:
        yield hold


@contextmanager
def held_slice(job_id: uuid.UUID, number: int) -> Iterator[Hold]:
    """A slice of a job as if another process were writing it."""
    with held("select 1 from matricula_jobslice where job_id = %s and number = %s for update", job_id, number) as hold:
        yield hold
