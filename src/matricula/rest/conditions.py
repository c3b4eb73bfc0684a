"""ETag, If-Match and If-None-Match: changes of what the client saw, and of nothing newer (docs/idempotency.md)."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse

from matricula.rest import errors
from matricula.rest.endpoint import AnyCall, answer_json, encode
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.headers import IF_MATCH, IF_NONE_MATCH, has_header

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*")
_ANY = "*"


def tag_of(state: object) -> str:
    """Return the strong ETag of what an answer shows, or of all that it could show."""
    return f'"{hashlib.sha256(encode(state)).hexdigest()[:32]}"'


def answer_tagged(call: AnyCall, body: object, status: int = 200, *, state: object = None) -> HttpResponse:
    """Return the answer with its ETag; 304 to a read that has this ETag in ``If-None-Match``.

    ``state``: what the ETag is of, where that is not the body.
    """
    tag = tag_of(body if state is None else state)
    request = call.request
    if request.method in {"GET", "HEAD"} and _names(request.headers.get(IF_NONE_MATCH, ""), tag):
        answer = HttpResponse(status=304)
        del answer.headers["Content-Type"]
    else:
        answer = answer_json(body, status)
    answer.headers["ETag"] = tag
    return answer


def has_condition(request: HttpRequest) -> bool:
    """Return True for a request that may change only what the client saw."""
    return has_header(request, IF_MATCH)


def check_match(request: HttpRequest, state: object) -> None:
    """Pass if the state is one that ``If-Match`` names; the caller holds it until the transaction ends.

    ``state`` None: there is nothing any more. Errors: 400 for a header of the wrong form, 412.
    """
    given = request.headers[IF_MATCH].strip()
    if given != _ANY and _TAGS.fullmatch(given) is None:
        raise BrokenRequest(
            errors.INVALID_PARAMETER,
            Message("The header %(header)s must be an ETag in double quotes, as GET gave it.", {"header": IF_MATCH}),
        )
    # a weak tag never fits here
    if state is None or not (given == _ANY or tag_of(state) in _tags(given)):
        raise BrokenRequest(
            errors.PRECONDITION_FAILED,
            Message("This was changed after you read it. Nothing was done. Get it again, and send its new ETag."),
        )


def _names(header: str, tag: str) -> bool:
    given = header.strip()
    return given == _ANY or tag in {each.removeprefix("W/") for each in _tags(given)}


def _tags(header: str) -> list[str]:
    return re.findall(_TAG, header)
