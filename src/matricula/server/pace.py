"""How long a client may take, whichever way the bytes go, and how many clients there may be.

uvicorn's protocol has a limit for idle connections only. Here one look a second at every connection ends those whose
request or reading is slower than the settings say; no thread waits for any of them.
"""

import asyncio
import socket
import struct
from typing import Any, ClassVar

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

TICK = 1.0
BEGINNING = 64 * 1024
_LONGEST_HEAD = 64 * 1024
_TOO_SLOW = "The request took too long to arrive."
_TOO_LONG = "The head of the request is too long."


def patience(count: int) -> float:
    """How many seconds so many bytes may take: a time for the beginning, then a rate."""
    environment = settings.ENVIRONMENT
    return float(environment.slow_seconds) + max(0, count - BEGINNING) / environment.slow_rate


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
    _reading, _in_head = True, True
    # bytes of the present request, and the seconds they were waited for
    _received, _waited = 0, 0.0
    # bytes written before the present answer, and the seconds that its reader was waited for
    _before, _blocked = 0, 0.0

    def connection_made(self, transport: Any) -> None:
        """Makes room first, if there are too many: who has been waited for the longest goes."""
        super().connection_made(transport)
        self.transport: Any = _Counted(transport)
        self._kernel: int = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if not PacedProtocol._looking:
            PacedProtocol._looking = True
            self.loop.call_later(TICK, _look, self.loop, self.connections)
        if len(self.connections) > settings.ENVIRONMENT.web_connections:
            all_of_them: Any = self.connections
            max(all_of_them, key=lambda each: each.waited).drop()

    @property
    def _socket(self) -> Any:
        return self.transport.get_extra_info("socket")

    def drop(self) -> None:
        """Ends the connection at once; the kernel, too, forgets what it holds for it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    @property
    def waited(self) -> float:
        """For how long this client has been waited for, by now."""
        return self._blocked + (self._waited if self._reading else 0)

    def data_received(self, data: bytes) -> None:
        """Reads on; a head without an end is refused."""
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > _LONGEST_HEAD and not self.transport.is_closing():
            self._end(431, _TOO_LONG)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._reading = self._in_head = True
        self._received, self._waited = 0, 0.0

    def on_headers_complete(self) -> None:
        """Its head is there."""
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        """All of it is there."""
        super().on_message_complete()
        self._reading = False

    def shutdown(self) -> None:
        """The service stops: a request that is not there yet never will be."""
        if self._reading and not self._answering():
            self.transport.abort()
        else:
            super().shutdown()

    def look(self) -> None:
        """Ends the connection if its client is too slow; once for each ``TICK``."""
        held = self.transport.get_write_buffer_size()
        if held:
            self._blocked += TICK
            # what the kernel holds is not read either
            if self._blocked > patience(self.transport.written - held - self._before - self._kernel):
                self.drop()
                return
        elif not self._answering():
            self._blocked, self._before = 0.0, self.transport.written
        if self._reading and not self.flow.read_paused and not self.transport.is_closing():
            self._waited += TICK
            if self._waited > patience(self._received):
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
