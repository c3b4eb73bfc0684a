"""What is held and queued for some clients never stops the others."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from matricula.rest.dispatch import Admitted
from matricula.server import front
from matricula.server.admission import Refusal
from matricula.server.front import Front
from matricula.server.spool import FREE
from matricula.server.threads import WAITING

THREADS, BUFFER = 2, 4 * 2**20
# of one account: a quarter of the half for bodies
SHARE = BUFFER // 8


class Client:
    """One request, and what was answered."""

    def __init__(self, path: str, length: int = 0, account: int = 1) -> None:
        self.scope = {
            **{"method": "POST" if length else "GET", "raw_path": path.encode(), "query_string": b"", "scheme": "http"},
            **{"server": ("x", 80), "client": ("127.0.0.1", 1), "http_version": "1.1"},
            "headers": [(b"x-account", b"%d" % account), *([(b"content-length", b"%d" % length)] if length else [])],
        }
        self.sent, self.messages = list[dict[str, Any]](), asyncio.Queue[dict[str, Any]]()
        if not length:
            self.give(b"", more=False)

    def give(self, data: bytes, *, more: bool = True) -> None:
        self.messages.put_nowait({"type": "http.request", "body": data, "more_body": more})

    def go(self) -> None:
        self.messages.put_nowait({"type": "http.disconnect"})

    async def taken(self) -> None:
        """Waits until all that was given has been taken."""
        while not self.messages.empty():
            await asyncio.sleep(0.01)
        await settle()

    async def answered(self) -> None:
        while not self.sent:
            await asyncio.sleep(0.01)

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
    monkeypatch.setattr(front, "LARGEST", 2**18)
    monkeypatch.setattr(front, "_ask", lambda environ: Admitted(BUFFER, int(environ.get("HTTP_X_ACCOUNT", 1))))


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
        holding = [Client("/", BUFFER, account) for account in range(4)]
        held = [client.begin(served) for client in holding]
        for client in holding:
            client.give(b"x" * (FREE + SHARE))
            await client.taken()
        refused = Client("/", BUFFER, 4)
        told = refused.begin(served)
        refused.give(b"x" * (FREE + 1))
        await refused.answered()
        assert refused.status == 503
        for small in (Client("/health/"), Client("/"), Client("/", 9)):
            small.give(b"x" * 9, more=False)
            await asyncio.wait_for(small.begin(served), 30)
            assert (small.status, small.body) == (200, b"x" * 1000)
        for client in (*holding, refused):
            client.go()
        await finish(application, *held, told)

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize(("origin", "allowed"), [("https://front.example.org", True), ("https://evil.org", False)])
def test_trusted_front_ends_may_read_why(
    origin: str, allowed: bool, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CORS_ALLOWED_ORIGINS", ["https://front.example.org"])
    monkeypatch.setattr(front, "_ask", lambda _: Refusal(413, b"Too large"))

    async def run() -> None:
        refused = Client("/api/x", BUFFER)
        refused.scope["headers"].append((b"origin", origin.encode()))  # type: ignore[attr-defined]
        told = refused.begin(Front(application))
        refused.give(b"x" * (FREE + 1), more=False)
        await asyncio.wait_for(told, 30)
        headers = dict(refused.sent[0]["headers"])
        assert (refused.status, refused.body) == (413, b"Too large")
        assert headers.get(b"access-control-allow-origin") == (origin.encode() if allowed else None)
        assert headers[b"vary"] == b"origin"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_who_is_refused_gives_its_bytes_back_at_once(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        first, second = Client("/", BUFFER), Client("/", FREE + SHARE)
        told = first.begin(served)
        first.give(b"x" * (FREE + SHARE))
        first.give(b"x")
        await first.answered()
        # the first is read on, so that it comes to read why
        assert not told.done()
        second.give(b"x" * (FREE + SHARE), more=False)
        await asyncio.wait_for(second.begin(served), 30)
        assert (first.status, second.status) == (503, 200)
        first.go()
        await finish(application, told)

    asyncio.run(asyncio.wait_for(run(), 60))


def test_one_account_does_not_fill_what_is_for_all(application: Application) -> None:
    async def run() -> None:
        served = Front(application)
        holding, again = Client("/", BUFFER, 1), Client("/", BUFFER, 1)
        held = holding.begin(served)
        holding.give(b"x" * (FREE + SHARE))
        await holding.taken()
        told = again.begin(served)
        again.give(b"x" * (FREE + 1))
        await again.answered()
        other = Client("/", FREE + SHARE, 2)
        other.give(b"x" * (FREE + SHARE), more=False)
        await asyncio.wait_for(other.begin(served), 30)
        assert (again.status, other.status) == (503, 200)
        # its share is whole again once nothing of it is held
        holding.go()
        again.go()
        await finish(application, held, told)
        last = Client("/", FREE + SHARE, 1)
        last.give(b"x" * (FREE + SHARE), more=False)
        await asyncio.wait_for(last.begin(served), 30)
        assert last.status == 200

    asyncio.run(asyncio.wait_for(run(), 60))


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

    asyncio.run(asyncio.wait_for(run(), 60))


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
        assert uuid.UUID(dict(late.sent[0]["headers"])[b"x-request-id"].decode())
        # does not wait behind them
        health = Client("/health/")
        await asyncio.wait_for(health.begin(served), 30)
        assert health.status == 200
        await finish(application, *busy, *tasks)
        assert {client.status for client in queue} == {200} and "/late" not in application.seen
        # all threads are there again
        application.may.clear()
        await finish(application, *await all_busy(served, application))

    asyncio.run(asyncio.wait_for(run(), 60))
