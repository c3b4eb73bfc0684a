"""Transactions, and what must still be so at their end: the rights of the person for whom they write.

Who may write is looked up before the request is read, and a request may take its time. So the transaction itself asks
once more, as its last statement, and holds what it found until the commit (docs/locking.md). That is done here, and not
by those who write, so that it can't be left out; ``make check`` rejects Django's own ``atomic`` elsewhere.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

# reads a person's right again and holds it until the transaction ends. Errors: ``RightLost``
Hold = Callable[[], None]
_hold: ContextVar[Hold | None] = ContextVar("hold", default=None)
_asked: ContextVar[list[Hold] | None] = ContextVar("asked", default=None)


class RightLost(Exception):
    """The person no longer has the right with which this began; the transaction is undone.

    ``signed_out``: the account, its token or its session is no longer good at all.
    """

    def __init__(self, *, signed_out: bool) -> None:
        super().__init__("the right to do this was withdrawn meanwhile")
        self.signed_out = signed_out


@contextmanager
def acting(hold: Hold | None) -> Iterator[None]:
    """What is written within is written for someone whose right ``hold`` asks for; None: for no one, or the shell."""
    token = _hold.set(hold)
    try:
        yield
    finally:
        _hold.reset(token)


@contextmanager
def noting_rights() -> Iterator[list[Hold]]:
    """Within, each right that a transaction has asked for is added to the list."""
    noted: list[Hold] = []
    token = _asked.set(noted)
    try:
        yield noted
    finally:
        _asked.reset(token)


@contextmanager
def one_transaction() -> Iterator[None]:
    """A transaction, within another one a savepoint. The outermost asks for the right before it is committed.

    Errors: ``RightLost``; nothing is written.
    """
    with transaction.atomic():
        hold = _hold.get()
        if hold is None:
            yield
            return
        with acting(None):
            yield
        hold()
        if (asked := _asked.get()) is not None:
            asked.append(hold)
