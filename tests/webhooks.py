"""Receivers of webhooks: real servers of this machine, and what is sent to them without a worker."""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook as Verifier

from matricula.feed.webhooks.deliveries import Prepared, list_behind, make_next, prepare, record, take_due
from matricula.feed.webhooks.sending import Outcome, resolver, send

RESOLVE = resolver(ThreadPoolExecutor(2))


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def changes(self) -> list[Any]:
        return list(json.loads(self.body)["changes"])

    @property
    def change_ids(self) -> list[str]:
        return [str(change["id"]) for change in self.changes]

    def verify(self, secret: str) -> Any:
        """Errors: the library's own, if the signature is not one of this secret."""
        return Verifier(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """``status``: what is answered next; by path: ``/slow``, ``/endless``, ``/drip``, ``/redirect``."""

    port: int = 0
    status: int = 204
    seen: list[Received] = field(default_factory=list)
    # bytes of the endless answer that were sent before the sender hung up
    poured: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, count: int, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while len(self.seen) < count:
            assert time.monotonic() < until, f"only {len(self.seen)} requests came"
            time.sleep(0.01)


@contextmanager
def receiver(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a port of its own; with a certificate and its key in a file, over TLS."""
    made = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield made
    finally:
        made.let_go.set()
        server.shutdown()
        server.server_close()


def _handler(made: Receiver) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.seen.append(Received(self.path, headers, body))
            if self.path == "/slow":
                made.let_go.wait(90)
            if self.path == "/redirect":
                self.send_response(307)
                self.send_header("Location", f"{made.url}/elsewhere")
            else:
                self.send_response(made.status)
            self.end_headers()
            try:
                while self.path == "/endless":
                    made.poured += self.wfile.write(b"x" * 4096)
            except OSError:
                made.let_go.set()
            if self.path == "/drip":
                made.let_go.wait(90)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def send_due() -> list[Outcome]:
    """What the worker does in one look, one delivery after the other."""
    made = [prepared for webhook_id in list_behind(100) if (prepared := make_next(webhook_id))]
    taken = [prepared for delivery_id in take_due(100) if (prepared := prepare(delivery_id))]
    return [send_one(prepared) for prepared in [*made, *taken]]


def send_one(prepared: Prepared) -> Outcome:
    outcome = asyncio.run(send(prepared.url, prepared.headers, prepared.body, resolve=RESOLVE, private=True))
    record(prepared.delivery_id, outcome)
    return outcome
