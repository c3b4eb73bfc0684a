"""Idempotency-Key: a change that is sent again is answered as the first time, and not made again.

The one place that does so for all contracts: between the guard of an address and its handler. What the handler writes
and the answer that is kept are one transaction (docs/idempotency.md).
"""

import hashlib
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from matricula.access.permits import permits_of, stored_rights
from matricula.foundation.text import whole_number
from matricula.foundation.transactions import noting_rights, one_transaction
from matricula.idempotency.encryption import AnswerUnreadable
from matricula.idempotency.rules import LONGEST_KEY, digest, is_kept, is_key
from matricula.idempotency.writes import Answer, Kept, find_answer, keep_answer, take
from matricula.rest import errors
from matricula.rest.callers import SAFE_METHODS, signed_in_by
from matricula.rest.endpoint import Address, AnyCall
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.headers import IDEMPOTENCY_KEY, REPLAYED, has_header
from matricula.rest.multipart import FORM, IN_MEMORY
from matricula.rest.parsing import body_problems, chunked_body

_PIECE = 64 * 1024
# a second request comes back so soon
_RETRY_SECONDS = 1
_COOKIES = "Set-Cookie"
_log = structlog.get_logger("matricula.api")


def has_key(request: HttpRequest) -> bool:
    """Return True for a change with a key; reads do without."""
    return request.method not in SAFE_METHODS and has_header(request, IDEMPOTENCY_KEY)


def answer_once(
    call: AnyCall, address: Address, most: int, respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Return what ``respond`` answers, and keep it; or what was kept for this key, without calling it.

    ``most``: how many bytes the body may have. Errors: 400 for a key of the wrong form, 409 while the first request
    runs, 422 where the key came with another request; those of ``respond``, and nothing is kept.
    """
    identity, request = _identity(call, address), _digest_of(call.request, most)
    with one_transaction():
        if not take(identity):
            raise _in_use()
        kept = _find(identity)
        if kept is not None:
            return _replayed(call, kept, request)
        with noting_rights() as rights:
            answer = _whole(respond())
        if is_kept(answer.status_code):
            keep_answer(
                identity,
                request,
                call.account_id,
                Answer(answer.status_code, _headers(answer), answer.content, call.id, stored_rights(rights)),
            )
    return answer


def find_gone(call: AnyCall, address: Address) -> HttpResponseBase | None:
    """Return the kept answer to a change that removed what its address names, such as 204 to a DELETE.

    An answer with a body is not given: the guard can't see any more whether the caller has the right to it.
    """
    if call.caller is None or not has_key(call.request):
        return None
    kept = _find(_identity(call, address))
    if kept is None or kept.answer.body or kept.request != _digest_of(call.request, 0):
        return None
    return _replayed(call, kept, kept.request)


# --- Which request it is ---


def _identity(call: AnyCall, address: Address) -> bytes:
    """Of client, route and key. Errors: 400."""
    key = call.request.headers[IDEMPOTENCY_KEY].strip()
    if not is_key(key):
        raise BrokenRequest(
            errors.INVALID_PARAMETER,
            Message(
                "The header %(header)s must have 1 to %(most)s visible ASCII characters, such as a UUID.",
                {"header": IDEMPOTENCY_KEY, "most": LONGEST_KEY},
            ),
        )
    return digest((call.account_id, call.signed_in.client_id, call.request.method, address.template, key))


def _digest_of(request: HttpRequest, most: int) -> bytes:
    """Of address, query and body; the body can be read again. Errors: 413."""
    body = hashlib.sha256()
    boundary = request.content_params.get("boundary", "") if request.content_type == FORM else ""  # type: ignore[union-attr]
    for piece in _without(boundary.encode("latin-1", "replace"), _pieces(request, most)):
        body.update(piece)
    query = request.META.get("QUERY_STRING", "")
    return digest((request.path_info, query, request.content_type, body.digest()))


def _pieces(request: HttpRequest, most: int) -> Iterator[bytes]:
    """The body, which is there once more when all pieces were taken."""
    chunked = chunked_body(request, most + 1)
    length = whole_number(request.META.get("CONTENT_LENGTH") or "0", most + 1) or 0
    if chunked is None and (length == 0 or length > most):
        # its handler rejects one that is too large, without reading it
        return
    source: Any = request.META["wsgi.input"] if chunked is None else chunked
    if chunked is None and source.seekable():
        start = source.tell()
        yield from _read(LimitedStream(source, length))
        source.seek(start)
        return
    kept: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the request's own
    for piece in _read(chunked or LimitedStream(source, length)):
        kept.write(piece)
        yield piece
    size = kept.tell()
    with body_problems():
        if size > most:
            raise RequestDataTooBig
    kept.seek(0)
    request.META["wsgi.input"], request.META["CONTENT_LENGTH"] = kept, str(size)
    again: Any = LimitedStream(kept, size)
    request._stream = again


def _read(stream: Any) -> Iterator[bytes]:
    return iter(lambda: stream.read(_PIECE), b"")


def _without(boundary: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What is sent, without the boundary of a form: clients choose another one each time."""
    if not boundary:
        yield from pieces
        return
    left = b""
    for piece in pieces:
        *whole, left = (left + piece).split(boundary)
        yield from whole
        # the beginning of a boundary may be at the end
        known = max(0, len(left) - len(boundary) + 1)
        yield left[:known]
        left = left[known:]
    yield left


# --- What was answered ---


def _whole(answer: HttpResponseBase) -> HttpResponse:
    """The answer with all of its body: what is streamed can't be kept before it was sent."""
    if isinstance(answer, HttpResponse):
        return answer
    body = b"".join(answer)
    whole = HttpResponse(body, status=answer.status_code, headers=dict(answer.headers))
    whole.cookies = answer.cookies
    return whole


def _headers(answer: HttpResponse) -> dict[str, Any]:
    cookies = [morsel.OutputString() for morsel in answer.cookies.values()]
    return {**answer.headers, **({_COOKIES: cookies} if cookies else {})}


def _find(identity: bytes) -> Kept | None:
    try:
        return find_answer(identity)
    except AnswerUnreadable:
        message = Message(
            "This request was processed before, but its response can't be read any more. Check what it changed, and "
            "send a new %(header)s with the next request.",
            {"header": IDEMPOTENCY_KEY},
        )
        raise BrokenRequest(errors.CONFLICT, message) from None


def _replayed(call: AnyCall, kept: Kept, request: bytes) -> HttpResponse:
    """The kept answer, once the rights with which it was written were asked for again. Errors: 422; ``RightLost``."""
    if kept.request != request:
        raise BrokenRequest(
            errors.IDEMPOTENCY_KEY_REUSED,
            Message(
                "This %(header)s was sent with another request before. Send a new key with each new request.",
                {"header": IDEMPOTENCY_KEY},
            ),
        )
    permits_of(call.signed_in, signed_in_by(call.request), kept.answer.rights).hold()
    _log.info("answer_replayed", of=str(kept.answer.operation))
    headers = dict(kept.answer.headers)
    cookies = headers.pop(_COOKIES, ())
    answer = HttpResponse(kept.answer.body, status=kept.answer.status, headers=headers)
    if "Content-Type" not in headers:
        del answer.headers["Content-Type"]
    for cookie in cookies:
        answer.cookies.load(cookie)
    answer.headers[REPLAYED] = "true"
    return answer


def _in_use() -> BrokenRequest:
    return BrokenRequest(
        errors.IDEMPOTENCY_KEY_IN_USE,
        Message(
            "The first request with this %(header)s is still being processed. Wait a moment and send it again.",
            {"header": IDEMPOTENCY_KEY},
        ),
        headers={"Retry-After": str(_RETRY_SECONDS)},
    )
