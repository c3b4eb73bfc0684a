"""How long guessing has to wait: a count that fades, and delays that grow. Plain Python."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """Failures up to ``free`` cost nothing; from that one on, each doubles the delay: ``first`` to ``longest`` seconds.

    One failure is taken off the count every ``fades`` seconds.
    """

    free: int
    fades: float
    first: float
    longest: float

    @property
    def most(self) -> int:
        """The highest count: the one with the longest delay. More failures would only take longer to fade."""
        return self.free + max(0, math.ceil(math.log2(self.longest / self.first)))


@dataclass(frozen=True)
class Count:
    """What is kept of failures, in seconds since the epoch: when their count is zero again, and until when to wait."""

    zero_at: float
    wait_until: float


@dataclass(frozen=True)
class Kind:
    """A kind of attempt, and its limits: by what is guessed at, by client address (None: not counted by address)."""

    name: str
    by_subject: Limit
    by_address: Limit | None


NOTHING = Count(0, 0)

# one guess every 15 minutes after the first fifteen: about 110 on the first day, 96 on each later one
_PER_SECRET = Limit(free=5, fades=900, first=1, longest=900)
# a whole university may share one address: 200 mistyped passwords at once, and 20 a minute without an end
_PER_ADDRESS = Limit(free=200, fades=3, first=1, longest=60)
# every request counts here, not only failures: each may send a mail
_PER_MAILBOX = Limit(free=10, fades=900, first=60, longest=3600)
_MAILS_PER_ADDRESS = Limit(free=200, fades=6, first=1, longest=60)

LOGIN = Kind("login", _PER_SECRET, _PER_ADDRESS)
CLIENT_SECRET = Kind("client_secret", _PER_SECRET, _PER_ADDRESS)
# asked of someone who is logged in, to confirm a change; the session already limits who can try
OWN_PASSWORD = Kind("own_password", _PER_SECRET, None)
PASSWORD_RESET = Kind("password_reset", _PER_MAILBOX, _MAILS_PER_ADDRESS)
# the six digits of a moment, asked of someone who has proved the first factor
SECOND_FACTOR = Kind("second_factor", _PER_SECRET, None)
# each begins a session, and may ask the provider something
SIGN_ON = Kind("sign_on", _PER_MAILBOX, _MAILS_PER_ADDRESS)
SIGN_UP = Kind("sign_up", _PER_MAILBOX, _MAILS_PER_ADDRESS)


def delay_after(limit: Limit, failures: float) -> float:
    """Return the seconds to wait after so many failures."""
    over = math.ceil(round(failures, 6)) - limit.free
    return 0 if over < 0 else min(limit.longest, limit.first * 2.0 ** min(over, limit.most))


def failures_of(limit: Limit, count: Count, now: float) -> float:
    """Return how many failures the count still holds at ``now``."""
    return max(0.0, (count.zero_at - now) / limit.fades)


def wait_of(count: Count, now: float) -> int:
    """Return the whole seconds until the next attempt is taken; 0 if it is taken now."""
    return max(0, math.ceil(round(count.wait_until - now, 6)))


def count_failure(limit: Limit, count: Count, now: float) -> Count:
    """Return the count after one more failure at ``now``."""
    failures = min(failures_of(limit, count, now) + 1, limit.most)
    return Count(now + failures * limit.fades, now + delay_after(limit, failures))
