"""Who watches the service is answered however busy it is, and is given nothing without the token."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from matricula.foundation.request_ids import ROUTE
from matricula.monitoring import readings
from matricula.monitoring.requests import RequestCounts
from matricula.server import monitors
from matricula.server.front import Front
from matricula.server.monitors import Latest
from tests.unit.test_front import Application, Client

TOKEN = "a token of some length"


def run(made: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(made, 60))


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, metrics_token=TOKEN))
    monkeypatch.setattr(readings, "read_metrics", lambda: readings.known_metrics(is_up=True))
    return TOKEN


async def ask(served: Front, path: str, authorization: str | None = None, method: str = "GET") -> Client:
    client = Client(path)
    client.scope["method"] = method
    if authorization is not None:
        client.scope["headers"] = [(b"authorization", authorization.encode("latin-1"))]
    await client.begin(served)
    return client


def read(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Sample → labels → value."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(client.body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


@pytest.mark.parametrize("path", ["/metrics", "/health/live/", "/health/", "/metrics/"])
def test_without_a_token_there_are_no_metrics_and_other_addresses_are_the_applications(path: str) -> None:
    async def watch() -> None:
        application = Application()
        assert (await ask(Front(application), path, f"Bearer {TOKEN}")).status == 200
        assert application.seen == [path]

    run(watch())


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xff"],
)
def test_metrics_are_for_who_has_the_token(authorization: str | None, token: str) -> None:
    async def watch() -> None:
        application = Application()
        client = await ask(Front(application), "/metrics", authorization)
        assert (client.status, application.seen) == (401, [])
        assert (b"www-authenticate", b'Bearer realm="metrics"') in client.sent[0]["headers"]
        assert b"matricula_" not in client.body

    run(watch())


class Routed:
    """Answers with the status in the path; its route is a template."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ[ROUTE] = "/people/{person}"
        start(f"{environ['PATH_INFO'][-3:]} X", [])
        return [b"x"]


def test_requests_are_counted_by_route_and_status(token: str) -> None:
    async def watch() -> None:
        served = Front(Routed())
        for path in ("/people/ana/200", "/people/bea/200", "/people/ana/404"):
            await ask(served, path)
        await ask(served, "/people/ana/200", method="ANA")
        client = await ask(served, "/metrics", f"Bearer {token}")
        assert client.status == 200
        found = read(client)
        template = "/people/{person}"
        assert found["matricula_requests_total"] == {
            ("GET", template, "200"): 2,
            ("GET", template, "404"): 1,
            ("other", template, "200"): 1,
        }
        assert found["matricula_request_seconds_count"] == {("GET", template): 3, ("other", template): 1}
        assert "matricula_database_up" in found
        assert b"ana" not in client.body.lower()

    run(watch())


def test_what_is_rejected_before_the_application_is_counted(token: str) -> None:
    async def watch() -> None:
        served = Front(Application())
        large = Client("/", 9)
        large.scope["headers"] = [(b"content-length", b"70000")]
        with_body = large.begin(served)
        large.give(b"x" * 70_000, more=False)
        await with_body
        # the test client names a host that isn't served
        assert large.status == 400
        found = read(await ask(served, "/metrics", f"Bearer {token}"))
        assert found["matricula_requests_total"] == {("POST", "rejected", "400"): 1}

    run(watch())


def test_other_methods_are_rejected_and_head_has_no_body(token: str) -> None:
    async def watch() -> None:
        served = Front(Application())
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert (await ask(served, path, f"Bearer {token}", "POST")).status == 405
        head = await ask(served, "/health/live", method="HEAD")
        assert (head.status, head.body) == (200, b"")
        names = {name for name, _ in head.sent[0]["headers"]}
        assert {b"x-request-id", b"content-length"} <= names

    run(watch())


def test_a_service_lives_while_all_its_threads_are_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, web_threads=1))

    async def watch() -> None:
        application = Application()
        served = Front(application)
        slow = asyncio.ensure_future(ask(served, "/slow"))
        await asyncio.to_thread(application.threads.acquire)
        live = await ask(served, "/health/live")
        assert (live.status, json.loads(live.body)) == (200, {"status": "live"})
        application.may.set()
        assert (await slow).status == 200

    run(watch())


def test_a_database_that_hangs_takes_one_thread_and_makes_no_one_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitors, "PATIENCE_SECONDS", 0.05)
    may, looks = threading.Event(), list[str]()

    def hang() -> dict[str, Any]:
        looks.append(threading.current_thread().name)
        may.wait(60)
        return {}

    async def watch() -> None:
        monkeypatch.setattr(monitors, "check_readiness", hang)
        served = Front(Application())
        answers = await asyncio.gather(*(ask(served, "/health/ready") for _ in range(50)))
        assert {answer.status for answer in answers} == {503}
        checks = json.loads(answers[0].body)["checks"]
        assert {check["status"] for check in checks.values()} == {"failed"}
        assert looks == ["ready_0"]
        may.set()

    run(watch())


def test_one_look_is_good_for_all_who_ask_within_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = list[int]()

    async def watch() -> None:
        latest = Latest(lambda: looks.append(1) or len(looks), "look")  # type: ignore[func-returns-value]
        monkeypatch.setattr(monitors, "KEPT_SECONDS", 3600.0)
        assert [await latest.get() for _ in range(3)] == [1, 1, 1]
        monkeypatch.setattr(monitors, "KEPT_SECONDS", 0.0)
        assert await latest.get() == 2

    run(watch())


_COUNT = "from matricula.monitoring.requests import RequestCounts; c = RequestCounts(); "
_CHILD = f"{_COUNT} c.count('GET', 'x/', 200, 0.1); c.waiting(5)"


def test_processes_are_added_up_and_what_one_that_ended_had_open_is_left_out(tmp_path: Any) -> None:
    """The library chooses how it counts when it is imported, so this is done in processes of their own."""
    script = f"{_CHILD}; print(c.render('', [])[1].decode())"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for command in (_CHILD, script):
        done = subprocess.run(
            [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
        )
    lines = done.stdout.splitlines()
    assert 'matricula_requests_total{method="GET",route="x/",status="200"} 2.0' in lines
    assert "matricula_feed_waiters 5.0" in lines


def test_made_up_methods_take_no_memory() -> None:
    counts = RequestCounts()
    for n in range(100):
        counts.count(f"M{n}", "x/", 200, 0.0)
        counts.count_rejected(f"M{n}", 503)
    text = counts.render("", [])[1].decode()
    assert text.count('method="other"') > 0
    assert 'method="M' not in text
