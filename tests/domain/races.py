"""Actions with connections of their own, at once or one behind the other, for the tests of races."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Runs each action in a thread with a connection of its own; their results. A failure of one is raised."""
    barrier = threading.Barrier(len(actions))
    results: list[Any] = [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            results[place] = action()
        except BaseException as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def waits_for_us() -> bool:
    """Whether somebody waits for what this connection's transaction holds; other tests have their own waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def behind(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Runs ``first`` in an open transaction, ``second`` elsewhere until it waits for it, then commits."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(second())
        except BaseException as error:
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        until = time.monotonic() + 90
        while not waits_for_us():
            if not thread.is_alive() or time.monotonic() > until:
                pytest.fail(f"the second never waited for the first: {results}")
            thread.join(0.005)
    thread.join(90)
    if isinstance(results[0], BaseException):
        raise results[0]
    return results[0]
