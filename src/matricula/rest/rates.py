"""How many requests each caller sends to this process.

Our own, for the package's storage in memory starts a thread with nearly each request: a seventh of a short one.
"""

import threading
import time
from collections import Counter

from limits import parse


class Rates:
    """Counts in windows, one after the other: ``limit`` is like ``600/minute``, '' for none."""

    def __init__(self, limit: str) -> None:
        self._limit = parse(limit) if limit else None
        self._counts: Counter[int] = Counter()
        self._end = 0.0
        self._lock = threading.Lock()

    def count(self, account_id: int) -> float:
        """Counts a request: 0 if it is taken, or in how many seconds the next one would be."""
        if self._limit is None:
            return 0
        now = time.time()
        with self._lock:
            if now >= self._end:
                self._counts.clear()
                self._end = now + self._limit.get_expiry()
            self._counts[account_id] += 1
            return self._end - now if self._counts[account_id] > self._limit.amount else 0
