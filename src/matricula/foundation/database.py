"""Streaming rows out of PostgreSQL, past Django's cursors; errors are raised as Django's own all the same."""

import struct
import uuid
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from psycopg import ClientCursor, adapters, postgres
from psycopg.adapt import Dumper
from psycopg.pq import Format

from matricula.foundation.tracing import begin_span, statement_attributes

_BLOCK = 64 * 1024
_ROWS = 2_000
# control characters that JSON never holds unescaped: with them as quote and delimiter, COPY leaves its text alone
JSON_LINES = "format csv, quote e'\\x01', escape e'\\x01', delimiter e'\\x02'"
CSV = "format csv, header"


@dataclass(slots=True)
class Tally:
    """How many rows a stream has given so far: those of the blocks that were taken from it."""

    rows: int = 0


def copy_out(
    query: str, parameters: Sequence[Any] | Mapping[str, Any], form: str, tally: Tally | None = None
) -> Generator[bytes]:
    """The rows of a query as PostgreSQL's COPY writes them, in blocks of about 64 KiB; memory stays flat."""
    return _blocks(_copied(query, parameters, form), tally or Tally(), other=form == CSV)


def _copied(query: str, parameters: Sequence[Any] | Mapping[str, Any], form: str) -> Iterator[bytes]:
    """Line by line, each with its line end."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        # COPY takes no server-side parameters: they are put in, quoted, by the driver
        text = _mogrified(query, parameters)
        made = begin_span("copy", **statement_attributes(query))
        try:
            with cursor.copy(f"copy ({text}) to stdout with ({form})") as copy:
                for line in copy:
                    yield bytes(line)
        finally:
            made.end()


def _blocks(lines: Iterable[bytes], tally: Tally, *, other: int) -> Generator[bytes]:
    """``other``: so many of the lines are no row."""
    held, count = bytearray(), 0
    for count, line in enumerate(lines, 1):
        held += line
        if len(held) >= _BLOCK:
            tally.rows = count - other
            yield bytes(held)
            held.clear()
    tally.rows = max(count - other, 0)
    if held:
        yield bytes(held)


def copy_csv(query: str, parameters: Sequence[Any] | Mapping[str, Any], tally: Tally | None = None) -> Generator[bytes]:
    """The rows as CSV with a header, lines ended by CRLF; booleans must come as texts, see ``sql_boolean_cell``."""
    # the server sends one line at a time, and a line break within a cell is not at its end
    lines = (line[:-1] + b"\r\n" for line in _copied(query, parameters, CSV))
    return _blocks(lines, tally or Tally(), other=1)


def copy_json_array(
    query: str, parameters: Sequence[Any] | Mapping[str, Any], tally: Tally | None = None
) -> Generator[bytes]:
    """The rows as one JSON array of objects, named as the columns are and in their order."""
    lines = _copied(f"select row_to_json(o) from ({query}) o", parameters, JSON_LINES)  # noqa: S608  a statement of this code
    return _blocks(_array(line[:-1] for line in lines), tally or Tally(), other=1)


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    before = b"["
    for item in items:
        yield before + item
        before = b",\n"
    yield b"]" if before == b",\n" else b"[]"


def sql_boolean_cell(expression: str) -> str:
    """A PostgreSQL expression that gives ``True``, ``False`` or nothing, for CSV."""
    return f"case when ({expression}) then 'True' when not ({expression}) then 'False' end"


def stream_rows(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query from a cursor of the server, a few thousand at a time, in one transaction; memory stays flat.

    Take all rows: what is written meanwhile is part of the transaction.
    """
    name = f"rows_{uuid.uuid4().hex}"
    with transaction.atomic(), connection.wrap_database_errors, connection.connection.cursor(name=name) as cursor:
        cursor.itersize = _ROWS
        made = begin_span("stream", **statement_attributes(query))
        try:
            cursor.execute(query, parameters)
            yield from cursor
        finally:
            made.end()


class Bigints(list[Any]):
    """Whole numbers, none of them missing, that are sent as ``bigint[]``: packed at once, and not one by one."""


class _BigintsDumper(Dumper):
    format = Format.BINARY
    oid = postgres.types["int8"].array_oid

    def dump(self, obj: Bigints) -> bytes:
        count = len(obj)
        # each number behind its length
        packed = [8] * (2 * count)
        packed[1::2] = obj
        head = (1, 0, postgres.types["int8"].oid, count, 1) if count else (0, 0, postgres.types["int8"].oid)
        return struct.pack(f">{len(head)}i{'iq' * count}", *head, *packed)


adapters.register_dumper(Bigints, _BigintsDumper)


def _mogrified(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> str:
    with ClientCursor(connection.connection) as cursor:
        return cursor.mogrify(query, parameters)


def fetch_all(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def execute(query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> int:
    """Executes a statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.rowcount)


def pattern_of(search: str) -> str:
    """A text to be found by ``like`` as it is, without any character that means something there."""
    return search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


class TransactionIdField(models.Field):  # type: ignore[type-arg]  # not subscriptable at run time
    """The id of a writing transaction, as PostgreSQL's ``xid8``: comparable with a snapshot, never reused."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  Django's signature
        """``xid8``."""
        return "xid8"
