"""Streaming rows out of PostgreSQL."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg import ClientCursor

_BLOCK = 64 * 1024
_ROWS = 2_000
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


def stream_rows(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query from a cursor of the server, a few thousand at a time, in one transaction; memory stays flat.

    Take all rows: what is written meanwhile is part of the transaction.
    """
    with transaction.atomic(), connection.connection.cursor(name=f"rows_{uuid.uuid4().hex}") as cursor:
        cursor.itersize = _ROWS
        cursor.execute(query, parameters)
        yield from cursor


def _mogrified(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> str:
    with ClientCursor(connection.connection) as cursor:
        return cursor.mogrify(query, parameters)
