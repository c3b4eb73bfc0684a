"""Sending webhooks: beside the queue of tasks, so that neither waits for the other, and each receiver for itself.

One loop in each worker process. What it does in the database is done in a thread of its own, short and between sends;
requests wait in the event loop, many at once. A slow receiver keeps its own next delivery waiting, and no other's.
"""

import asyncio
import functools
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import django.db
import structlog
from django.conf import settings
from django.db import close_old_connections

from matricula.feed.webhooks.deliveries import (
    CLAIM,
    Prepared,
    list_behind,
    make_next,
    prepare,
    record,
    release,
    take_due,
)
from matricula.feed.webhooks.sending import resolver, send
from matricula.journal.records import JournalElsewhere

# from the commit of a change to the look that finds it, at most
LOOK_SECONDS = 0.5
# changes are collected for so long: many small deliveries would cost more than they say
COLLECTED_SECONDS = 0.25
# sent at once; each receiver has one of them
AT_ONCE = 200
# look-ups of names at once; a name server may take long for each
_LOOKUPS = 32
_AFTER_ERROR_SECONDS = 5.0
_LOST = (django.db.OperationalError, django.db.InterfaceError)
_log = structlog.get_logger("matricula.webhooks")
Result = TypeVar("Result")


async def deliver_webhooks() -> None:
    """Send what is due until canceled. An error is logged, and ends nothing: not the worker, not this."""
    sender = _Sender()
    try:
        while True:
            try:
                await sender.look()
            except _LOST as error:
                _log.warning("webhooks_lost_database", error=type(error).__name__)
                await asyncio.sleep(_AFTER_ERROR_SECONDS)
            except JournalElsewhere:
                # until `matricula migrate` has run
                _log.warning("webhooks_paused")
                await asyncio.sleep(_AFTER_ERROR_SECONDS)
            except Exception:
                _log.exception("webhooks_failed")
                await asyncio.sleep(_AFTER_ERROR_SECONDS)
    finally:
        await sender.end()


class _Sender:
    """The deliveries that this process sends."""

    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(1, "webhooks")
        self._names = ThreadPoolExecutor(_LOOKUPS, "webhook-names")
        self._resolve = resolver(self._names)
        self._running: dict[asyncio.Task[None], uuid.UUID] = {}
        self._ended = asyncio.Event()

    async def look(self) -> None:
        """Make what is to be delivered, begin to send it, and wait until there may be more."""
        self._ended.clear()
        is_full = False
        for webhook_id in await self._in_database(list_behind, self._free()):
            prepared = await self._in_database(make_next, webhook_id)
            if prepared is not None:
                is_full = is_full or prepared.is_full
                self._begin(prepared.delivery_id, prepared)
        for delivery_id in await self._in_database(take_due, self._free()):
            self._begin(delivery_id)
        if not is_full:
            await asyncio.sleep(COLLECTED_SECONDS)
        with suppress(TimeoutError):
            # what follows a delivery goes out as soon as that has arrived
            await asyncio.wait_for(self._ended.wait(), LOOK_SECONDS - COLLECTED_SECONDS)

    def _free(self) -> int:
        return AT_ONCE - len(self._running)

    def _begin(self, delivery_id: uuid.UUID, prepared: Prepared | None = None) -> None:
        task = asyncio.create_task(self._deliver(delivery_id, prepared, time.monotonic()))
        self._running[task] = delivery_id
        task.add_done_callback(self._done)

    async def _deliver(self, delivery_id: uuid.UUID, prepared: Prepared | None, claimed: float) -> None:
        try:
            prepared = prepared or await self._in_database(prepare, delivery_id)
            if prepared is None or time.monotonic() - claimed > CLAIM.total_seconds() / 2:
                # the process was stopped for so long that another one may be sending it
                return
            private = settings.ENVIRONMENT.webhook_private_addresses
            outcome = await send(prepared.url, prepared.headers, prepared.body, resolve=self._resolve, private=private)
            await self._in_database(record, delivery_id, outcome)
        except _LOST as error:
            # its claim ends, and it is sent again
            _log.warning("webhooks_lost_database", error=type(error).__name__, delivery=str(delivery_id))
        except Exception:
            _log.exception("webhook_failed", delivery=str(delivery_id))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._ended.set()

    async def _in_database(self, work: Callable[..., Result], *arguments: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, functools.partial(_with_connection, work, *arguments))

    async def end(self) -> None:
        """Stop sending; what hadn't arrived is sent by the next worker, at once."""
        unsent = list(self._running.values())
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if unsent:
            try:
                await self._in_database(release, unsent)
            except _LOST:
                _log.warning("webhooks_lost_database", deliveries=len(unsent))
        self._database.shutdown(wait=False)
        self._names.shutdown(wait=False)


def _with_connection(work: Callable[..., Result], *arguments: Any) -> Result:
    # a connection that broke meanwhile is replaced, as between two requests
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()
