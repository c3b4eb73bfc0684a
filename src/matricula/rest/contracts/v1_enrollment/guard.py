"""The checks that every call of the Enrollment API v1 passes."""

from matricula.access.permits import permit_of
from matricula.rest import errors
from matricula.rest.callers import authenticate_in_course, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method, checked_course_key, course_key_of
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message

LOGGED_IN = "logged in"
GLOBAL_STAFF = "global staff"
STAFF_FOR_ANYONE = "global staff; what others ask for is not found, or forbidden if it is about themselves"
OWN_OR_MANAGED = "the enrolled person, or who manages the course run"
OPEN = "open"


def guard_caller(call: AnyCall) -> None:
    """Fills in the caller; who may write is global staff. Errors, in this order: 401, 429, 405, 403 (scope or CSRF)."""
    _identify(call, None)


def guard_staff(call: AnyCall) -> None:
    """As ``guard_caller``, then 403 for who isn't global staff."""
    _identify(call, None)
    if not call.signed_in.is_global_staff:
        raise not_staff()


def guard_course(call: AnyCall) -> None:
    """As ``guard_caller``, then 400 for what isn't a course key; fills in the course run, if there is one."""
    key = call.path["course_key"]
    _identify(call, course_key_of(key))
    checked_course_key(key)


def _identify(call: AnyCall, key: str | None) -> None:
    call.caller, call.access = authenticate_in_course(call.request, key)
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    call.permit = permit_of(call.caller, session=signed_in_by(call.request), is_global_staff=True)


def not_staff() -> BrokenRequest:
    """403."""
    return BrokenRequest(errors.PERMISSION_DENIED, Message("Only global staff can do this."))
