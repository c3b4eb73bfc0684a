"""Broken requests: codes, status numbers, and the error object in the caller's language.

enrollment-api: Errors; registrar-api: Basics. the two APIs have an error object each.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext

from matricula.foundation.text import TextFault

INVALID_PARAMETER = "INVALID_PARAMETER"
AUTHENTICATION_REQUIRED = "AUTHENTICATION_REQUIRED"
PERMISSION_DENIED = "PERMISSION_DENIED"
RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
RATE_LIMITED = "RATE_LIMITED"
CONFLICT = "CONFLICT"
INTERNAL_ERROR = "INTERNAL_ERROR"
# of a task alone: somebody ended it
CANCELED = "CANCELED"
SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"

STATUS_OF = {
    INVALID_PARAMETER: 400,
    AUTHENTICATION_REQUIRED: 401,
    PERMISSION_DENIED: 403,
    RESOURCE_NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    CONFLICT: 409,
    PAYLOAD_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    RATE_LIMITED: 429,
    INTERNAL_ERROR: 500,
    SERVICE_UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class Message:
    """What is wrong and what to do: English for developers, and the same words translated for users."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    # more for developers only: the parser's own words
    detail: str = ""

    def for_developers(self) -> str:
        """English, with the detail."""
        return self.text % self.values + (f" ({self.detail})" if self.detail else "")

    def for_users(self) -> str:
        """In the active language."""
        return gettext(self.text) % self.values


class BrokenRequest(Exception):
    """A request that can't be served; nothing was done."""

    def __init__(
        self,
        code: str,
        message: Message,
        *,
        fields: Mapping[str, Message] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = headers or {}


class FieldError(msgspec.Struct):
    """What is wrong with one field."""

    developer_message: str
    user_message: str


class ApiError(msgspec.Struct, omit_defaults=True):
    """The error object of the Enrollment API."""

    error_code: str
    developer_message: str
    user_message: str
    status_code: int
    field_errors: dict[str, FieldError] = {}


def invalid_fields(fields: Mapping[str, Message]) -> BrokenRequest:
    """400 that names each field at fault."""
    return BrokenRequest(
        INVALID_PARAMETER,
        Message("Some values are invalid: %(names)s.", {"names": ", ".join(sorted(fields))}),
        fields=fields,
    )


def invalid_field(name: str, text: str, **values: object) -> BrokenRequest:
    """400 for one field."""
    return invalid_fields({name: Message(text, values)})


def text_message(fault: TextFault) -> Message:
    """What is wrong with a text, as a message."""
    return Message(fault.text, fault.values)


class Detail(msgspec.Struct):
    """The error object of the Registrar API."""

    detail: str


_REGISTRAR = re.compile(r"/api/v[0-9]+(/.*)?", re.DOTALL)


def answer_error(broken: BrokenRequest, path: str) -> HttpResponse:
    """The error object of the API at the path, in the active language."""
    return registrar_error_response(broken) if _REGISTRAR.fullmatch(path) else error_response(broken)


def registrar_error_response(broken: BrokenRequest) -> HttpResponse:
    """``{"detail": …}``: the message, what is wrong with each field, and the parser's own words."""
    faults = "; ".join(f"{name}: {_in_full(message)}" for name, message in broken.fields.items())
    return HttpResponse(
        msgspec.json.encode(Detail(" ".join(filter(None, (_in_full(broken.message), faults))))),
        status=STATUS_OF[broken.code],
        content_type="application/json",
        headers=dict(broken.headers),
    )


def _in_full(message: Message) -> str:
    return message.for_users() + (f" ({message.detail})" if message.detail else "")


def error_response(broken: BrokenRequest) -> HttpResponse:
    """The error object, in the active language."""
    body = ApiError(
        broken.code,
        broken.message.for_developers(),
        broken.message.for_users(),
        STATUS_OF[broken.code],
        {
            name: FieldError(message.for_developers(), message.for_users())
            for name, message in sorted(broken.fields.items())
        },
    )
    return HttpResponse(
        msgspec.json.encode(body),
        status=body.status_code,
        content_type="application/json",
        headers=dict(broken.headers),
    )
