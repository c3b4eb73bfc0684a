"""The error object of the Enrollment API (enrollment-api: Errors)."""

import msgspec

from matricula.rest.errors import STATUS_OF, BrokenRequest, ErrorObject


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
