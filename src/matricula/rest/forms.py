"""Bodies that come as JSON or as a form, read alike."""

from io import BytesIO
from typing import TypeVar

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from matricula.rest import errors
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.parsing import body_problems, parse_body, parse_object, read_body

T = TypeVar("T", bound=msgspec.Struct)
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def parse_body_or_form(request: HttpRequest, wanted: type[T]) -> T:
    """The body as ``wanted``; a field that a form repeats is a list. Errors: 400, 413, 415."""
    if request.content_type not in {URLENCODED, MULTIPART}:
        return parse_body(request, wanted)
    with body_problems():
        body = read_body(request)
    form = _fields(body) if request.content_type == URLENCODED else _parts(request, body)
    return parse_object({name: values[0] if len(values) == 1 else values for name, values in form.lists()}, wanted)


def _fields(body: bytes) -> QueryDict:
    try:
        # always UTF-8, whatever charset the Content-Type names
        return QueryDict(body, encoding="utf-8")
    except (SuspiciousOperation, UnicodeDecodeError) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is not a valid form.", detail=str(error)[:200])
        ) from None


def _parts(request: HttpRequest, body: bytes) -> QueryDict:
    headers = {**request.META, "CONTENT_LENGTH": str(len(body))}
    try:
        # no upload handlers: files in it are read and dropped
        return MultiPartParser(headers, BytesIO(body), [], "utf-8").parse()[0]
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is not valid multipart/form-data.", detail=str(error)[:200])
        ) from None
