"""Threads that run requests, and the queue for them: it has an end, and a client that goes away leaves it."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
# for each thread; at some milliseconds for a request, that is less than a second
WAITING = 64


class Busy(Exception):
    """So many wait for a thread already that one more would wait for too long."""


class Threads:
    """Some threads. Who was given one by ``reserve`` runs something in it, which gives it back."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, name)
        self._free, self._most = count, WAITING * count
        self._queue: deque[asyncio.Future[None]] = deque()

    async def reserve(self, watch: Callable[[], "asyncio.Future[None]"] | None = None) -> bool:
        """Waits for a thread; False if ``watch``, which is asked only if one has to wait, ended first: the client has
        gone. Errors: ``Busy``.
        """
        if self._free:
            self._free -= 1
            return True
        if len(self._queue) >= self._most:
            raise Busy
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        gone = watch() if watch else None
        given = False
        try:
            await asyncio.wait({turn, gone} if gone else {turn}, return_when=asyncio.FIRST_COMPLETED)
            given = turn.done() and not (gone and gone.done())
        finally:
            if gone:
                gone.cancel()
            if not turn.done():
                self._queue.remove(turn)
            elif not given:
                self._give()
        return given

    def run(self, function: Callable[..., T], *given: object) -> "Future[T]":
        """Runs it in the thread that was given."""
        loop = asyncio.get_running_loop()

        def work() -> T:
            try:
                return function(*given)
            finally:
                # the last the thread does: it is free a moment later
                loop.call_soon_threadsafe(self._give)

        return self._pool.submit(work)

    def _give(self) -> None:
        if self._queue:
            self._queue.popleft().set_result(None)
        else:
            self._free += 1
