"""The error object of the addresses for front ends: the Enrollment API's."""

import msgspec

from matricula.rest.errors import STATUS_OF, BrokenRequest, ErrorObject


class FrontEndFieldError(msgspec.Struct):
    """What is wrong with one field."""

    developer_message: str
    user_message: str


class FrontEndError(msgspec.Struct, omit_defaults=True):
    """The error object of the addresses for front ends."""

    error_code: str
    developer_message: str
    user_message: str
    status_code: int
    field_errors: dict[str, FrontEndFieldError] = {}


def front_end_error(broken: BrokenRequest) -> FrontEndError:
    """The code, what is wrong for developers and for users, and what is wrong with each field."""
    return FrontEndError(
        broken.code,
        broken.message.for_developers(),
        broken.message.for_users(),
        STATUS_OF[broken.code],
        {
            name: FrontEndFieldError(message.for_developers(), message.for_users())
            for name, message in sorted(broken.fields.items())
        },
    )


ERROR = ErrorObject(FrontEndError, front_end_error)
