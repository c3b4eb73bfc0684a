"""The process of a worker: takes tasks and sends webhooks until it is stopped, however often the database is lost."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import django.db
import psycopg
import structlog
from django.conf import settings
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from matricula.connectors.open_edx.queue import LMS_QUEUE
from matricula.foundation.postgresql.limits import limits_statement
from matricula.foundation.tracing import begin_tracing
from matricula.worker.queue import TaskManager
from matricula.worker.tasks import STALLED_SECONDS
from matricula.worker.webhooks import deliver_webhooks

HEARTBEAT_SECONDS = 5
DEFAULT_QUEUE = "default"
# so many tasks about learning platforms at the same time
_LMS_TASKS = 4
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# after a life of this length the pauses begin at the first again
STEADY_SECONDS = 60.0
_LOST = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
    # this worker was taken for dead, and its entry deleted: it registers again
    psycopg.errors.ForeignKeyViolation,
)
_log = structlog.get_logger("matricula.worker")


def run_worker(concurrency: int) -> None:
    """Run until SIGINT or SIGTERM; jobs in hand are left at the end of their chunk and go on in the next worker.

    Without the database it waits, with growing pauses. Any other error ends it: it is raised.
    """
    for handler in logging.getLogger().handlers:
        handler.addFilter(_one_line_for_a_lost_connection)
    begin_tracing(settings.ENVIRONMENT.traces_url, "matricula-worker")
    asyncio.run(_run(concurrency))


async def _run(concurrency: int) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report_unawaited)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    webhooks = asyncio.create_task(deliver_webhooks())
    try:
        await _work_on(stopping, concurrency)
    finally:
        webhooks.cancel()
        await asyncio.wait({webhooks})


async def _work_on(stopping: asyncio.Event, concurrency: int) -> None:
    """Take tasks until stopped; whenever the database is lost, begin again after a pause."""
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE
    while not stopping.is_set():
        started = loop.time()
        error = await _work_until(stopping, concurrency)
        if stopping.is_set():
            return
        if error is not None and not is_lost_connection(error):
            raise error
        if loop.time() - started > STEADY_SECONDS:
            pause = FIRST_PAUSE
        _log.warning("database_lost", again_in_seconds=pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _work_until(stopping: asyncio.Event, concurrency: int) -> Exception | None:
    """Take tasks until stopped, or until that ends by itself; return the error that ended it, if it is known."""
    working = asyncio.create_task(_work(concurrency))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return None
    except Exception as error:
        return error
    return None


async def _work(concurrency: int) -> None:
    connector = PsycopgConnector(kwargs=connector_params(), configure=_configure, timeout=10.0)
    with app.replace_connector(connector) as worker_app:
        ours: App = worker_app
        ours.job_manager = TaskManager(connector)
        async with ours.open_async():
            # a learning platform that is slow or down takes up none of the others' threads
            own = asyncio.create_task(_take_tasks(ours, "matricula-lms", [LMS_QUEUE], _LMS_TASKS))
            others = asyncio.create_task(_take_tasks(ours, "matricula", [DEFAULT_QUEUE], concurrency))
            try:
                await asyncio.wait({own, others}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                own.cancel()
                others.cancel()
                results = await asyncio.gather(own, others, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result


async def _take_tasks(ours: App, name: str, queues: list[str], concurrency: int) -> None:
    await ours.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        name=name,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        shutdown_graceful_timeout=0.1,
        delete_jobs="successful",
        install_signal_handlers=False,
    )


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(limits_statement())
    if not connection.autocommit:
        await connection.commit()


def is_lost_connection(error: BaseException) -> bool:
    """Whether the database went away, or had taken this worker for dead, rather than that something is wrong."""
    return any(isinstance(cause, _LOST) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _one_line_for_a_lost_connection(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if record.name.startswith("procrastinate") and error is not None and is_lost_connection(error):
        record.msg, record.args = " ".join(record.getMessage().split()), ()
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def _report_unawaited(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log as asyncio does, but a task that lost its connection in one line: it is done again."""
    error = context.get("exception")
    if isinstance(error, BaseException) and is_lost_connection(error):
        _log.warning("task_lost_database", error=type(error).__name__)
    else:
        loop.default_exception_handler(context)
