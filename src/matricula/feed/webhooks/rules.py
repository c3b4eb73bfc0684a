"""When a delivery that failed is tried again, and when it is given up. Plain Python."""

from collections.abc import Sequence
from datetime import datetime, timedelta

_SECONDS, _MINUTES, _HOURS = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours"))
# after the first failure, after the second, …; after the last one: always the last pause
PAUSES: Sequence[timedelta] = (
    5 * _SECONDS,
    30 * _SECONDS,
    2 * _MINUTES,
    10 * _MINUTES,
    30 * _MINUTES,
    1 * _HOURS,
    2 * _HOURS,
    4 * _HOURS,
    8 * _HOURS,
    12 * _HOURS,
)
GIVE_UP_AFTER = timedelta(days=3)
# both secrets are good for so long after a rotation
BOTH_SECRETS = timedelta(days=1)
# changes in one delivery
MOST_CHANGES = 100
# of one account
MOST_WEBHOOKS = 20


def next_try(failing_since: datetime, failures: int, now: datetime) -> datetime | None:
    """Return when to try again after so many failures; None: never, the webhook is switched off.

    The last try is three days after the first failure, also where tries by hand came between.
    """
    last = failing_since + GIVE_UP_AFTER
    if now >= last:
        return None
    pause = PAUSES[min(max(failures, 1), len(PAUSES)) - 1]
    return min(now + pause, last)
