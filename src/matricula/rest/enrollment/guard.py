"""The checks that every call of the Enrollment API passes, in the contract's order (Contract 2, section 1)."""

from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import DisallowedHost

from matricula.catalog.course_keys import is_course_key
from matricula.rest import errors
from matricula.rest.callers import authenticate, check_rate, check_scope
from matricula.rest.endpoint import Call
from matricula.rest.errors import BrokenRequest, Message


def guard_course(call: Call) -> None:
    """Fills in the caller and the course run.

    Errors, in this order: 401, 429, 400 (host), 405, 403 (scope or CSRF), 400 (key), 404, 403 (role).
    """
    key = call.path["course_key"] if _has_course_key(call) else None
    call.caller, call.access = authenticate(call.request, key)
    check_rate(call.caller)
    check_host(call)
    check_method(call)
    check_scope(call.request, call.caller)
    check_course_key(call)
    if call.access is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))
    if not call.access.may_manage:
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("Only staff and instructors of this course run may do this.")
        )


def guard_signed_link(call: Call) -> None:
    """A signed link is its own permission; the handler checks the signature."""
    check_method(call)
    check_course_key(call)


def guard_open(call: Call) -> None:
    """Everybody may read this."""
    check_method(call)


def check_host(call: Call) -> None:
    """Errors: 400 for a host name that is not ours, before anything is done: answers hold links with it."""
    if settings.PUBLIC_URL:
        return
    try:
        call.request.get_host()
    except DisallowedHost:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("This host name is not served; name it in MATRICULA_HOSTS.")
        ) from None


def _has_course_key(call: Call) -> bool:
    key = call.path["course_key"]
    return "\x00" not in key and is_course_key(key)


def check_course_key(call: Call) -> None:
    """Errors: 400."""
    if not _has_course_key(call):
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The course key must look like course-v1:Org+Course+Run.")
        )


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


def root_url(call: Call) -> str:
    """The address of this service as the client sees it, without a slash at its end."""
    return settings.PUBLIC_URL or call.request.build_absolute_uri("/").rstrip("/")


def course_url(call: Call) -> str:
    """The absolute address of the course run under the base that the client used."""
    return f"{root_url(call)}{call.base}/courses/{quote(call.course.key, safe=':+')}"
