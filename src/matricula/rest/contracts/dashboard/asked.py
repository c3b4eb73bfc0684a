"""What bodies ask for, checked: whom, and why."""

from collections.abc import Sequence

from matricula.enrollments.course.recipients import split_identifiers
from matricula.foundation.text import boolean, holds_nul, reason_problem
from matricula.rest import errors
from matricula.rest.contracts.dashboard.schemas import Flag
from matricula.rest.errors import BrokenRequest, Message, invalid_field, invalid_fields, text_message

MOST = 1_000
"""People in one call; more are for a task."""


def identifiers_of(field: str, given: Sequence[str] | str) -> list[str]:
    """The distinct identifiers, in order. Errors: 400, 413."""
    texts = [given] if isinstance(given, str) else given
    if any(map(holds_nul, texts)):
        raise invalid_field(field, "This text can't contain control characters.")
    identifiers = split_identifiers(texts)
    if not identifiers:
        raise invalid_field(field, "Enter at least one email address or username.")
    if len(identifiers) > MOST:
        raise too_many(len(identifiers))
    return identifiers


def too_many(count: int) -> BrokenRequest:
    """413."""
    return BrokenRequest(
        errors.PAYLOAD_TOO_LARGE,
        Message(
            "A call can name at most %(limit)s people, and this one names %(count)s. Send them in parts, or start a "
            "task: POST /api/enrollment/v2/courses/{course_key}/enrollments.",
            {"limit": MOST, "count": count},
        ),
    )


def is_on(flag: Flag) -> bool:
    """The truth value of a flag, which forms send as a text."""
    return flag is True or (isinstance(flag, str) and boolean(flag) is True)


def reason_of(given: str | None) -> str | None:
    """The reason; None without one. Errors: 400."""
    if given and (problem := reason_problem(given)):
        raise invalid_fields({"reason": text_message(problem)})
    return given or None
