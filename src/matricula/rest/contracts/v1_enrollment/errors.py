"""The errors of the Enrollment API v1: a message, and nothing at all about what the caller may not know of."""

import msgspec
from msgspec import UNSET, UnsetType

from matricula.rest import errors
from matricula.rest.contracts.v1_enrollment.schemas import CourseDetails
from matricula.rest.errors import STATUS_OF, BrokenRequest, ErrorObject, Message

_LOCALIZED = (400, 403)


class V1Error(msgspec.Struct):
    """The error object of the Enrollment API v1; ``localizedMessage`` with 400 and 403."""

    message: str
    localizedMessage: str | UnsetType = UNSET  # noqa: N815  the word on the wire
    course_details: CourseDetails | UnsetType = UNSET


class Hidden(BrokenRequest):
    """404 without a body: what there is to know about others is not said to everyone."""

    def __init__(self) -> None:
        super().__init__(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))


class ModeNotOffered(BrokenRequest):
    """400 with the course run and the modes that it has."""

    def __init__(self, details: CourseDetails) -> None:
        modes = ", ".join(mode.slug for mode in details.course_modes)
        super().__init__(
            errors.INVALID_PARAMETER,
            Message("This course run doesn't have this mode. It has: %(modes)s.", {"modes": modes}),
        )
        self.details = details


def v1_error(broken: BrokenRequest) -> V1Error | None:
    """What is wrong, in English, and with 400 and 403 in the caller's language too; with each wrong field."""
    if isinstance(broken, Hidden):
        return None
    named = sorted(broken.fields.items())
    english = [broken.message.for_developers(), *(f"{name}: {m.for_developers()}" for name, m in named)]
    translated = [broken.message.for_users(), *(f"{name}: {m.for_users()}" for name, m in named)]
    return V1Error(
        " ".join(english),
        " ".join(translated) if STATUS_OF[broken.code] in _LOCALIZED else UNSET,
        broken.details if isinstance(broken, ModeNotOffered) else UNSET,
    )


ERROR = ErrorObject(V1Error, v1_error)
