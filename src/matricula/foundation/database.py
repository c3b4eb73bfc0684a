"""Streaming rows out of PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import ClientCursor

_BLOCK = 64 * 1024
# control characters that JSON never holds unescaped: with them as quote and delimiter, COPY leaves its text alone
JSON_LINES = "format csv, quote e'\\x01', escape e'\\x01', delimiter e'\\x02'"
CSV = "format csv, header"


def copy_out(query: str, parameters: Sequence[Any] | Mapping[str, Any], form: str) -> Iterator[bytes]:
    """The rows of a query as PostgreSQL's COPY writes them, in blocks of about 64 KiB; memory stays flat."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        # COPY takes no server-side parameters: they are put in, quoted, by the driver
        text = _mogrified(query, parameters)
        with cursor.copy(f"copy ({text}) to stdout with ({form})") as copy:
            held = bytearray()
            for block in copy:
                held += block
                if len(held) >= _BLOCK:
                    yield bytes(held)
                    held.clear()
            if held:
                yield bytes(held)


def _mogrified(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> str:
    with ClientCursor(connection.connection) as cursor:
        return cursor.mogrify(query, parameters)
