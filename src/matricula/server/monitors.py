"""What those are answered who watch the service: without the threads that requests use, and however the database is.

``/health/live`` needs neither. ``/health/ready`` and ``/metrics`` ask the database in one thread each: one look at a
time, good for everyone who asks within a second, and waited for only so long.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.db import close_old_connections

from matricula.foundation.bearer import is_bearer
from matricula.monitoring.readiness import CHECKS, Check, Checks, check_readiness, unanswered
from matricula.monitoring.requests import RequestCounts

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
# for how long an answer is good for others
KEPT_SECONDS = 1.0
# who asks gives up after some seconds; then it is better to know why
PATIENCE_SECONDS = 2.0
Result = TypeVar("Result")
_json = msgspec.json.Encoder()
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


class Given(NamedTuple):
    """An answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Latest(Generic[Result]):
    """The result of a look that can take long: one look at a time, in a thread of its own."""

    def __init__(self, look: Callable[[], Result], name: str) -> None:
        self._look, self._pool = look, ThreadPoolExecutor(1, name)
        self._running: asyncio.Future[Result] | None = None
        self._begun = 0.0

    async def get(self) -> Result | None:
        """Return the result; None while a look has taken too long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._running is None or (self._running.done() and now - self._begun >= KEPT_SECONDS):
            self._running, self._begun = loop.run_in_executor(self._pool, self._ask), now
        left = self._begun + PATIENCE_SECONDS - now
        if not self._running.done() and left > 0:
            await asyncio.wait({self._running}, timeout=left)
        return self._running.result() if self._running.done() else None

    def _ask(self) -> Result:
        """In its thread: as Django does it for every request, without a connection that has died."""
        close_old_connections()
        try:
            return self._look()
        finally:
            close_old_connections()


class Monitors:
    """The addresses for those who watch; ``counts``: what this process counts, None where there are no metrics."""

    def __init__(self, counts: RequestCounts | None) -> None:
        self._counts = counts
        self._ready = Latest(check_readiness, "ready")
        if counts is not None:
            # loaded by those alone who need it
            from matricula.monitoring.readings import known_metrics, read_metrics  # noqa: PLC0415

            self._readings, self._known = Latest(read_metrics, "metrics"), known_metrics

    async def answer(self, environ: Mapping[str, Any]) -> Given | None:
        """Return the answer; None: the address is none of these."""
        path, counts = environ["PATH_INFO"], self._counts
        if path not in {LIVE, READY} and not (path == METRICS and counts):
            return None
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return Given(405, _TEXT, b"Only GET is allowed here.\n", ((b"allow", b"GET, HEAD"),))
        if path == LIVE:
            return _answer_json(200, {"status": "live"})
        if path == READY or counts is None:
            return await self._answer_ready(environ)
        return await self._answer_metrics(environ, counts)

    async def _answer_ready(self, environ: Mapping[str, Any]) -> Given:
        left_out = {*parse_qs(environ["QUERY_STRING"]).get("exclude", ())}
        if unknown := left_out - {*CHECKS}:
            problem = f"exclude must be one of {', '.join(CHECKS)}; unknown: {len(unknown)} of its values."
            return _answer_json(400, {"error": problem})
        checks = await self._ready.get()
        if checks is None:
            checks = unanswered(f"The database doesn't answer within {PATIENCE_SECONDS:.0f} seconds.")
        return _ready_or_not({name: check for name, check in checks.items() if name not in left_out})

    async def _answer_metrics(self, environ: Mapping[str, Any], counts: RequestCounts) -> Given:
        token = settings.ENVIRONMENT.metrics_token
        if not token or not is_bearer(token, environ.get("HTTP_AUTHORIZATION", "")):
            problem = b"Send the token of MATRICULA_METRICS_TOKEN as Authorization: Bearer.\n"
            return Given(401, _TEXT, problem, ((b"www-authenticate", b'Bearer realm="metrics"'),))
        metrics = await self._readings.get() or self._known(is_up=False)
        accepted = environ.get("HTTP_ACCEPT", "")
        # adding up the processes' files takes milliseconds, in which others are served
        return Given(200, *await asyncio.to_thread(counts.render, accepted, metrics))


def _ready_or_not(checks: Checks) -> Given:
    problems = any(check.problem for check in checks.values())
    body = {
        "status": "not ready" if problems else "ready",
        "checks": {name: _shown(check) for name, check in checks.items()},
    }
    return _answer_json(503 if problems else 200, body)


def _shown(check: Check) -> dict[str, Any]:
    if check.problem is None:
        return {"status": "ok", **check.facts}
    return {"status": "failed", "problem": check.problem, **check.facts}


def _answer_json(status: int, body: Any) -> Given:
    return Given(status, _JSON, _json.encode(body))
