"""The checks that calls of front ends pass before they are answered."""

from functools import partial
from typing import Never

from matricula.access.permits import permit_of
from matricula.access.reads import Caller, find_caller_by_account
from matricula.rest import errors
from matricula.rest.callers import authenticate, authenticate_in_course, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message

# who may call, in the words of the permission table
HAS_SESSION = "has a session"
OWN_OR_STAFF = "own account, or global staff"
GLOBAL_STAFF = "global staff"


def guard_session(call: AnyCall) -> None:
    """Fills in the caller. Errors, in this order: 401 (an access token is no login), 429, 405.

    No CSRF token is asked for: clients call it before they have one, and nothing is changed.
    """
    call.caller, _ = authenticate(call.request, _by_no_token, partial(find_caller_by_account, course_key=None))
    check_rate(call.caller)
    check_method(call)
    call.permit = permit_of(call.caller, session=signed_in_by(call.request))


def guard_caller(call: AnyCall) -> None:
    """Fills in the caller. Errors, in this order: 401, 429, 405, 403 (scope)."""
    call.caller, _ = authenticate_in_course(call.request, None)
    check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)


def guard_global_staff(call: AnyCall) -> None:
    """As ``guard_caller``; then 403 for all others."""
    guard_caller(call)
    if not call.signed_in.is_global_staff:
        raise BrokenRequest(errors.PERMISSION_DENIED, Message("Only global staff can look up accounts."))


def _by_no_token(_token: str) -> tuple[Caller, Never] | None:
    return None
