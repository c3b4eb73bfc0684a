"""The time by which calls are paced: the wall's, or one that a simulation moves."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970, and waiting."""

    def now(self) -> float:
        """Return the time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed, or sooner, once it is woken."""
        ...


class WallClock:
    """The time of this machine; ``wake`` ends all waiting."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> float:
        """Return the time."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._woken.wait(seconds)

    def wake(self) -> None:
        """End all waiting, for good: the process is stopped."""
        self._woken.set()
