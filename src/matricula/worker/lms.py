"""Tasks about learning platforms, in a queue of their own: a platform that is slow or down holds nothing else up."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from matricula.connections.reads import Connection, find_connection_by_id, list_connections
from matricula.connectors.open_edx.calls import PacedClient, Stopped
from matricula.connectors.open_edx.client import ConnectionFailed
from matricula.connectors.open_edx.clocks import WallClock
from matricula.connectors.open_edx.conditions import find_condition
from matricula.connectors.open_edx.differences import find_differences
from matricula.connectors.open_edx.grades import fetch_grades
from matricula.connectors.open_edx.pushing import push
from matricula.connectors.open_edx.queue import (
    COMPARE,
    FETCH_GRADES,
    LMS_QUEUE,
    PUSH,
    queue_comparison,
    queue_grades,
    queue_push,
)
from matricula.connectors.open_edx.rows import is_any_due
from matricula.connectors.open_edx.targets import follow
from matricula.journal.records import JournalElsewhere
from matricula.journal.statuses import CONSOLE, SCHEDULE

_log = structlog.get_logger("matricula.worker")
# then others have their turn, and it goes on a moment later
_PUSH_SECONDS = 30.0
# slices of the journal, for each connection, in one run
_SLICES = 50
_CONNECTION_LOST = RetryStrategy(
    max_attempts=20, wait=1, linear_wait=2, retry_exceptions={OperationalError, InterfaceError}
)


@app.periodic(cron="*/1 * * * * */5")
@app.task(name="matricula.follow_for_lms", queue=LMS_QUEUE, queueing_lock="follow_for_lms", lock="follow_for_lms")
def follow_for_lms(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Take over what changed in the record, and have it sent."""
    now = WallClock().now()
    for connection in list_connections():
        if not connection.push:
            continue
        try:
            for _ in range(_SLICES):
                if not follow(connection):
                    break
        except JournalElsewhere:
            _log.warning("journal_elsewhere", lms=connection.name)
            continue
        if not find_condition(connection.id).is_paused(now) and is_any_due(connection.id, now):
            queue_push(connection.id)


@app.task(name=PUSH, queue=LMS_QUEUE, retry=_CONNECTION_LOST, pass_context=True)
def push_to_lms(context: JobContext, *, connection_id: int) -> None:
    """Send what waits to an LMS, for a while."""
    connection = find_connection_by_id(connection_id)
    if connection is None or not connection.push:
        return
    pushed = push(connection, stop=context.should_abort, seconds=_PUSH_SECONDS)
    if pushed.problem is not None:
        _log.warning("lms_pauses", lms=connection.name, problem=pushed.problem.kind.value)
    elif pushed.states:
        _log.info("lms_pushed", lms=connection.name, **{state.value: n for state, n in pushed.states.items()})


@app.periodic(cron="51 3 * * *")
@app.task(name="matricula.fetch_all_lms_grades", queue=LMS_QUEUE, queueing_lock="fetch_all_lms_grades")
def fetch_all_lms_grades(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queue the nightly grades, each LMS for itself."""
    for connection in list_connections():
        if connection.grades:
            queue_grades(connection.id)


@app.task(name=FETCH_GRADES, queue=LMS_QUEUE, retry=_CONNECTION_LOST, pass_context=True)
def fetch_lms_grades(context: JobContext, *, connection_id: int, actor_id: int | None = None) -> None:
    """Fetch the grades of an LMS; ``actor_id``: who asked for it in the console, None at night."""
    connection = find_connection_by_id(connection_id)
    if connection is None or not connection.grades:
        return
    source = SCHEDULE if actor_id is None else CONSOLE
    if _is_stopped(context, connection, "grades", lambda client: fetch_grades(client, source, actor_id)):
        queue_grades(connection_id, actor_id)


@app.periodic(cron="11 4 * * *")
@app.task(name="matricula.compare_all_lms", queue=LMS_QUEUE, queueing_lock="compare_all_lms")
def compare_all_lms(timestamp: int) -> None:  # noqa: ARG001  the queue passes it by name
    """Queue the nightly comparison, each LMS for itself."""
    for connection in list_connections():
        if connection.push:
            queue_comparison(connection.id)


@app.task(name=COMPARE, queue=LMS_QUEUE, retry=_CONNECTION_LOST, pass_context=True)
def compare_lms(context: JobContext, *, connection_id: int) -> None:
    """Compare an LMS with the record."""
    connection = find_connection_by_id(connection_id)
    if connection is None or not connection.push:
        return
    if _is_stopped(context, connection, "compare", find_differences):
        queue_comparison(connection_id)


def _is_stopped(context: JobContext, connection: Connection, what: str, read: Callable[[PacedClient], object]) -> bool:
    """Read from an LMS; return whether the worker stops before it is done."""
    client = PacedClient(connection, WallClock(), stop=context.should_abort)
    try:
        read(client)
    except ConnectionFailed as failed:
        # what was read until then stays; the rest comes the next night
        _log.warning("lms_not_read", lms=connection.name, what=what, problem=failed.problem.kind.value)
    except Stopped:
        return True
    finally:
        client.client.close()
    return False
