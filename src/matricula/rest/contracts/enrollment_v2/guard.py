"""The checks that every call of the Enrollment API passes, in the contract's order (enrollment-api: Basics)."""

from urllib.parse import quote

from matricula.access.permits import permit_of
from matricula.rest import errors
from matricula.rest.callers import authenticate_in_course, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method, checked_course_key, course_key_of, public_root
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message


def guard_course(call: AnyCall) -> None:
    """Fills in the caller and the course run.

    Errors, in this order: 401, 429, 405, 403 (scope or CSRF), 400 (key), 404, 403 (role).
    """
    key = call.path["course_key"]
    call.caller, call.access = authenticate_in_course(call.request, course_key_of(key))
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    checked_course_key(key)
    if call.access is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no course run with this key."))
    if not call.access.may_manage:
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("Only staff and instructors of this course run can do this.")
        )
    call.permit = permit_of(call.caller, session=signed_in_by(call.request), course_id=call.course.id)


def guard_signed_link(call: AnyCall) -> None:
    """A signed link is its own permission; the handler checks the signature."""
    check_method(call)
    checked_course_key(call.path["course_key"])


def course_url(call: AnyCall) -> str:
    """The absolute address of the course run under the base that the client used."""
    return f"{public_root(call)}{call.base}/courses/{quote(call.course.key, safe=':+')}"
