"""Runs several programs side by side in the foreground, as one: `matricula serve`."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from matricula.embedded.launch import launched

FIRST_PAUSE = 1.0
"""Seconds until a program that has ended starts again; each further time twice as many."""
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
"""After a life of this length the pauses begin again at the shortest."""
STABLE_SECONDS = 5.0
"""A program that has once lived this long is able to run, and is started again for ever."""
MOST_FAILURES = 5
READY_SECONDS = 60.0
_READY_TICK = 0.5
_TICK = 0.1

# Reentrant because announce() prints while it is held.
_output = threading.RLock()


def supervise(
    programs: Mapping[str, Sequence[str]],
    *,
    env: Mapping[str, str],
    announce: Callable[[], None],
    ready: Callable[[], bool],
    stop_seconds: float = 10,
) -> int:
    """Runs `programs`, given as name and argument list, until a signal ends them.

    They see this process's environment with `env` added to it; their output appears on our stdout
    behind `name | `. A program that ends is started again. `announce` is called once, when `ready`
    answers True for the first time.
    SIGINT, SIGTERM and SIGHUP end the programs, by SIGKILL those that still live after
    `stop_seconds`; the result is 0. A program that fails again and again before it ever ran
    properly ends them all; the result is its exit status.
    Works in the main thread only; the earlier signal handlers are back in place afterwards.
    """
    children = [_Child(name, command, env) for name, command in programs.items()]
    with _signals() as received:
        try:
            return _tend(children, received, announce, ready)
        finally:
            _end(children, stop_seconds)


@contextlib.contextmanager
def _signals() -> Iterator[list[int]]:
    """Yields a list to which each signal that asks for the end is added."""
    received: list[int] = []
    earlier = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP, and wants it to stay like that.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            earlier[number] = signal.signal(number, lambda number, _frame: received.append(number))
    try:
        yield received
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _tend(
    children: list["_Child"], received: list[int], announce: Callable[[], None], ready: Callable[[], bool]
) -> int:
    """Keeps the children running until a signal is received (0) or one fails for good (its status)."""
    begin = time.monotonic()
    next_question: float | None = begin
    warned = False
    while not received:
        for child in children:
            status = child.tend()
            if status is not None:
                return status
        now = time.monotonic()
        if next_question is not None and now >= next_question:
            next_question = now + _READY_TICK
            if ready():
                next_question = None
                with _output:
                    announce()
            elif not warned and now - begin > READY_SECONDS:
                warned = True
                _say(f"Not ready after {READY_SECONDS:.0f} seconds; still trying. See the lines above for the cause.")
        time.sleep(_TICK)
    return 0


def _end(children: list["_Child"], stop_seconds: float) -> None:
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + stop_seconds
    while any(child.lives() for child in children) and time.monotonic() < deadline:
        time.sleep(_TICK / 2)
    for child in children:
        if child.lives():
            _say(f"{child.name} has not ended within {stop_seconds:g} seconds and is killed.")
        child.clear_away()


class _Child:
    """One program, through all its lives."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.name = name
        self._command = list(command)
        # Without this, the lines of a Python program would come in lumps.
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._start_at = self._started = time.monotonic()
        self._pause = FIRST_PAUSE
        self._failures = 0
        self._stable = False

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def tend(self) -> int | None:
        """Starts the program if it is due; returns an exit status if it fails for good."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
            return None
        status = self._process.poll()
        if status is None:
            return None
        self.clear_away()
        lived = now - self._started
        self._stable = self._stable or lived >= STABLE_SECONDS
        self._failures += 1
        how = f"exit status {status}" if status >= 0 else f"signal {-status}"
        if not self._stable and self._failures >= MOST_FAILURES:
            _say(f"{self.name} ended with {how}, for the {self._failures}th time without ever running properly.")
            _say(f"Stopping everything: remove the cause, which {self.name} names above, and start again.")
            return status if status > 0 else 128 - status if status < 0 else 1
        if lived >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE
        _say(f"{self.name} ended with {how}. It starts again in {self._pause:g} s.")
        self._start_at = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return None

    def _start(self, now: float) -> None:
        self._process = subprocess.Popen(
            launched(self._command, with_parent=True),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=self._environment,
            # A process group of its own: Ctrl-C reaches only us, and kill() all that belongs to it.
            start_new_session=True,
        )
        self._started = now
        self._reader = threading.Thread(target=_pass_on, args=(self.name, self._process.stdout), daemon=True)
        self._reader.start()

    def ask_to_end(self) -> None:
        """Sends SIGTERM to the program alone; it ends its own processes in its own order."""
        if self._process is not None:
            self._process.terminate()

    def clear_away(self) -> None:
        """Kills what is left of the program and of the processes it has started."""
        if self._process is None or self._reader is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # Its last words; a process that left the group could hold the pipe open for ever.
        self._reader.join(timeout=2)
        self._process = None


def _pass_on(name: str, stream: IO[str]) -> None:
    with stream:
        for line in stream:
            _say(f"{name} | {line.rstrip()}")


def _say(line: str) -> None:
    # A closed terminal or pipe must not keep the programs from going on.
    with _output, contextlib.suppress(OSError, ValueError):
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()
