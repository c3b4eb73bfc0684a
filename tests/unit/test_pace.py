"""How long a client may be waited for, and who goes first where there are too many."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from uvicorn import Config
from uvicorn.server import ServerState

from matricula.server.pace import BEGINNING, TICK, PacedProtocol, Patience

SECONDS, RATE = 30, 16 * 1024


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(settings.ENVIRONMENT, slow_seconds=SECONDS, slow_rate=RATE, web_connections=3)
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    monkeypatch.setattr(PacedProtocol, "_looking", True)


def ticks(received: Callable[[int], int]) -> int:
    """After how many seconds it was too long; ``received`` says how many bytes there are in each."""
    patience = Patience()
    return next((second for second in range(1, 1000) if patience.wait(received(second))), 0)


@pytest.mark.parametrize(
    ("received", "ends"),
    [
        (lambda _: 0, SECONDS + 1),
        (lambda second: 1000 * second, SECONDS + 1),
        # 100 MB at once, and then nothing, or a drip
        (lambda _: 100_000_000, SECONDS + 1),
        (lambda second: 100_000_000 + second, SECONDS + 1),
        # as quick as it has to be
        (lambda second: BEGINNING + RATE * second, 0),
    ],
)
def test_who_was_quick_saves_nothing_up(received: Callable[[int], int], ends: int) -> None:
    assert ticks(received) == ends


class Connections:
    """Connections of a service whose application never answers, unless ``answers``."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now, self.state, self.clients = 0.0, ServerState(), list[socket.socket]()
        self.loop.time = lambda: self.now  # type: ignore[method-assign]
        self.answers = False

    async def application(self, _scope: Any, receive: Any, send: Any) -> None:
        while not self.answers:
            await receive()
            await asyncio.Event().wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def open(self, data: bytes = b"") -> PacedProtocol:
        """A new one, which has sent so much."""
        ours, theirs = socket.socketpair()
        self.clients.append(theirs)
        config = Config(self.application, log_config=None, interface="asgi3")
        config.load()
        made = PacedProtocol(config, self.state, {}, self.loop)
        self.loop.run_until_complete(self.loop.connect_accepted_socket(lambda: made, ours))
        if data:
            theirs.sendall(data)
        self.turn()
        return made

    def turn(self) -> None:
        for _ in range(5):
            self.loop.run_until_complete(asyncio.sleep(0))

    def close(self) -> None:
        for each in list(self.state.connections):
            each.drop()
        self.turn()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.turn()
        for client in self.clients:
            client.close()
        self.loop.close()


@pytest.fixture
def connections() -> Iterator[Connections]:
    made = Connections()
    yield made
    made.close()


UPLOAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def test_idle_connections_go_before_uploads(connections: Connections) -> None:
    upload = connections.open(UPLOAD)
    upload.look()
    first = connections.open()
    connections.now += TICK
    second = connections.open()
    connections.now += TICK
    connections.open()
    assert upload in connections.state.connections and second in connections.state.connections
    assert first not in connections.state.connections
    # those that have just come and say nothing don't push it out either
    for _ in range(5):
        connections.open()
    assert upload in connections.state.connections


def test_a_connection_after_its_answer_is_idle(connections: Connections) -> None:
    connections.answers = True
    answered = connections.open(REQUEST)
    connections.answers = False
    upload, running = connections.open(UPLOAD), connections.open(REQUEST)
    connections.now += TICK
    connections.open()
    assert answered not in connections.state.connections
    assert {upload, running} <= connections.state.connections


def test_who_is_slow_goes_before_who_is_not(connections: Connections) -> None:
    slow = connections.open(UPLOAD)
    slow.look()
    slow.look()
    well, running = connections.open(UPLOAD), connections.open(REQUEST)
    well.look()
    connections.open()
    assert slow not in connections.state.connections
    assert {well, running} <= connections.state.connections


def test_what_runs_is_not_dropped_for_a_newcomer(connections: Connections) -> None:
    running = {connections.open(REQUEST) for _ in range(3)}
    newcomer = connections.open()
    assert connections.state.connections == running and newcomer not in running


def test_a_look_ends_who_stopped_within_a_body(connections: Connections) -> None:
    upload = connections.open(UPLOAD)
    for _ in range(SECONDS + 1):
        assert not upload.transport.is_closing()
        upload.look()
    assert upload.transport.is_closing()
    connections.turn()
    assert connections.clients[0].recv(100).startswith(b"HTTP/1.1 408 ")
