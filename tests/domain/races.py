"""Actions with connections of their own, at once or one behind the other, for the tests of races."""

import threading
import time
from collections.abc import Callable, Sequence
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


def until_waiting(n: int, threads: Sequence[threading.Thread], results: Sequence[Any]) -> None:
    """Returns once so many connections to this database wait for a lock."""
    until = time.monotonic() + 90
    while True:
        with connection.cursor() as cursor:
            # a transaction sees who is connected as it first looked
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                "select count(distinct pid) from pg_locks join pg_stat_activity a using (pid) "
                "where not granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0] >= n:
                return
        if time.monotonic() > until or not all(thread.is_alive() for thread in threads):
            pytest.fail(f"they never waited: {results}")
        time.sleep(0.005)


def held_up(hold: Callable[[], Any], *actions: Callable[[], Any]) -> list[Any]:
    """Runs ``hold`` in an open transaction, and each action elsewhere once all before it wait; then commits."""
    results: list[Any] = [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        try:
            results[place] = action()
        except BaseException as error:
            results[place] = error
        finally:
            connections.close_all()

    threads: list[threading.Thread] = []
    with transaction.atomic():
        hold()
        for pair in enumerate(actions):
            threads.append(threading.Thread(target=run, args=pair))
            threads[-1].start()
            until_waiting(len(threads), threads, results)
    for thread in threads:
        thread.join(90)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


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
