"""Keeping the answer to a change in the transaction of the change, and finding it again (docs/idempotency.md)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection
from django.utils import timezone

from matricula.idempotency.encryption import decrypt, encrypt
from matricula.idempotency.models import StoredAnswer
from matricula.idempotency.rules import HOURS, lock_number, packed, unpacked

# the second half of the number is the identity's
_LOCK = 7321
_TAKE = "select pg_try_advisory_xact_lock(%s, %s)"
_FIND = """
select request, operation, status, answer, rights from matricula_storedanswer
where identity = %b and expires > now()
"""
_KEEP = """
insert into matricula_storedanswer
    (identity, request, account_id, operation, status, answer, rights, created, expires)
values (%b, %b, %s, %s, %s, %b, %s::jsonb, now(), now() + make_interval(hours => %s))
on conflict (identity) do update set
    request = excluded.request, account_id = excluded.account_id, operation = excluded.operation,
    status = excluded.status, answer = excluded.answer, rights = excluded.rights, created = excluded.created,
    expires = excluded.expires
"""
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent. ``operation``: the id of the request that wrote."""

    status: int
    headers: Mapping[str, Any]
    body: bytes
    operation: uuid.UUID
    rights: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and the digest of the request that it was given to."""

    request: bytes
    answer: Answer


def take(identity: bytes) -> bool:
    """Hold an identity until the transaction ends; return False if another transaction holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [_LOCK, lock_number(identity)])
        return bool(cursor.fetchone()[0])


def find_answer(identity: bytes) -> Kept | None:
    """Return what is kept for an identity; None if there is nothing, or its time is over.

    A statement of its own behind ``take``: it sees what was committed by who held the identity before.
    Errors: ``AnswerUnreadable``.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [identity])
        row = cursor.fetchone()
    if row is None:
        return None
    request, operation, status, stored, rights = row
    headers, body = unpacked(decrypt(identity, bytes(stored)))
    return Kept(bytes(request), Answer(status, headers, body, operation, msgspec.json.decode(rights)))


def keep_answer(identity: bytes, request: bytes, account_id: int, answer: Answer) -> None:
    """Keep an answer for 24 hours, in the caller's transaction, which holds the identity."""
    stored = encrypt(identity, packed(answer.headers, answer.body))
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            [
                identity,
                request,
                account_id,
                answer.operation,
                answer.status,
                stored,
                _json.encode(answer.rights).decode(),
                HOURS,
            ],
        )


def delete_expired_answers() -> int:
    """Delete the answers whose time is over; return how many."""
    return int(StoredAnswer.objects.filter(expires__lte=timezone.now()).delete()[0])
