"""The error object of the Record API: the Enrollment API's, with the rows that stop a plan (record-api: Basics)."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.rest.contracts.record.schemas import PlanRow
from matricula.rest.errors import STATUS_OF, BrokenRequest, ErrorObject


class RecordFieldError(msgspec.Struct):
    """What is wrong with one field."""

    developer_message: str
    user_message: str


class RecordError(msgspec.Struct, omit_defaults=True):
    """The error object of the Record API."""

    error_code: str
    developer_message: str
    user_message: str
    status_code: int
    field_errors: dict[str, RecordFieldError] = {}
    stale: Annotated[int, Meta(description="How many rows of the plan changed since it was made.")] | UnsetType = UNSET
    rows: Annotated[list[PlanRow], Meta(description="The first of these rows.")] | UnsetType = UNSET


def record_error(broken: BrokenRequest) -> RecordError:
    """The code, what is wrong for developers and for users, and what is wrong with each field."""
    return RecordError(
        broken.code,
        broken.message.for_developers(),
        broken.message.for_users(),
        STATUS_OF[broken.code],
        {
            name: RecordFieldError(message.for_developers(), message.for_users())
            for name, message in sorted(broken.fields.items())
        },
    )


ERROR = ErrorObject(RecordError, record_error)
