"""Calls that wait for something to happen, without a thread while they wait.

A server that can wait says so in the environment of the request. The handler answers at once in any case; where that
is worth waiting for more, it says how to ask again, and the server keeps the answer back: until something happened,
and then asks the application again with all its checks, or until the time is up.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

KEY = "matricula.waiting"


@dataclass(slots=True)
class Waiting:
    """What server and handler say to each other about one request."""

    # the server's: this is not the first time, and the first one counted
    is_asked_again: bool = False
    # the handler's: how long it may take in all, and whose the request is
    seconds: float = 0.0
    account_id: int = 0
    # where there is nothing: the query string to ask with, and the place in the feed up to which there is nothing
    query: str | None = None
    place: Any = None
    # where there is something: the cursor with which the client comes back
    given: str = ""


def waiting_of(request: HttpRequest) -> Waiting | None:
    """Return what the server and the handler say to each other; None where the server can't wait."""
    found: Waiting | None = request.META.get(KEY)
    return found


def is_asked_again(request: HttpRequest) -> bool:
    """Return True where the client asked once, and the server asks again."""
    waiting = waiting_of(request)
    return waiting is not None and waiting.is_asked_again


def is_kept_back(request: HttpRequest) -> bool:
    """Return True for an answer that was asked for again and is kept back once more: it isn't logged."""
    waiting = waiting_of(request)
    return waiting is not None and waiting.is_asked_again and waiting.query is not None
