"""The floor: a bare ASGI program on asyncpg that runs our own statements and answers with bytes made beforehand.

It checks nothing, decides nothing and encodes nothing: no web service in Python that asks the database the same can be
much faster. ``bench/throughput.py`` writes the statements to the file FLOOR_PLAN and runs this in an environment of its
own.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncpg

PLAN = json.loads(Path(os.environ["FLOOR_PLAN"]).read_text())
LIST, ENROLLED = PLAN["list_body"].encode(), PLAN["enrolled_body"].encode()
HEADERS = [(b"content-type", b"application/json")]
_pool: asyncpg.Pool | None = None


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global _pool  # noqa: PLW0603  one for each process
    if scope["type"] == "lifespan":
        await receive()
        _pool = await asyncpg.create_pool(PLAN["database"], min_size=4, max_size=4, init=_prepare)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    headers = dict(scope["headers"])
    token = headers[b"authorization"].split()[1]
    key = unquote(scope["path"]).split("/courses/")[1].split("/")[0]
    assert _pool is not None
    async with _pool.acquire() as connection:
        if scope["method"] == "GET":
            body = await _list(connection, token, key)
        else:
            body = await _enroll(connection, token, key, json.loads((await receive())["body"])["identifiers"][0])
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": body})


async def _prepare(connection: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=str, decoder=str, schema="pg_catalog")


async def _caller(connection: asyncpg.Connection, token: bytes, key: str) -> asyncpg.Record:
    row = await connection.fetchrow(PLAN["caller"], PLAN["roles"], key, hashlib.sha256(token).hexdigest())
    assert row is not None
    return row


async def _list(connection: asyncpg.Connection, token: bytes, key: str) -> bytes:
    course = (await _caller(connection, token, key))[PLAN["course_column"]]
    values = {"course": course, "limit": 26, "offset": 0}
    rows = await connection.fetch(PLAN["list"], *(values[name] for name in PLAN["list_order"]))
    assert len(rows) > 1
    return LIST


async def _enroll(connection: asyncpg.Connection, token: bytes, key: str, username: str) -> bytes:
    course = (await _caller(connection, token, key))[PLAN["course_column"]]
    async with connection.transaction():
        person = (await connection.fetch(PLAN["find"], [username], [], course))[0]
        one, who, address, mode = [course], [person["id"]], [person["email_key"]], person["mode"]
        await connection.fetch(PLAN["read_invitations"], course, who, course, address)
        if mode is not None:
            await connection.fetch(PLAN["lock_seats"], one, who)
            await connection.fetch(PLAN["lock_invitations"], one, who, one, address)
        else:
            await connection.execute(PLAN["insert_seats"], one, who, ["audit"], [True])
            await connection.fetch(PLAN["follow"], one, who, [True])
        await connection.execute(
            PLAN["journal"],
            PLAN["operation"],
            "api",
            [1],
            who,
            [None],
            [None],
            ["course_enrollment"],
            [None],
            one,
            [None],
            ["from unenrolled to enrolled"],
            ["{}"],
            ['{"enrollment":{"mode":"audit","is_active":true}}'],
            [None],
        )
    return ENROLLED
