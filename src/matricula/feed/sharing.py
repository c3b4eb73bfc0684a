"""Pages that several followers ask for at the same moment: one reads, the others get the same.

Those who wait are woken together, at the same place. A page that is a moment old is a page of that moment:
nothing is lost, for each goes on from its position. What a follower may see is part of the key, and is looked up
again each time.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """What was made in the last ``seconds``, of up to ``most`` keys; without what ``is_kept`` leaves out."""

    def __init__(self, seconds: float, most: int, is_kept: Callable[[T], bool]) -> None:
        self._seconds, self._most, self._is_kept = seconds, most, is_kept
        self._lock = threading.Lock()
        # the oldest first; who makes a value holds its lock
        self._kept: dict[Hashable, _Kept[T]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was just made for the key, or is being made; or else make it."""
        now = time.monotonic()
        with self._lock:
            while self._kept and (len(self._kept) > self._most or self._is_old(next(iter(self._kept.values())), now)):
                del self._kept[next(iter(self._kept))]
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = _Kept(now)
        with kept.lock:
            if kept.value is not None:
                return kept.value[0]
            # a failure is its own caller's; the next one tries again
            made = make()
            if self._is_kept(made):
                kept.value = (made,)
            return made

    def _is_old(self, kept: "_Kept[T]", now: float) -> bool:
        return now - kept.begun > self._seconds


class _Kept(Generic[T]):
    """A value, once it is made. It counts from when that began: what was committed later may not be in it."""

    def __init__(self, begun: float) -> None:
        self.begun, self.lock = begun, threading.Lock()
        self.value: tuple[T] | None = None
