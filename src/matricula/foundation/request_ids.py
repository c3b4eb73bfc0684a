"""The id of a request: it is in each answer (``X-Request-Id``), in each line of the log, and is that of its operation.

Made once for each request, by anyone who asks for it first: the front, else the first of Django's middleware.
"""

import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from structlog.contextvars import bound_contextvars

HEADER = "X-Request-Id"
_KEY = "matricula.request_id"
ROUTE = "matricula.route"
"""Where in the environment the route of a request is kept, once it is known: a template, and never the path."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_unused: ContextVar[uuid.UUID | None] = ContextVar("request_id", default=None)


def request_id(environ: MutableMapping[str, Any]) -> uuid.UUID:
    """Return the id of the request with this WSGI environment (Django's ``META``)."""
    found: uuid.UUID = environ.setdefault(_KEY, uuid.uuid4())
    return found


def known_method(method: str | None) -> str:
    """Return the method of a request for logs and metrics; ``other`` for one that a client made up."""
    return method if method in METHODS else "other"


@contextmanager
def within_request(environ: MutableMapping[str, Any]) -> Iterator[uuid.UUID]:
    """Lines logged within are those of this request, and the first operation within has its id."""
    found = request_id(environ)
    token = _unused.set(found)
    try:
        with bound_contextvars(request=str(found)):
            yield found
    finally:
        _unused.reset(token)


def new_operation_id() -> uuid.UUID:
    """Return the id of the request, once; after that, and outside of requests, another one each time."""
    found = _unused.get()
    _unused.set(None)
    return found or uuid.uuid4()
