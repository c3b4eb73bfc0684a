"""The headers with which clients send a change again, or only if nothing changed since (docs/idempotency.md)."""

from functools import cache

from django.http import HttpRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
REPLAYED = "Idempotency-Replayed"
"""Of an answer that was given before."""


@cache
def _variable(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def has_header(request: HttpRequest, name: str) -> bool:
    """Return True for a request with the header; asked of each change, and so without a look through all headers."""
    return _variable(name) in request.META
