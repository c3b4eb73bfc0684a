"""Broken requests: codes, status numbers, messages in the caller's language. Each contract has its own error object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext

from matricula.foundation.text import TextProblem

INVALID_PARAMETER = "INVALID_PARAMETER"
AUTHENTICATION_REQUIRED = "AUTHENTICATION_REQUIRED"
PERMISSION_DENIED = "PERMISSION_DENIED"
RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
# of the Enrollment API v1 alone: the person named can't be enrolled
NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
RATE_LIMITED = "RATE_LIMITED"
CONFLICT = "CONFLICT"
PRECONDITION_FAILED = "PRECONDITION_FAILED"
# the first request with this Idempotency-Key is still running; another request had it
IDEMPOTENCY_KEY_IN_USE = "IDEMPOTENCY_KEY_IN_USE"
IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
INTERNAL_ERROR = "INTERNAL_ERROR"
# of a task alone: someone ended it
CANCELED = "CANCELED"
SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"

STATUS_OF = {
    INVALID_PARAMETER: 400,
    AUTHENTICATION_REQUIRED: 401,
    PERMISSION_DENIED: 403,
    RESOURCE_NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_ACCEPTABLE: 406,
    IDEMPOTENCY_KEY_IN_USE: 409,
    CONFLICT: 409,
    PRECONDITION_FAILED: 412,
    PAYLOAD_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    IDEMPOTENCY_KEY_REUSED: 422,
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

    def message_of(self, name: str) -> str:
        """What is wrong with a field, in the active language."""
        return (self.fields.get(name) or self.message).for_users()


def invalid_fields(fields: Mapping[str, Message]) -> BrokenRequest:
    """400 that names each invalid field."""
    return BrokenRequest(
        INVALID_PARAMETER,
        Message("Some values are invalid: %(names)s.", {"names": ", ".join(sorted(fields))}),
        fields=fields,
    )


def invalid_field(name: str, text: str, **values: object) -> BrokenRequest:
    """400 for one field."""
    return invalid_fields({name: Message(text, values)})


def unknown_cursor() -> BrokenRequest:
    """400 for a cursor that is none of the list's."""
    return invalid_field("cursor", "This cursor isn't valid. Start again from the first page.")


def text_message(problem: TextProblem) -> Message:
    """What is wrong with a text, as a message."""
    return Message(problem.text, problem.values)


FITS_TWO_ACCOUNTS = Message(
    "This matches two accounts: it is the username of one and the email address of the "
    "other. Use the other identifier of the right account."
)


@dataclass(frozen=True, slots=True)
class ErrorObject:
    """How a contract reports what is wrong with a request; ``make`` returns None for an answer without a body."""

    # for the document
    kind: Any
    make: Callable[[BrokenRequest], object]


def answer_error(broken: BrokenRequest, error: ErrorObject) -> HttpResponse:
    """The error object of a contract, in the active language."""
    made = error.make(broken)
    if made is None:
        bare = HttpResponse(status=STATUS_OF[broken.code], headers=dict(broken.headers))
        del bare.headers["Content-Type"]
        return bare
    return HttpResponse(
        msgspec.json.encode(made),
        status=STATUS_OF[broken.code],
        content_type="application/json",
        headers=dict(broken.headers),
    )


# --- The error object of the Enrollment API, and of what has none of its own ---


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


def api_error(broken: BrokenRequest) -> ApiError:
    """The code, what is wrong for developers and for users, and what is wrong with each field."""
    return ApiError(
        broken.code,
        broken.message.for_developers(),
        broken.message.for_users(),
        STATUS_OF[broken.code],
        {
            name: FieldError(message.for_developers(), message.for_users())
            for name, message in sorted(broken.fields.items())
        },
    )


ERROR = ErrorObject(ApiError, api_error)
"""The Enrollment API's (enrollment-api: Errors)."""
