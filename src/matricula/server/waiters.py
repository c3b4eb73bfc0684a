"""Requests that wait for changes: no thread is held for them, and one look in a while is enough for all of a process.

Writers do nothing for those who wait: a notification at each commit would take a lock of the whole server.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Any

import structlog
from django.conf import settings

from matricula.rest.waiting import Waiting

EVERY = 0.25
# of the connections that a process may have
_SHARE, _SHARE_OF_ACCOUNT = 2, 8
_log = structlog.get_logger("matricula.server")


class Outcome(Enum):
    """How waiting ended: there is something to ask for, the time is up, or the client has gone."""

    AGAIN, OVER, GONE = auto(), auto(), auto()


class Waiters:
    """Those who wait in one process. ``look`` finds out, in a thread, how far the feed has come."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look, self._pool = look, ThreadPoolExecutor(1, "waiters")
        self._accounts: Counter[int] = Counter()
        self._place: Any = None
        self._news: asyncio.Future[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Lets everyone be answered with what there is: the service stops."""
        self._stopped = True
        self._wake()

    async def hold(self, waiting: Waiting, left: float, gone: "asyncio.Future[None]") -> Outcome:
        """Waits for up to ``left`` seconds; of too many, some don't wait at all."""
        account = waiting.account_id
        most = settings.ENVIRONMENT.web_connections
        if self._accounts.total() >= most // _SHARE or self._accounts[account] >= max(1, most // _SHARE_OF_ACCOUNT):
            return Outcome.OVER
        self._accounts[account] += 1
        try:
            return await self._hold(waiting, left, gone)
        finally:
            self._accounts[account] -= 1
            if not self._accounts[account]:
                del self._accounts[account]

    async def _hold(self, waiting: Waiting, left: float, gone: "asyncio.Future[None]") -> Outcome:
        loop = asyncio.get_running_loop()
        end = loop.time() + left
        soon = loop.time() + waiting.soon if waiting.soon else None
        while True:
            now = loop.time()
            if gone.done():
                return Outcome.GONE
            if self._stopped or now >= end:
                return Outcome.OVER
            if soon is not None:
                if now >= soon:
                    return Outcome.AGAIN
            elif self._place is not None and self._place > waiting.place:
                return Outcome.AGAIN
            due = end if soon is None else min(end, soon)
            await asyncio.wait({gone, self._begin()}, timeout=due - now, return_when=asyncio.FIRST_COMPLETED)

    def _begin(self) -> "asyncio.Future[None]":
        """What is done with the next change; from now on it is looked for."""
        loop = asyncio.get_running_loop()
        if self._news is None:
            self._news = loop.create_future()
        if self._watch is None:
            self._watch = loop.create_task(self._look_on())
        return self._news

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
        self._news = None

    async def _look_on(self) -> None:
        """Looks for as long as anyone waits."""
        try:
            while self._accounts.total() and not self._stopped:
                try:
                    place = await asyncio.get_running_loop().run_in_executor(self._pool, self._look)
                except Exception:
                    # the database is away: they wait on, or until their time is up
                    _log.warning("feed_not_seen", exc_info=True)
                else:
                    if place != self._place:
                        self._place = place
                        self._wake()
                await asyncio.sleep(EVERY)
        finally:
            self._watch, self._place = None, None
