"""Between uvicorn and Django: the body is taken whole before a thread is, and the answer is sent after it was given.

``admission`` is asked before more than 64 KiB of a body are taken. What a reader does not read yet waits in a spool,
so a thread works at its own speed and is free again.
"""

import asyncio
import io
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import IO, Any
from urllib.parse import unquote_to_bytes
from weakref import WeakValueDictionary

import structlog
from django.conf import settings
from django.db import close_old_connections

from matricula.foundation.request_ids import HEADER, ROUTE, known_method, request_id, within_request
from matricula.foundation.tracing import span
from matricula.journal.records import JournalElsewhere, Position, head
from matricula.monitoring.requests import UNKNOWN, RequestCounts
from matricula.rest.dispatch import Admitted
from matricula.rest.origins import origin_headers
from matricula.rest.waiting import KEY, Waiting
from matricula.server.admission import LARGEST, Refusal, admit, too_large
from matricula.server.monitors import Given, Monitors
from matricula.server.pace import BEGINNING
from matricula.server.spool import Answer, Budget, Full, Gone, Spool
from matricula.server.threads import Busy, Threads
from matricula.server.waiters import Outcome, Waiters

PIECE = 64 * 1024
# of a body that is rejected, so that the client comes to read why
_DRAINED = 64 * 1024 * 1024
# an answer of this size is sent while it is still being made
_SENT_EARLY = 256 * 1024
_BODILESS = (204, 304)
FULL, FAILED = "full", "failed"
_BUSY = Refusal(503, b"The service is busy. Try again soon.\n", [(b"retry-after", b"10")])
_CROWDED = Refusal(503, b"Too many requests are waiting; try again soon.\n", [(b"retry-after", b"10")])
_FAILED = Refusal(500, b"Something went wrong on our side.\n")
_log = structlog.get_logger("matricula.server")
Environ = dict[str, Any]


class _File:
    """WSGI's ``file_wrapper``: a file that is sent as it is."""

    def __init__(self, file: Any, size: int = PIECE) -> None:
        self.file, self.size = file, size
        self.close = getattr(file, "close", lambda: None)

    def __iter__(self) -> Any:
        return iter(lambda: self.file.read(self.size), b"")


class Front:
    """The ASGI application around a WSGI one."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._threads = Threads(settings.ENVIRONMENT.web_threads, "web")
        # a supervisor is not to take a busy service for a dead one
        self._health = Threads(1, "health")
        self._counts = RequestCounts() if settings.ENVIRONMENT.metrics_token else None
        self._monitors = Monitors(self._counts)
        self._waiters = Waiters(_look, self._counts.waiting if self._counts else None)
        # each its half: whatever bodies fill, there is room for answers
        half = settings.ENVIRONMENT.web_buffer // 2
        self._bodies, self._answers = Budget(half), Budget(half)
        # no account fills all of it, but one file always fits
        self._share = max(half // 4, min(half, LARGEST))
        self._shares: WeakValueDictionary[int, Budget] = WeakValueDictionary()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        environ = environ_of(scope)
        if (given := await self._monitors.answer(environ)) is not None:
            await _give(given, environ, send)
            return
        incoming = _Incoming(receive)
        body = Spool(self._bodies)
        threads = self._health if environ["PATH_INFO"] == "/health/" else self._threads
        try:
            try:
                refusal = await self._take_body(environ, body, incoming)
                if refusal is None and not (
                    await self._waiters.keep_pace(environ["QUERY_STRING"], incoming.watch)
                    and await threads.reserve(incoming.watch)
                ):
                    return
            except Busy:
                refusal = _CROWDED
            if refusal is None:
                await self._answer(environ, body, threads, incoming, send)
            elif refusal.status:
                # before the client has read why
                body.close()
                if self._counts:
                    self._counts.count_rejected(environ["REQUEST_METHOD"], refusal.status)
                await _refuse(refusal, environ, incoming, send)
        finally:
            body.close()

    async def _take_body(self, environ: Environ, body: Spool, incoming: "_Incoming") -> Refusal | None:
        """Why the body is not taken; a ``Refusal`` without a status if the client went away. Errors: ``Busy``."""
        length = environ.get("CONTENT_LENGTH", "")
        if length == "0" or (not length and "HTTP_TRANSFER_ENCODING" not in environ):
            incoming.whole = True
            return None
        expected, limit, more = int(length or 0), BEGINNING, True
        while True:
            if max(expected, len(body)) > limit:
                if limit != BEGINNING:
                    return too_large(environ)
                await self._threads.reserve()
                admitted = await asyncio.shield(asyncio.wrap_future(self._threads.run(_ask, environ)))
                if isinstance(admitted, Refusal):
                    return admitted
                limit = admitted.limit
                try:
                    body.charge(self._share_of(admitted.account))
                except Full:
                    return _BUSY
            elif not more:
                break
            else:
                message = await incoming.receive()
                if message["type"] != "http.request":
                    return Refusal(0, b"")
                more = message["more_body"]
                try:
                    body.append(message["body"])
                except Full:
                    return _BUSY
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        return None

    def _share_of(self, account: int) -> Budget:
        """What one account may hold of all bodies; it is there for as long as a body that counts in it."""
        return self._shares.setdefault(account, Budget(self._share, self._bodies))

    async def _answer(self, environ: Environ, body: Spool, threads: Threads, incoming: "_Incoming", send: Any) -> None:
        environ["wsgi.input"] = body.reader() or io.BytesIO(body.take(len(body)))
        begun = asyncio.get_running_loop().time()
        waiting = environ[KEY] = Waiting()
        while True:
            event, answer = self._begin(environ, threads)
            try:
                await event.wait()
                if waiting.query is not None and answer.done and not answer.failed:
                    outcome = await self._keep_back(waiting, begun, threads, incoming)
                    if outcome is Outcome.GONE:
                        return
                    if outcome is Outcome.AGAIN:
                        environ["QUERY_STRING"], environ["wsgi.input"] = waiting.query, io.BytesIO()
                        waiting.query, waiting.is_asked_again = None, True
                        continue
                try:
                    await self._send(answer, event, environ, incoming, send)
                finally:
                    self._count(environ, answer)
                if waiting.given:
                    self._waiters.gave(waiting.given)
                return
            finally:
                answer.close()
                if answer.file is not None:
                    answer.file.close()

    def _count(self, environ: Environ, answer: Answer) -> None:
        if self._counts:
            status = answer.status if not answer.failed else _BUSY.status if answer.failed == FULL else _FAILED.status
            self._counts.count(environ["REQUEST_METHOD"], environ.get(ROUTE, UNKNOWN), status, answer.seconds)

    def _begin(self, environ: Environ, threads: Threads) -> "tuple[asyncio.Event, Answer]":
        """Asks the application, in the thread that was given; the event: there is something to send."""
        loop = asyncio.get_running_loop()
        event = asyncio.Event()

        def notify() -> None:
            loop.call_soon_threadsafe(event.set)

        answer = Answer(self._answers, notify)
        threads.run(self._run, environ, answer)
        return event, answer

    async def _keep_back(self, waiting: Waiting, begun: float, threads: Threads, incoming: "_Incoming") -> Outcome:
        """Waits until it is worth asking again, and there is a thread for it."""
        left = begun + waiting.seconds - asyncio.get_running_loop().time()
        gone = incoming.watch()
        try:
            outcome = await self._waiters.hold(waiting, left, gone)
        finally:
            gone.cancel()
        if outcome is Outcome.AGAIN:
            try:
                return outcome if await threads.reserve(incoming.watch) else Outcome.GONE
            except Busy:
                return Outcome.OVER
        return outcome

    async def _send(
        self, answer: Answer, event: asyncio.Event, environ: Environ, incoming: "_Incoming", send: Any
    ) -> None:
        if answer.failed or not answer.status:
            await _refuse(_BUSY if answer.failed == FULL else _FAILED, environ, incoming, send)
        elif answer.done and answer.file is None and len(answer) <= PIECE:
            await _send_whole(answer, environ, send)
        else:
            await _Streamed(answer, event, incoming.receive, send).send_all()

    def stop(self) -> None:
        """Answers those who wait: the service stops."""
        self._waiters.stop()

    def _run(self, environ: Environ, answer: Answer) -> None:
        """In a thread: runs the application to its end, anyone who reads it and however slowly."""
        started = time.perf_counter()
        with within_request(environ) as found, span("request", is_server=True, matricula_request=str(found)) as made:
            self._run_within(environ, answer)
            made.set_attribute("http.request.method", known_method(environ["REQUEST_METHOD"]))
            made.set_attribute("http.route", environ.get(ROUTE, UNKNOWN))
            made.set_attribute("http.response.status_code", answer.status)
        answer.seconds = time.perf_counter() - started

    def _run_within(self, environ: Environ, answer: Answer) -> None:
        result: Any = ()
        try:
            result = self._application(environ, answer.start)
            answer.file = _plain_file(result)
            if answer.file is None:
                for piece in result:
                    answer.append(piece)
                    if len(answer) > _SENT_EARLY:
                        answer.notify()
        except Gone:
            pass
        except Full:
            answer.failed = FULL
            _log.warning("web_buffer_full")
        except Exception:
            answer.failed = FAILED
            _log.exception("web_problem")
        finally:
            # here, and not later: Django lets go of its database connection in the thread that has it
            if hasattr(result, "close"):
                result.close()
            answer.done = True
            answer.notify()


class _Incoming:
    """What a client sends."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        # nothing more comes
        self.whole = False

    async def receive(self) -> Any:
        """The next message."""
        message = await self._receive()
        self.whole = not message.get("more_body", False)
        return message

    def watch(self) -> "asyncio.Future[None]":
        """Done once the client has gone, which is looked for from now on."""
        return asyncio.ensure_future(self._end())

    async def _end(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class _Streamed:
    """An answer that is sent piece by piece, each once the client has taken the one before."""

    def __init__(self, answer: Answer, event: asyncio.Event, receive: Any, send: Any) -> None:
        self._answer, self._event, self._receive, self._send = answer, event, receive, send
        self._gone = False

    async def send_all(self) -> None:
        """Sends it; ends early, and ends the making of it, if the client goes away."""
        watch = asyncio.ensure_future(self._watch())
        try:
            await self._send(
                {"type": "http.response.start", "status": self._answer.status, "headers": self._answer.headers}
            )
            while not self._gone:
                piece, last = await self._next()
                if self._gone:
                    break
                if last and self._answer.failed:
                    # uvicorn ends the connection: half an answer must not look like a whole one
                    raise RuntimeError("a response was cut off")
                await self._send({"type": "http.response.body", "body": piece, "more_body": not last})
                if last:
                    break
        finally:
            watch.cancel()

    async def _next(self) -> tuple[bytes, bool]:
        file = self._answer.file
        if file is not None:
            piece = file.read(PIECE)
            return piece, not piece
        while True:
            self._event.clear()
            done = self._answer.done
            if self._gone or (piece := self._answer.take(PIECE)):
                return (b"", True) if self._gone else (piece, False)
            if done:
                return b"", True
            await self._event.wait()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._answer.close()
        self._event.set()


def _ask(environ: Environ) -> Admitted | Refusal:
    """In a thread: as Django does it for every request, without a connection to the database that has died."""
    close_old_connections()
    try:
        return admit(environ)
    finally:
        close_old_connections()


def _look() -> Position | None:
    """In a thread: how far the feed has come."""
    close_old_connections()
    try:
        return head()
    except JournalElsewhere:
        return None
    finally:
        close_old_connections()


async def _give(given: Given, environ: Environ, send: Any) -> None:
    """Sends an answer that was not the application's, whole; of HEAD without its body."""
    headers = [
        (b"content-type", given.content_type.encode()),
        (b"content-length", b"%d" % len(given.body)),
        (b"cache-control", b"no-store"),
        _named(environ),
        *given.headers,
    ]
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if environ["REQUEST_METHOD"] == "HEAD" else given.body})


def _named(environ: Environ) -> tuple[bytes, bytes]:
    return HEADER.lower().encode(), str(request_id(environ)).encode()


async def _send_whole(answer: Answer, environ: Environ, send: Any) -> None:
    body, headers = answer.take(PIECE), answer.headers
    known = any(name == b"content-length" for name, _ in headers)
    if not known and answer.status not in _BODILESS and environ["REQUEST_METHOD"] != "HEAD":
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(refusal: Refusal, environ: Environ, incoming: _Incoming, send: Any) -> None:
    """Answers, reads on a little so that the client comes to read it, and closes."""
    length = (b"content-length", b"%d" % len(refusal.body))
    headers = [*refusal.headers, *origin_headers(environ), length, _named(environ), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.body, "more_body": True})
    drained = 0
    while not incoming.whole and drained <= _DRAINED:
        drained += len((await incoming.receive()).get("body", b""))
    await send({"type": "http.response.body", "body": b""})


def _plain_file(result: Any) -> IO[bytes] | None:
    """A file of the system to send, as one of our own; None if the result is something else."""
    if not isinstance(result, _File):
        return None
    try:
        descriptor = os.dup(result.file.fileno())
    except (AttributeError, OSError):
        return None
    return open(descriptor, "rb")


def environ_of(scope: Any) -> Environ:
    """WSGI's environment of a request; its body comes later."""
    host, port = scope["server"] or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope["client"] or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _File,
    }
    for raw, value in scope["headers"]:
        # X_Y and X-Y would be one name
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        key = name if name in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{name}"
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    # here, so that all that is done for the request knows it by the same id
    request_id(environ)
    return environ
