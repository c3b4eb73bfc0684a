"""What is held and queued for some clients never stops the others."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from matricula.server import front
from matricula.server.front import Front
from matricula.server.threads import WAITING

THREADS, BUFFER = 2, 4 * 2**20


class Client:
    """One request, and what was answered."""

    def __init__(self, path: str, length: int = 0) -> None:
        self.scope = {
            **{"method": "POST" if length else "GET", "raw_path": path.encode(), "query_string": b"", "scheme": "http"},
            **{"server": ("x", 80), "client": ("127.0.0.1", 1), "http_version": "1.1"},
            "headers": [(b"content-length", b"%d" % length)] if length else [],
        }
        self.sent, self.messages = list[dict[str, Any]](), asyncio.Queue[dict[str, Any]]()
        if not length:
            self.give(b"", more=False)

    def give(self, data: bytes, *, more: bool = True) -> None:
        self.messages.put_nowait({"type": "http.request", "body": data, "more_body": more})

    def go(self) -> None:
        self.messages.put_nowait({"type": "http.disconnect"})

    def begin(self, served: Front) -> "asyncio.Task[None]":
        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        return asyncio.ensure_future(served(self.scope, self.messages.get, send))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"]) if self.sent else 0

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


class Application:
    """Answers ``/slow`` once it may, everything else at once."""

    def __init__(self) -> None:
        self.may, self.seen, self.threads = threading.Event(), list[str](), threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ["PATH_INFO"])
        if environ["PATH_INFO"].startswith("/slow"):
            self.threads.release()
            self.may.wait(30)
        start("200 OK", [])
        return [b"x" * 1000]


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()
    yield made
    made.may.set()


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(settings.ENVIRONMENT, web_threads=THREADS, web_buffer=BUFFER)
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    # everybody may send this much
    monkeypatch.setattr(front, "_ask", lambda _: BUFFER)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def all_busy(served: Front, application: Application) -> "list[asyncio.Task[None]]":
    tasks = [Client("/slow").begin(served) for _ in range(THREADS)]
    await settle()
    for _ in range(THREADS):
        assert await asyncio.to_thread(application.threads.acquire, timeout=30)
    return tasks


async def finish(application: Application, *tasks: "asyncio.Task[None]") -> None:
    application.may.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)


def test_bodies_that_stop_leave_room_for_others(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        holding = Client("/", BUFFER)
        held = holding.begin(served)
        for _ in range(BUFFER // 2 // 65_536 + 1):
            holding.give(b"x" * 65_536)
        # larger than what is left: it is told, and what it had is free at once
        refused = Client("/", BUFFER)
        told = refused.begin(served)
        refused.give(b"x" * 65_536)
        refused.give(b"x" * 65_536)
        while not refused.sent:
            await asyncio.sleep(0.01)
        assert refused.status == 503
        for small in (Client("/health/"), Client("/"), Client("/", 9)):
            small.give(b"x" * 9, more=False)
            await asyncio.wait_for(small.begin(served), 30)
            assert (small.status, small.body) == (200, b"x" * 1000)
        holding.go()
        refused.go()
        await finish(application, held, told)

    asyncio.run(run())


def test_who_is_refused_gives_its_bytes_back_at_once(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        first, second = Client("/", BUFFER), Client("/", BUFFER // 2)
        told = first.begin(served)
        for _ in range(BUFFER // 2 // 65_536 + 2):
            first.give(b"x" * 65_536)
        while not first.sent:
            await asyncio.sleep(0.01)
        # the first is read on, so that it comes to read why
        assert not told.done()
        second.give(b"x" * (BUFFER // 2), more=False)
        await asyncio.wait_for(second.begin(served), 30)
        assert (first.status, second.status) == (503, 200)
        first.go()
        await finish(application, told)

    asyncio.run(run())


def test_what_clients_that_have_gone_asked_for_is_not_run(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        busy = await all_busy(served, application)
        gone, waits = [Client("/gone") for _ in range(20)], Client("/waits")
        tasks = [client.begin(served) for client in (*gone, waits)]
        await settle()
        for client in gone:
            client.go()
        await settle()
        assert [task.done() for task in tasks] == [True] * 20 + [False]
        await finish(application, *busy, *tasks)
        assert application.seen == ["/slow", "/slow", "/waits"] and waits.status == 200

    asyncio.run(run())


def test_the_queue_for_threads_has_an_end(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        busy = await all_busy(served, application)
        queue = [Client("/waits") for _ in range(WAITING * THREADS)]
        tasks = [client.begin(served) for client in queue]
        await settle()
        late = Client("/late")
        await asyncio.wait_for(late.begin(served), 30)
        assert late.status == 503 and (b"retry-after", b"10") in late.sent[0]["headers"]
        # does not wait behind them
        health = Client("/health/")
        await asyncio.wait_for(health.begin(served), 30)
        assert health.status == 200
        await finish(application, *busy, *tasks)
        assert {client.status for client in queue} == {200} and "/late" not in application.seen
        # all threads are there again
        application.may.clear()
        await finish(application, *await all_busy(served, application))

    asyncio.run(run())
