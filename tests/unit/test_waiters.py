"""Requests that wait for changes hold no thread, and each is answered: by news, by its time, or by the end."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from uvicorn import Config
from uvicorn.server import ServerState

from matricula.rest.waiting import KEY, Waiting
from matricula.server import front, waiters
from matricula.server.front import Front
from matricula.server.pace import PacedProtocol
from tests.unit.test_front import Client, settle

# what waits for longer than a test lasts
LONG, SHORT = 30.0, 0.05


class Following:
    """An application that answers how far the feed has come, and lets those wait who are as far."""

    def __init__(self) -> None:
        self.head, self.looks, self.seconds = 1, 0, LONG
        self.asked, self.lock = list[tuple[str, bool]](), threading.Lock()
        # a change comes right behind the next answer
        self.moves = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        waiting: Waiting = environ[KEY]
        query = environ["QUERY_STRING"]
        with self.lock:
            self.asked.append((query, waiting.is_asked_again))
        waiting.account_id, waiting.seconds = int(environ.get("HTTP_X_ACCOUNT", 1)), self.seconds
        place = int(parse_qs(query).get("after", ["1"])[0])
        if place < self.head:
            waiting.given = str(self.head)
        else:
            waiting.query, waiting.place = f"wait=9&after={place}", place
        start("200 OK", [])
        answer = [b"%d" % self.head]
        self.head, self.moves = self.head + self.moves, False
        return answer

    def look(self) -> int:
        self.looks += 1
        return self.head


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Following:
    made = Following()
    monkeypatch.setattr(front, "_look", made.look)
    monkeypatch.setattr(waiters, "EVERY", 0.01)
    told = replace(settings.ENVIRONMENT, web_threads=1, web_buffer=2**22, web_connections=80)
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    return made


def run(made: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(made, 30))


async def asked(application: Following, times: int) -> None:
    while len(application.asked) < times:
        await asyncio.sleep(0.01)
    await settle()


def test_many_wait_without_a_thread_and_news_wakes_them_all(application: Following) -> None:
    async def follow() -> None:
        served = Front(application)
        # of ten accounts, so that none has too many
        clients = [Client("/", account=n % 10) for n in range(30)]
        tasks = [client.begin(served) for client in clients]
        await asked(application, 30)
        assert not any(client.sent for client in clients)
        # the only thread is free for others
        other = Client("/", account=11)
        other.scope["query_string"] = b"after=0"
        await other.begin(served)
        assert other.body == b"1"
        application.head = 2
        await asyncio.gather(*tasks)
        assert {(client.status, client.body) for client in clients} == {(200, b"2")}
        # each was asked for twice: with the place where it was, and with all checks
        assert sorted(application.asked) == [("", False)] * 30 + [("after=0", False)] + [("wait=9&after=1", True)] * 30
        looks = application.looks
        await asyncio.sleep(0.05)
        # no one waits, and no one looks
        assert application.looks <= looks + 1

    run(follow())


def test_what_came_between_the_answer_and_the_first_look_is_not_waited_for(application: Following) -> None:
    async def follow() -> None:
        application.moves = True
        client = Client("/")
        await client.begin(Front(application))
        assert (client.body, application.asked) == (b"2", [("", False), ("wait=9&after=1", True)])

    run(follow())


def test_whose_time_is_up_gets_what_there_is(application: Following) -> None:
    async def follow() -> None:
        application.seconds = SHORT
        client = Client("/")
        await client.begin(Front(application))
        assert (client.status, client.body) == (200, b"1")
        assert application.asked == [("", False)]

    run(follow())


def test_who_was_just_given_changes_is_not_asked_for_at_once(
    application: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiters, "PACE", LONG)

    async def follow() -> None:
        application.head = 2
        served, first, again, other = Front(application), Client("/"), Client("/"), Client("/")
        await first.begin(served)
        assert first.body == b"2"
        again.scope["query_string"], other.scope["query_string"] = b"wait=9&after=2", b"wait=9&after=1"
        waits = again.begin(served)
        # who comes with another cursor is answered meanwhile
        await other.begin(served)
        assert application.asked == [("", False), ("wait=9&after=1", False)]
        again.go()
        await waits
        assert not again.sent
        monkeypatch.setattr(waiters, "PACE", 0)
        late = Client("/")
        late.scope["query_string"] = b"wait=9&after=2"
        waits = late.begin(served)
        await asked(application, 3)
        application.head = 3
        await waits
        assert late.body == b"3"

    run(follow())


def test_a_client_that_goes_away_leaves_its_place_to_others(application: Following) -> None:
    async def follow() -> None:
        served = Front(application)
        # one account has an eighth of all connections
        clients = [Client("/") for _ in range(10)]
        tasks = [client.begin(served) for client in clients]
        await asked(application, 10)
        beyond = Client("/")
        await beyond.begin(served)
        # it is answered at once, with nothing new
        assert beyond.body == b"1"
        clients[0].go()
        await tasks[0]
        assert not clients[0].sent
        waits = Client("/").begin(served)
        await asked(application, 12)
        assert not waits.done()
        application.head = 2
        await asyncio.gather(*tasks[1:], waits)

    run(follow())


def test_when_the_service_stops_all_are_answered(application: Following) -> None:
    async def follow() -> None:
        served = Front(application)
        clients = [Client("/", account=n) for n in range(5)]
        tasks = [client.begin(served) for client in clients]
        await asked(application, 5)
        served.stop()
        await asyncio.gather(*tasks)
        assert {client.body for client in clients} == {b"1"}
        late = Client("/")
        await late.begin(served)
        assert late.body == b"1"

    run(follow())


def test_a_database_that_is_away_ends_no_waiting(application: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> int:
        application.looks += 1
        if application.looks < 3:
            raise OSError
        return application.head

    async def follow() -> None:
        monkeypatch.setattr(front, "_look", fails)
        served, client = Front(application), Client("/")
        waits = client.begin(served)
        await asked(application, 1)
        application.head = 2
        await waits
        assert client.body == b"2"
        assert application.looks >= 3

    run(follow())


def test_a_connection_that_is_shut_down_says_so_to_the_front(application: Following) -> None:
    async def follow() -> None:
        served = Front(application)
        config = Config(served, log_config=None, interface="asgi3", proxy_headers=False)
        config.load()
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        connection = PacedProtocol(config, ServerState(), {}, loop)
        await loop.connect_accepted_socket(lambda: connection, ours)
        theirs.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asked(application, 1)
        connection.shutdown()
        with theirs:
            answer = await asyncio.to_thread(theirs.recv, 1000)
        assert answer.startswith(b"HTTP/1.1 200 ")

    run(follow())
