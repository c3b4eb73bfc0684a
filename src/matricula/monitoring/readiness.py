"""Whether the service is ready: the database answers, its tables are up to date, a worker lives, no job waits for long.

Asked each second, so it is a few short statements, none of which may take long. No check names a person.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

import msgspec
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from matricula.foundation.database import fetch_all
from matricula.jobs.reads import find_oldest_waiting
from matricula.worker.reads import count_workers

# a job that waits so long, beside workers, has too few of them
WAITING_MINUTES = 10
# of one statement: who asks has given up by then
_STATEMENT_SECONDS = 2
DATABASE, MIGRATIONS, WORKER, QUEUE = "database", "migrations", "worker", "queue"
CHECKS = (DATABASE, MIGRATIONS, WORKER, QUEUE)


class Check(msgspec.Struct, frozen=True):
    """What one check found; ``problem`` None: it is as it should be."""

    problem: str | None = None
    facts: dict[str, Any] = {}


Checks = dict[str, Check]


def check_readiness() -> Checks:
    """Return each check by its name. A check that could not be made has a problem, too."""
    started = time.perf_counter()
    try:
        limit_statements(_STATEMENT_SECONDS)
        fetch_all("select 1", [])
    except DatabaseError:
        return unanswered("The database doesn't answer.")
    found = {DATABASE: Check(facts={"milliseconds": round((time.perf_counter() - started) * 1000, 1)})}
    for name, look in _LOOKS.items():
        try:
            found[name] = look()
        except DatabaseError as error:
            found[name] = Check(f"The database doesn't answer this question: {type(error).__name__}.")
    return found


def unanswered(problem: str) -> Checks:
    """Return the checks of a service whose database doesn't answer."""
    others = {name: Check("Not checked: the database doesn't answer.") for name in _LOOKS}
    return {DATABASE: Check(problem), **others}


def limit_statements(seconds: int) -> None:
    """No statement of this thread's connection takes longer from now on."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, false)", [f"{seconds}s"])


def _migrations() -> Check:
    applied = {(app, name) for app, name in fetch_all("select app, name from django_migrations", [])}
    missing = len(_known_migrations() - applied)
    if missing:
        return Check("Migrations are missing: run `matricula migrate`.", {"missing": missing})
    return Check(facts={"missing": 0})


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _worker() -> Check:
    count = count_workers()
    problem = None if count else "No worker has given a sign of life within the last minute."
    return Check(problem, {"workers": count})


def _queue() -> Check:
    oldest = find_oldest_waiting()
    seconds = max(0, round((timezone.now() - oldest).total_seconds())) if oldest else 0
    problem = f"A job has been waiting for more than {WAITING_MINUTES} minutes."
    return Check(problem if seconds > WAITING_MINUTES * 60 else None, {"oldest_waiting_seconds": seconds})


_LOOKS: dict[str, Callable[[], Check]] = {MIGRATIONS: _migrations, WORKER: _worker, QUEUE: _queue}
