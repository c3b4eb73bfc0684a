"""Checks of a request that every API makes, each in its contract's order."""

from matricula.catalog.course_keys import is_course_key
from matricula.foundation import addresses
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message


def check_host(call: AnyCall) -> None:
    """Errors: 400 for the host name of another service, before anything is done."""
    if not addresses.accept_host(call.request):
        raise BrokenRequest(
            errors.INVALID_PARAMETER,
            Message("This host name isn't served here. Use the address in PUBLIC_URL."),
        )


def check_method(call: AnyCall) -> None:
    """Errors: 405."""
    allowed = call.allowed_methods
    if call.request.method not in allowed:
        raise BrokenRequest(
            errors.METHOD_NOT_ALLOWED,
            Message(
                "The method %(method)s isn't allowed here. Allowed: %(allowed)s.",
                {"method": call.request.method, "allowed": ", ".join(allowed)},
            ),
            headers={"Allow": ", ".join(allowed)},
        )


def course_key_of(text: object) -> str | None:
    """The text, if it is the key of a course run; None for anything else."""
    return text if isinstance(text, str) and not holds_nul(text) and is_course_key(text) else None


def checked_course_key(text: object) -> str:
    """The text, if it is the key of a course run. Errors: 400."""
    key = course_key_of(text)
    if key is None:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The course key must look like course-v1:Org+Course+Run.")
        )
    return key


def guard_open(call: AnyCall) -> None:
    """The guard of what everyone may read, or what has another proof than who is calling."""
    check_method(call)


def public_root(call: AnyCall) -> str:
    """The start of absolute addresses in answers, without a slash at its end."""
    return addresses.public_root(call.request)
