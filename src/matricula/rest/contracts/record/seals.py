"""Seals of the journal (record-api: Evidence)."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta

from matricula.foundation.text import whole_number
from matricula.history.seals.reads import SealFacts, find_latest, list_seals
from matricula.rest import errors
from matricula.rest.contracts.record.guard import LOGGED_IN
from matricula.rest.endpoint import NOTHING, AnyEndpoint, Call, Endpoint, PlainCall, answer_json, in_query, seconds
from matricula.rest.errors import BrokenRequest, Message, invalid_field, unknown_cursor

_LARGEST_ID = 2**63 - 1
_ERRORS = (400, 401, 403, 404, 405, 429)


class SealQuery(msgspec.Struct):
    """Which seals."""

    since: Annotated[
        str | None,
        Meta(description="Only seals behind the one with this seal_id, or made from this time on (with offset)."),
    ] = None
    page_size: Annotated[int, Meta(ge=1, le=1000, description="The most seals in one answer.")] = 100
    cursor: Annotated[str | None, Meta(description="The cursor of the last answer.")] = None


class Seal(msgspec.Struct):
    """A seal: the digests of some changes in feed order, on top of the seal before."""

    seal_id: int
    at: datetime
    first_change_id: int
    last_change_id: int
    changes: int
    digest: Annotated[str, Meta(description="SHA-256, 64 hexadecimal digits.")]


class SealList(msgspec.Struct):
    """Some seals, the oldest first."""

    results: list[Seal]
    cursor: Annotated[str | None, Meta(description="Send it for the next page; null at the end.")]


SEAL_EXAMPLE: dict[str, Any] = {
    "seal_id": 118,
    "at": "2027-01-15T08:46:00Z",
    "first_change_id": 4711,
    "last_change_id": 4712,
    "changes": 2,
    "digest": "5d1e" * 16,
}


def get_latest_seal(_call: PlainCall) -> HttpResponse:
    """200 Seal. Errors: 404 before the first one."""
    found = find_latest()
    if found is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("Nothing is sealed yet. A worker seals every minute."))
    return answer_json(_shown(found))


def list_some_seals(call: Call[SealQuery, None]) -> HttpResponse:
    """200 SealList: the oldest first, so that a chain is followed from the seal that one has."""
    query = call.query
    after, since = _place(query.since)
    if query.cursor is not None:
        after = max(after, _cursor(query.cursor))
    found = list_seals(after=after, since=since, limit=query.page_size + 1)
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(SealList([*map(_shown, page)], str(page[-1].id) if more else None))


def _place(since: str | None) -> tuple[int, datetime | None]:
    """The seal, or the time, behind which seals are asked for. Errors: 400."""
    if since is None:
        return 0, None
    number = whole_number(since, _LARGEST_ID)
    if number is not None:
        return number, None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid_field("since", "Send the ID of a seal, or a time with its offset such as 2027-01-15T08:30:00Z.")
    return 0, moment


def _cursor(cursor: str) -> int:
    """The seal behind which the next page begins. Errors: 400."""
    found = whole_number(cursor, _LARGEST_ID)
    if found is None:
        raise unknown_cursor()
    return found


def _shown(seal: SealFacts) -> Seal:
    return Seal(
        seal.id,
        seconds(seal.at),
        seal.first_change_id,
        seal.last_change_id,
        seal.changes,
        seal.digest.hex(),
    )


LIST: AnyEndpoint = Endpoint(
    list_some_seals,
    in_query(SealQuery),
    "List the seals of the journal, the oldest first",
    LOGGED_IN,
    {200: SealList},
    errors=_ERRORS,
    answer_examples={200: {"results": [SEAL_EXAMPLE], "cursor": None}},
)
LATEST: AnyEndpoint = Endpoint(
    get_latest_seal,
    NOTHING,
    "Get the latest seal of the journal",
    LOGGED_IN,
    {200: Seal},
    errors=_ERRORS,
    answer_examples={200: SEAL_EXAMPLE},
)
