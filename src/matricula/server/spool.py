"""What is held for clients: bodies until they are whole, answers until they are read. In memory, then on disk."""

import errno
import os
import tempfile
import threading
from collections.abc import Callable
from typing import IO

IN_MEMORY = 512 * 1024
# of every body and every answer: what is small always has room, whatever else is held
FREE = 64 * 1024


class Full(Exception):
    """All that may be held is held already."""


class Gone(Exception):
    """No one waits for this answer any more."""


class Budget:
    """How many bytes one process may hold for all its clients together, beyond what is ``FREE`` for each; or, as a part
    of such a ``whole``, for one account.
    """

    def __init__(self, limit: int, whole: "Budget | None" = None) -> None:
        self._left, self._lock, self._whole = limit, threading.Lock(), whole

    def take(self, count: int) -> None:
        """Errors: ``Full``."""
        with self._lock:
            if count > self._left:
                raise Full
            if self._whole is not None:
                self._whole.take(count)
            self._left -= count

    def give(self, count: int) -> None:
        """Gives back what was taken."""
        with self._lock:
            self._left += count
        if self._whole is not None:
            self._whole.give(count)


class Spool:
    """Bytes that one side appends and the other takes from the front; each side may be a thread of its own."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._lock = budget, threading.Lock()
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        # of the bytes held at present: where taking goes on, and where they end
        self._at = self._size = 0
        # what of them was taken from the budget
        self._drawn = 0
        self._closed = False

    def append(self, data: bytes) -> None:
        """Errors: ``Full``, ``Gone``."""
        with self._lock:
            if self._closed:
                raise Gone
            drawn = max(0, self._size + len(data) - FREE) - self._drawn
            self._budget.take(drawn)
            try:
                self._hold(data)
            except OSError as error:
                # no room on the disk, or no more files
                self._budget.give(drawn)
                raise Full from error
            self._drawn += drawn
            self._size += len(data)

    def charge(self, budget: Budget) -> None:
        """From now on, all of it counts there. Errors: ``Full``."""
        with self._lock:
            self._budget.give(self._drawn)
            drawn, self._drawn, self._budget = self._drawn, 0, budget
            budget.take(drawn)
            self._drawn = drawn

    def _hold(self, data: bytes) -> None:
        if self._file is None and self._size + len(data) > IN_MEMORY:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed with the spool
            try:
                _write(file, bytes(self._memory), 0)
            except OSError:
                file.close()
                raise
            self._file = file
            self._memory.clear()
        if self._file is None:
            self._memory += data
        else:
            _write(self._file, data, self._size)

    def take(self, count: int) -> bytes:
        """Up to so many bytes; none if there are none at present. Errors: ``OSError``, if they can't be read back."""
        with self._lock:
            if self._closed or self._at == self._size:
                return b""
            if self._file is None:
                data = bytes(self._memory[self._at : self._at + count])
            else:
                data = os.pread(self._file.fileno(), count, self._at)
                if not data:
                    # never to be taken for the end: half an answer must not look like a whole one
                    raise OSError(errno.EIO, "the buffered data no longer exists")
            self._at += len(data)
            if self._at == self._size:
                self._release()
            return data

    def __len__(self) -> int:
        """How many bytes are there to be taken."""
        return self._size - self._at

    def reader(self) -> IO[bytes] | None:
        """The file from its beginning, where the bytes are in one."""
        if self._file is not None:
            self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Gives everything back; a later append is an error."""
        with self._lock:
            if not self._closed:
                self._release()
                self._closed = True
                if self._file is not None:
                    self._file.close()

    def _release(self) -> None:
        self._budget.give(self._drawn)
        self._memory.clear()
        if self._file is not None:
            self._file.truncate(0)
        self._at = self._size = self._drawn = 0


def _write(file: IO[bytes], data: bytes, at: int) -> None:
    """All of it: the system may write less at once than it was given."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file.fileno(), view, at)
        view, at = view[written:], at + written


class Answer(Spool):
    """What the application says, while it still speaks. ``notify`` is called once there is something to send."""

    def __init__(self, budget: Budget, notify: Callable[[], None]) -> None:
        super().__init__(budget)
        self.status, self.headers = 0, list[tuple[bytes, bytes]]()
        self.done, self.failed = False, ""
        # for which the application worked on it; known once that is done
        self.seconds = 0.0
        # a file is sent as it is, from its current position; how much of it is left
        self.file: IO[bytes] | None = None
        self.notify = notify

    def start(self, status: str, headers: list[tuple[str, str]], _problem: object = None) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self.append
