"""The test LMS over HTTP: an ASGI application, and ``/control/`` to set and read what is in it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.lms.answers import Asked, Reply, answer, said
from tests.lms.state import State

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TestLms:
    """One LMS."""

    __test__ = False

    def __init__(self, state: State, keep: Path | None = None) -> None:
        self.state = state
        # gets the state at the end
        self._keep = keep

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._keep is not None:
            self._keep.write_text(json.dumps(self.state.dump()), encoding="utf-8")
        await send({"type": "lifespan.shutdown.complete"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        # as it was sent: a slash or a plus within a key stays what it is
        path = scope["raw_path"].decode().partition("?")[0]
        query = dict(parse_qsl(scope["query_string"].decode()))
        asked = Asked(scope["method"], path, query, headers, body, f"http://{headers.get('host', 'lms')}")
        reply = self._control(asked) if path.startswith("/control/") else answer(self.state, asked)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        shown = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        shown.append((b"content-length", str(len(reply.content)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": shown})
        await send({"type": "http.response.body", "body": reply.content})

    def _control(self, asked: Asked) -> Reply:
        what = unquote(asked.path.removeprefix("/control/"))
        if asked.method == "POST" and what == "state":
            self.state.load(json.loads(asked.raw))
        elif asked.method == "DELETE" and what == "calls":
            self.state.calls.clear()
        elif what == "count":
            return said(200, len(self.state.calls))
        elif what == "calls":
            return said(200, [asdict(call) for call in self.state.calls])
        elif what != "state":
            return Reply(404)
        return said(200, self.state.dump())
