"""How long a client may take, whichever way the bytes go, and how many clients there may be.

uvicorn's protocol has a limit for idle connections only. Here one look a second at every connection ends those whose
request or reading is slower than the settings say; no thread waits for any of them.
"""

import asyncio
import socket
import struct
from enum import IntEnum
from typing import Any, ClassVar

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

TICK = 1.0
BEGINNING = 64 * 1024
_LONGEST_HEAD = 64 * 1024
_TOO_SLOW = "The request took too long to arrive."
_TOO_LONG = "The request headers are too long."


class Patience:
    """How long a client may be waited for: a time for the beginning, then a rate. Who was quick saves nothing up: the
    time without a byte is never longer than the time for the beginning.
    """

    def __init__(self) -> None:
        # how many seconds the client is behind
        self.behind = self._earned = 0.0

    def wait(self, count: int) -> bool:
        """One ``TICK`` more, after so many bytes in all; whether that was too long."""
        earned = max(self._earned, (count - BEGINNING) / settings.ENVIRONMENT.slow_rate)
        self.behind = max(0.0, self.behind - (earned - self._earned)) + TICK
        self._earned = earned
        return self.behind > settings.ENVIRONMENT.slow_seconds


class _Rank(IntEnum):
    """Who goes first if there are too many, the last of these; within each, the longest waited for."""

    RUNNING, WELL, NEW, SLOW, IDLE = range(5)


class _Counted:
    """A transport that counts what is written."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.written = 0
        self.close, self.is_closing, self.abort = transport.close, transport.is_closing, transport.abort
        self.get_write_buffer_size = transport.get_write_buffer_size

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class PacedProtocol(HttpToolsProtocol):
    """One connection."""

    _looking: ClassVar[bool] = False
    _reading, _in_head, _begun = True, True, False
    # bytes of the present request, and bytes written before the present answer
    _received, _before = 0, 0
    # since when there is no request
    _since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Makes room first, if there are too many."""
        super().connection_made(transport)
        self._sending, self._taking, self._since = Patience(), Patience(), self.loop.time()
        self.transport: Any = _Counted(transport)
        self._kernel: int = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if not PacedProtocol._looking:
            PacedProtocol._looking = True
            self.loop.call_later(TICK, _look, self.loop, self.connections)
        if len(self.connections) > settings.ENVIRONMENT.web_connections:
            all_of_them: Any = self.connections
            worst = max((each for each in all_of_them if each is not self), key=lambda each: each.rank)
            (worst if worst.rank[0] > _Rank.RUNNING else self).drop()

    @property
    def _socket(self) -> Any:
        return self.transport.get_extra_info("socket")

    def drop(self) -> None:
        """Ends the connection at once; the kernel, too, drops what it holds for it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    @property
    def rank(self) -> tuple[int, float]:
        """How little would be lost with this connection."""
        if not self._begun or (not self._reading and self.cycle.response_complete):
            idle = self.loop.time() - self._since
            # one that has just come will speak in a moment
            return _Rank.IDLE if idle >= TICK else _Rank.NEW, idle
        if not self._reading and not self.cycle.response_started:
            return _Rank.RUNNING, 0.0
        behind = max(self._taking.behind, self._sending.behind if self._reading else 0.0)
        # every connection that is waited for is one second behind
        return _Rank.SLOW if behind > TICK else _Rank.WELL, behind

    def data_received(self, data: bytes) -> None:
        """Reads on; a head without an end is rejected."""
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > _LONGEST_HEAD and not self.transport.is_closing():
            self._end(431, _TOO_LONG)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._reading = self._in_head = self._begun = True
        self._received, self._sending = 0, Patience()

    def on_headers_complete(self) -> None:
        """Its head is there."""
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        """All of it is there."""
        super().on_message_complete()
        self._reading = False

    def on_response_complete(self) -> None:
        """The answer is given."""
        super().on_response_complete()
        self._since = self.loop.time()

    def shutdown(self) -> None:
        """The service stops: a request that is not there yet never will be, and what is waited for isn't any more."""
        # the front; each connection says so, for uvicorn says it to connections alone
        if (stop := getattr(self.app, "stop", None)) is not None:
            stop()
        if self._reading and not self._answering():
            self.transport.abort()
        else:
            super().shutdown()

    def look(self) -> None:
        """Ends the connection if its client is too slow; once for each ``TICK``."""
        held = self.transport.get_write_buffer_size()
        if held:
            # what the kernel holds is not read either
            if self._taking.wait(self.transport.written - held - self._before - self._kernel):
                self.drop()
                return
        elif not self._answering():
            self._taking, self._before = Patience(), self.transport.written
        waits = self._reading and not self.flow.read_paused and not self.transport.is_closing()
        if waits and self._sending.wait(self._received):
            self._end(408, _TOO_SLOW)

    def _answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

    def _end(self, status: int, text: str) -> None:
        if not self._answering():
            head = b"content-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(text)
            self.transport.write(STATUS_LINE[status] + head + text.encode())
        self.transport.close()


def _look(loop: asyncio.AbstractEventLoop, connections: set[Any]) -> None:
    loop.call_later(TICK, _look, loop, connections)
    for connection in list(connections):
        connection.look()
