"""Query strings and bodies into typed values; every problem named with its field (enrollment-api: Errors)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO, TypeVar, cast

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, QueryDict
from django.http.request import RawPostDataException, UnreadablePostError
from msgspec import inspect

from matricula.foundation.text import INVISIBLE_CLASS, holds_nul, whole_number
from matricula.rest import errors
from matricula.rest.errors import BrokenRequest, Message, invalid_fields

_IN_LINE = rf"[^\x00-\x1f\x7f-\x9f\u2028\u2029{INVISIBLE_CLASS}]"
LINE_PATTERN = rf"^{_IN_LINE}*[^\s\x00-\x1f\x7f-\x9f{INVISIBLE_CLASS}]{_IN_LINE}*$"
"""For the document: a line that is not blank, without invisible characters."""
COURSE_KEY_PATTERN = r"^course-v1:[^/+]+(\+[^/+]+)+(\+[^/]+)$"
"""For the document: the key of a course run."""
T = TypeVar("T", bound=msgspec.Struct)
# they are worked out from the annotations each time otherwise
_fields = cache(msgspec.structs.fields)
_MEBIBYTE = 1024 * 1024
# what is left of a file that is too large is still read, so that the client reads our answer; but not without end
UPLOAD_DRAINED = 64 * _MEBIBYTE
# of a body whose length is not declared: room for boundaries and other fields
UPLOAD_ROOM = _MEBIBYTE
LARGEST_NUMBER = 10**15
"""What is larger in a query is taken for this."""


class PlainTexts(msgspec.Struct):
    """A query whose texts reach the handler as they are, even empty ones, because it answers each in its own way."""


def parse_query(request: HttpRequest, wanted: type[T]) -> T:
    """The query string as ``wanted``; an empty text is as if absent, any other empty value a problem.

    Errors: 400 with every invalid field.
    """
    try:
        # always UTF-8: a charset in the Content-Type must not decide how the address is read
        given = QueryDict(request.META.get("QUERY_STRING", "").encode("iso-8859-1"), encoding="utf-8")
    except TooManyFieldsSent:
        raise BrokenRequest(errors.INVALID_PARAMETER, Message("The address has too many parameters.")) from None
    request.GET = given
    raw: dict[str, object] = {}
    problems: dict[str, Message] = {}
    plain = issubclass(wanted, PlainTexts)
    for field in _fields(wanted):
        text = given.get(field.encode_name)
        if text is None or (text == "" and _is_text(field.type) and not plain):
            continue
        if holds_nul(text) and not plain:
            problems[field.encode_name] = Message("This text can't contain control characters.")
        elif _is_number(field.type):
            number = whole_number(text, LARGEST_NUMBER)
            if number is None:
                problems[field.encode_name] = Message("This must be a whole number.", detail=f"got {text[:50]!r}")
            else:
                raw[field.encode_name] = number
        else:
            raw[field.encode_name] = text
    return _convert(raw, wanted, problems)


@cache
def _kinds(kind: Any) -> frozenset[type[inspect.Type]]:
    """What a field may hold, below its bounds and descriptions."""
    found = _bare(inspect.type_info(kind))
    return frozenset(type(_bare(t)) for t in (found.types if isinstance(found, inspect.UnionType) else (found,)))


def _bare(found: inspect.Type) -> inspect.Type:
    while isinstance(found, inspect.Metadata):
        found = found.type
    return found


def _is_number(kind: object) -> bool:
    return inspect.IntType in _kinds(kind)


def _is_text(kind: object) -> bool:
    return inspect.StrType in _kinds(kind)


def parse_body(request: HttpRequest, wanted: type[T]) -> T:
    """The JSON body as ``wanted``; unknown fields are ignored. Errors: 400, 413, 415."""
    return parse_object(parse_json(request), wanted)


def parse_object(body: object, wanted: type[T]) -> T:
    """What a JSON text holds as ``wanted``; unknown fields are ignored. Errors: 400 with every invalid field."""
    if not isinstance(body, dict):
        raise BrokenRequest(errors.INVALID_PARAMETER, Message("The body must be a JSON object."))
    return _convert(body, wanted, {})


def parse_json(request: HttpRequest) -> Any:
    """The JSON body, whatever it holds. Errors: 400, 413, 415."""
    if request.content_type != "application/json":
        raise BrokenRequest(
            errors.UNSUPPORTED_MEDIA_TYPE,
            Message("Send the body as application/json.", detail=f"got {(request.content_type or '')[:100]!r}"),
        )
    with body_problems():
        body = read_body(request)
    return decode_json(body)


def decode_json(body: bytes | str) -> Any:
    """What a JSON text holds. Errors: 400."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is not valid JSON.", detail=str(error)[:200])
        ) from None


@contextmanager
def body_problems() -> Iterator[None]:
    """While a body is read: one that is too large is answered with 413, one that was cut off with 400."""
    try:
        yield
    except RequestDataTooBig:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // _MEBIBYTE
        raise BrokenRequest(
            errors.PAYLOAD_TOO_LARGE,
            Message("The body is larger than %(limit)s MiB. Send it in parts.", {"limit": limit}),
        ) from None
    except (UnreadablePostError, RawPostDataException) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is incomplete. Send it again.", detail=str(error)[:200])
        ) from None


def chunked_body(request: HttpRequest, limit: int) -> BinaryIO | None:
    """The first ``limit`` bytes of a body that comes in chunks, without a declared length; None for all others.

    Django takes a body without a Content-Length for an empty one.
    """
    if request.META.get("CONTENT_LENGTH") or "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        return None
    # the server ends the stream where the last chunk ends
    return cast(BinaryIO, LimitedStream(request.META["wsgi.input"], limit))


def read_body(request: HttpRequest) -> bytes:
    """The whole body, also one in chunks. Errors, for ``body_problems``: too large, or cut off."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    chunked = chunked_body(request, limit + 1)
    if chunked is None:
        return request.body
    body = chunked.read()
    if len(body) > limit:
        raise RequestDataTooBig
    # so that it is there once more
    request._body, request.META["CONTENT_LENGTH"] = body, str(len(body))
    return body


def _wrong(detail: str) -> Message:
    if "datetime" in detail:
        return Message("This must be a time with its offset, such as 2026-10-01T08:00:00Z.", detail=detail)
    return Message("This value has the wrong type or format.", detail=detail)


def _convert(raw: Mapping[str, object], wanted: type[T], problems: dict[str, Message]) -> T:
    values: dict[str, Any] = {}
    for field in _fields(wanted):
        if field.encode_name in problems:
            continue
        if field.encode_name not in raw:
            if field.required:
                problems[field.encode_name] = Message("This is required.")
            continue
        try:
            values[field.name] = msgspec.convert(raw[field.encode_name], field.type)
        except msgspec.ValidationError as error:
            problems[field.encode_name] = _wrong(str(error)[:300])
    if problems:
        raise invalid_fields(problems)
    return wanted(**values)
