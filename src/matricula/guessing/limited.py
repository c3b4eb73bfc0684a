"""Reports an attack to operators: how many attempts were limited, never whose."""

import threading
import time
from collections import Counter

import structlog

_log = structlog.get_logger("matricula.guessing")
_EVERY_SECONDS = 10.0
_lock = threading.Lock()
_counts: Counter[str] = Counter()
_logged_at: dict[str, float] = {}


def log_limited(kind: str) -> None:
    """Count a limited attempt; log the first at once, and then one line every ten seconds for each kind at most."""
    now = time.monotonic()
    with _lock:
        _counts[kind] += 1
        if now - _logged_at.get(kind, -_EVERY_SECONDS) < _EVERY_SECONDS:
            return
        _logged_at[kind] = now
        count = _counts.pop(kind)
    _log.warning("attempts_limited", kind=kind, count=count)
