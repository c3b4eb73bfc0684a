"""The checks that every call of the Enrollment API passes, in the contract's order (enrollment-api: Basics)."""

from functools import partial
from urllib.parse import quote

from matricula.access.permits import permit_of
from matricula.access.reads import find_caller_by_account, find_caller_by_token
from matricula.catalog.course_keys import is_course_key
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.callers import authenticate, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method, public_root
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message


def guard_course(call: AnyCall) -> None:
    """Fills in the caller and the course run.

    Errors, in this order: 401, 429, 405, 403 (scope or CSRF), 400 (key), 404, 403 (role).
    """
    key = call.path["course_key"] if _has_course_key(call) else None
    call.caller, call.access = authenticate(
        call.request,
        partial(find_caller_by_token, course_key=key),
        partial(find_caller_by_account, course_key=key),
    )
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    check_course_key(call)
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
    check_course_key(call)


def _has_course_key(call: AnyCall) -> bool:
    key = call.path["course_key"]
    return not holds_nul(key) and is_course_key(key)


def check_course_key(call: AnyCall) -> None:
    """Errors: 400."""
    if not _has_course_key(call):
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The course key must look like course-v1:Org+Course+Run.")
        )


def course_url(call: AnyCall) -> str:
    """The absolute address of the course run under the base that the client used."""
    return f"{public_root(call)}{call.base}/courses/{quote(call.course.key, safe=':+')}"
