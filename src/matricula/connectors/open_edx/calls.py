"""Calls at the pace of a connection: each waits for its time, which all processes share."""

from collections.abc import Callable

import httpx

from matricula.connections.reads import Connection
from matricula.connectors.open_edx.client import ConnectionFailed, LmsClient, read_page, same_host
from matricula.connectors.open_edx.clocks import Clock
from matricula.connectors.open_edx.conditions import (
    find_condition,
    record_good,
    record_problem,
    reserve_call,
    seconds_between_calls,
)
from matricula.connectors.open_edx.rules import Answer, Problem, pause_after
from matricula.connectors.open_edx.statuses import ProblemKind

# of waiting, between two looks at whether to stop
_NAP = 1.0
_MAX_PROBLEMS = 5
_SHORT_PAUSE = 120.0


class Stopped(Exception):
    """The process is to stop; what was not done is left for the next one."""


class PacedClient:
    """An LMS whose calls keep the pace; for work that is done page by page. Calls are made by one thread."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        stop: Callable[[], bool] = lambda: False,
        size: int = 1,
    ) -> None:
        self.connection, self.clock = connection, clock
        self.seconds = seconds_between_calls(connection)
        self.client = LmsClient(connection, clock, transport, size)
        self._stop = stop

    def wait(self) -> float:
        """Wait for the time of the next call; return how long. Errors: ``Stopped``."""
        if not self.seconds:
            return 0.0
        began = self.clock.now()
        time = reserve_call(self.connection.id, began, self.seconds)
        self.sleep_until(time)
        return max(0.0, time - began)

    def sleep_until(self, time: float) -> None:
        """Wait until then. Errors: ``Stopped``."""
        while (left := time - self.clock.now()) > 0:
            if self._stop():
                raise Stopped
            self.clock.sleep(min(left, _NAP))

    def ask(self, make: Callable[[LmsClient], Answer], read: Callable[[Answer], Problem | None]) -> Answer:
        """Make a call that is not about one person, again after a pause where it fails for a while.

        Errors: ``ConnectionFailed``, which the state of the connection shows; ``Stopped``.
        """
        failures = 0
        while True:
            if self._stop():
                raise Stopped
            self._wait_for_pause()
            self.wait()
            answer = make(self.client)
            problem = read(answer)
            if problem is None:
                record_good(self.connection.id, self.clock.now())
                return answer
            failures += 1
            record_problem(self.connection.id, problem, self.clock.now())
            if problem.kind in (ProblemKind.CREDENTIALS, ProblemKind.UNREACHABLE) or failures >= _MAX_PROBLEMS:
                raise ConnectionFailed(problem)
            self.sleep_until(self.clock.now() + (problem.pause or pause_after(failures)))

    def _wait_for_pause(self) -> None:
        """Wait for the end of a short pause that another call met; a long one is tried, and fails or ends it."""
        until = find_condition(self.connection.id).paused_until
        if until is not None and until - self.clock.now() <= _SHORT_PAUSE:
            self.sleep_until(until)

    def pages(self, address: str) -> "Pages":
        """Return the pages of a list from its first address."""
        return Pages(self, address)


class Pages:
    """The pages of a list, one after the other. Errors, while they are read: ``ConnectionFailed``, ``Stopped``."""

    def __init__(self, client: PacedClient, address: str) -> None:
        self._client, self._next = client, address

    def __iter__(self) -> "Pages":
        return self

    def __next__(self) -> list[object]:
        if not self._next:
            raise StopIteration
        address = self._next
        answer = self._client.ask(lambda client: client.ask("GET", address), _page_problem)
        results, following = read_page(answer)
        self._next = same_host(following, self._client.connection.url) if following else ""
        return results


def _page_problem(answer: Answer) -> Problem | None:
    try:
        read_page(answer)
    except ConnectionFailed as failed:
        return failed.problem
    return None
