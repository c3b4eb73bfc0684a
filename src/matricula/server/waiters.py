"""Requests that wait for changes: no thread is held for them, and one look in a while is enough for all of a process.

Writers do nothing for those who wait: a notification at each commit would take a lock of the whole server.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings

from matricula.rest.waiting import Waiting

EVERY = 0.25
# a follower is given changes no more often: many small answers would cost more than they say
PACE = 0.75
# of the connections that a process may have
_SHARE, _SHARE_OF_ACCOUNT = 2, 8
_log = structlog.get_logger("matricula.server")


class Outcome(Enum):
    """How waiting ended: there is something to ask for, the time is up, or the client has gone."""

    AGAIN, OVER, GONE = auto(), auto(), auto()


class Waiters:
    """Those who wait in one process. ``look`` finds out, in a thread, how far the feed has come; ``report`` is called
    with how many wait, each time that changes.
    """

    def __init__(self, look: Callable[[], Any], report: Callable[[int], None] | None = None) -> None:
        self._look, self._pool = look, ThreadPoolExecutor(1, "waiters")
        self._report = report or (lambda _count: None)
        self._accounts: Counter[int] = Counter()
        self._place: Any = None
        self._news: asyncio.Future[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False
        # cursor → when it was given, the oldest first
        self._given: dict[str, float] = {}

    def stop(self) -> None:
        """Lets everyone be answered with what there is: the service stops."""
        self._stopped = True
        self._wake()

    def gave(self, cursor: str) -> None:
        """Remembers that someone was given changes, up to this cursor, and comes back with it."""
        now = asyncio.get_running_loop().time()
        for old in [*self._given]:
            if now - self._given[old] < PACE:
                break
            del self._given[old]
        self._given.pop(cursor, None)
        self._given[cursor] = now

    async def keep_pace(self, query: str, watch: Callable[[], "asyncio.Future[None]"]) -> bool:
        """Lets those who were just given changes wait until there can be more than one or two; False for a client that
        has gone (``watch``).
        """
        if not self._given or "wait=" not in query or self._stopped:
            return True
        given = self._given.get(parse_qs(query).get("after", [""])[-1])
        left = 0.0 if given is None else given + PACE - asyncio.get_running_loop().time()
        if left <= 0:
            return True
        gone = watch()
        try:
            await asyncio.wait({gone}, timeout=left)
            return not gone.done()
        finally:
            gone.cancel()

    async def hold(self, waiting: Waiting, left: float, gone: "asyncio.Future[None]") -> Outcome:
        """Waits for up to ``left`` seconds; of too many, some don't wait at all."""
        account = waiting.account_id
        most = settings.ENVIRONMENT.web_connections
        if self._accounts.total() >= most // _SHARE or self._accounts[account] >= max(1, most // _SHARE_OF_ACCOUNT):
            return Outcome.OVER
        self._accounts[account] += 1
        self._report(self._accounts.total())
        try:
            return await self._hold(waiting, left, gone)
        finally:
            self._accounts[account] -= 1
            if not self._accounts[account]:
                del self._accounts[account]
            self._report(self._accounts.total())

    async def _hold(self, waiting: Waiting, left: float, gone: "asyncio.Future[None]") -> Outcome:
        loop = asyncio.get_running_loop()
        end = loop.time() + left
        while True:
            now = loop.time()
            if gone.done():
                return Outcome.GONE
            if self._stopped or now >= end:
                return Outcome.OVER
            if self._place is not None and self._place > waiting.place:
                return Outcome.AGAIN
            await asyncio.wait({gone, self._begin()}, timeout=end - now, return_when=asyncio.FIRST_COMPLETED)

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
