"""Retirements: removing a person's traces (record-api: Retirements)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from msgspec import Meta

from matricula.learners.reads import names_of
from matricula.rest import errors
from matricula.rest.contracts.record.guard import SUPERUSER, id_in
from matricula.rest.contracts.record.requested import checked_reason
from matricula.rest.contracts.record.shown import url_of
from matricula.rest.endpoint import (
    NOTHING,
    AnyCall,
    AnyEndpoint,
    Call,
    Endpoint,
    PlainCall,
    answer_json,
    in_body,
    in_query,
    seconds,
)
from matricula.rest.errors import BrokenRequest, Message, invalid_field, unknown_cursor
from matricula.retirement.reads import RetirementFacts, find_retirement, list_retirements
from matricula.retirement.statuses import RetirementState
from matricula.retirement.writes import (
    AlreadyRequested,
    AlreadyRetired,
    LastSuperuser,
    TwoPeople,
    UnknownPerson,
    Whom,
    request_retirement,
    withdraw_request,
)

_ERRORS = (400, 401, 403, 404, 405, 429)
_Name = Annotated[str, Meta(max_length=255)]
REASONS: Mapping[int, str] = {
    202: "The request is recorded; a command of the owner of the database does the rest",
    204: "The request was withdrawn",
    409: "The person is being retired, or was, or can't be",
}


class RetirementBody(msgspec.Struct):
    """Who is to be retired."""

    username: Annotated[_Name | None, Meta(description="Either this, or email, or student_key.")] = None
    email: Annotated[_Name | None, Meta(description="Also of a person without an account.")] = None
    student_key: Annotated[_Name | None, Meta(description="Together with organization.")] = None
    organization: Annotated[_Name | None, Meta(description="The key of the organization of the student_key.")] = None
    reason: Annotated[_Name | None, Meta(description="Kept. Name no one in it.")] = None


class Retirement(msgspec.Struct):
    """A person whose traces are to be replaced by a pseudonym, or were. It doesn't say who that was."""

    retirement_id: uuid.UUID
    retirement_url: str
    state: RetirementState
    pseudonym: Annotated[str, Meta(description="The username that the account has from then on.")]
    requested: datetime
    requested_by: str | None
    finished: datetime | None
    operation_id: uuid.UUID | None
    replaced: Annotated[dict[str, int], Meta(description="Places, with the number of rows or files, once it is done.")]


class RetirementList(msgspec.Struct):
    """One page of retirements, the newest first."""

    results: list[Retirement]
    cursor: uuid.UUID | None


class RetirementListQuery(msgspec.Struct):
    """Which retirements to list."""

    state: Annotated[RetirementState | None, Meta(description="Only those in this state.")] = None
    page_size: Annotated[int, Meta(ge=1, le=100, description="Retirements per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None


def create_retirement(call: Call[None, RetirementBody]) -> HttpResponse:
    """202 Retirement. Errors: 400, 404, 409."""
    body = call.body
    reason = checked_reason("reason", body.reason)
    try:
        retirement_id = request_retirement(_whom(body), actor_id=call.account_id, reason=reason)
    except UnknownPerson:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no such person.")) from None
    except (AlreadyRequested, AlreadyRetired, LastSuperuser, TwoPeople) as refused:
        raise BrokenRequest(errors.CONFLICT, _AGAINST[type(refused)]) from None
    answer = answer_json(_shown(call, [_again(retirement_id)])[0], 202)
    answer.headers["Location"] = url_of(call, "retirements", retirement_id)
    return answer


_AGAINST: Mapping[type[Exception], Message] = {
    AlreadyRequested: Message("This person is being retired already."),
    AlreadyRetired: Message("This person was retired already."),
    LastSuperuser: Message("No active superuser would be left. Make another one first."),
    TwoPeople: Message("This is the username of one account and the email address of another. Send the other one."),
}


def _whom(body: RetirementBody) -> Whom:
    """Errors: 400."""
    given = [name for name in ("username", "email", "student_key") if getattr(body, name)]
    if len(given) != 1:
        raise invalid_field("username", "Send exactly one of username, email and student_key.")
    if given == ["student_key"]:
        if not body.organization:
            raise invalid_field("organization", "A student key needs the key of its organization.")
        return Whom(organization=body.organization, student_key=body.student_key or "")
    if given == ["email"] and "@" not in (body.email or ""):
        raise invalid_field("email", "This email address isn't valid. Correct it and try again.")
    return Whom((body.username or body.email or "").strip())


def list_some_retirements(call: Call[RetirementListQuery, None]) -> HttpResponse:
    """200 RetirementList."""
    query = call.query
    if query.cursor is not None and find_retirement(query.cursor) is None:
        raise unknown_cursor()
    found = list_retirements(limit=query.page_size + 1, state=query.state, before=query.cursor)
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(RetirementList(_shown(call, page), page[-1].id if more else None))


def get_retirement(call: PlainCall) -> HttpResponse:
    """200 Retirement. Errors: 404."""
    return answer_json(_shown(call, [_again(id_in(call, "retirement_id"))])[0])


def delete_retirement(call: PlainCall) -> HttpResponse:
    """204: it had not begun. Errors: 404, 409."""
    found = _again(id_in(call, "retirement_id"))
    if not withdraw_request(found.id):
        raise BrokenRequest(errors.CONFLICT, Message("This retirement has begun, and can't be taken back."))
    answer = HttpResponse(status=204)
    del answer.headers["Content-Type"]
    return answer


def _again(retirement_id: uuid.UUID) -> RetirementFacts:
    found = find_retirement(retirement_id)
    if found is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no retirement with this ID."))
    return found


def _shown(call: AnyCall, found: Sequence[RetirementFacts]) -> list[Retirement]:
    names = names_of({one.actor_id for one in found if one.actor_id is not None})
    return [
        Retirement(
            one.id,
            url_of(call, "retirements", one.id),
            one.state,
            one.code,
            seconds(one.requested),
            names[one.actor_id][0] if one.actor_id in names else None,
            seconds(one.finished) if one.finished else None,
            one.operation_id,
            one.replaced,
        )
        for one in found
    ]


_ID = "5a9d1c64-3f0e-4c39-9f7e-2f6f7f5f2b10"
_EXAMPLE: dict[str, Any] = {
    "retirement_id": _ID,
    "retirement_url": f"https://matricula.example.org/api/record/v1/retirements/{_ID}",
    "state": "waiting",
    "pseudonym": "retired-k3v2m7q4x5z6a2bc",
    "requested": "2027-01-15T08:45:00Z",
    "requested_by": "root",
    "finished": None,
    "operation_id": None,
    "replaced": {},
}
MAKE: AnyEndpoint = Endpoint(
    create_retirement,
    in_body(RetirementBody),
    "Request that a person is retired: every trace is replaced by a pseudonym",
    SUPERUSER,
    {202: Retirement},
    errors=(400, 401, 403, 404, 405, 409, 413, 415, 429),
    description="Nothing changes until `matricula retire --pending` runs as the owner of the database.",
    body_example={"username": "kim", "reason": "request of 14 January"},
    answer_examples={202: _EXAMPLE},
)
LIST: AnyEndpoint = Endpoint(
    list_some_retirements,
    in_query(RetirementListQuery),
    "List retirements, the newest first",
    SUPERUSER,
    {200: RetirementList},
    errors=_ERRORS,
    answer_examples={200: {"results": [_EXAMPLE], "cursor": None}},
)
SHOW: AnyEndpoint = Endpoint(
    get_retirement,
    NOTHING,
    "Get a retirement",
    SUPERUSER,
    {200: Retirement},
    errors=_ERRORS,
    answer_examples={200: _EXAMPLE},
)
WITHDRAW: AnyEndpoint = Endpoint(
    delete_retirement,
    NOTHING,
    "Withdraw the request of a retirement that is still waiting",
    SUPERUSER,
    {204: None},
    errors=(400, 401, 403, 404, 405, 409, 429),
    without_body=(204,),
)
