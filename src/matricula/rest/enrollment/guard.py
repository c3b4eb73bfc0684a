"""The checks that every call of the Enrollment API passes, in the contract's order (Contract 2, section 1)."""

from urllib.parse import quote

from django.conf import settings

from matricula.catalog.course_keys import is_course_key
from matricula.rest import errors
from matricula.rest.callers import authenticate, check_rate, check_scope
from matricula.rest.endpoint import Call
from matricula.rest.errors import BrokenRequest, Message


def guard_course(call: Call) -> None:
    """Fills in the caller and the course run.

    Errors, in this order: 401, 429, 405, 403 (scope or CSRF), 400, 404, 403 (role).
    """
    key = call.path["course_key"]
    well_formed = is_course_key(key) and "\x00" not in key
    call.caller, call.access = authenticate(call.request, key if well_formed else None)
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    if not well_formed:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The course key must look like course-v1:Org+Course+Run.")
        )
    if call.access is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))
    if not call.access.may_manage:
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("Only staff and instructors of this course run may do this.")
        )


def guard_signed_link(call: Call) -> None:
    """A signed link is its own permission; the handler checks the signature."""
    check_method(call)


def guard_open(call: Call) -> None:
    """Everybody may read this."""
    check_method(call)


def check_method(call: Call) -> None:
    """Errors: 405."""
    allowed = call.allowed_methods
    if call.request.method not in allowed:
        raise BrokenRequest(
            errors.METHOD_NOT_ALLOWED,
            Message(
                "The method %(method)s is not allowed here; allowed: %(allowed)s.",
                {"method": call.request.method, "allowed": ", ".join(allowed)},
            ),
            headers={"Allow": ", ".join(allowed)},
        )


def course_url(call: Call) -> str:
    """The absolute address of the course run under the base that the client used."""
    root = settings.PUBLIC_URL or call.request.build_absolute_uri("/").rstrip("/")
    return f"{root}{call.base}/courses/{quote(call.course.key, safe=':+')}"
