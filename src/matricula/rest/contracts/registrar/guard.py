"""The checks that every call of the Registrar API passes, in the contract's order (registrar-api: Order of checks)."""

from functools import partial

from matricula.access.permits import permit_of
from matricula.access.reads import find_program_caller_by_account, find_program_caller_by_token
from matricula.catalog.reads import ProgramRun, find_program_run
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.callers import authenticate, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message

# the permissions of addresses without a program
LOGGED_IN = "logged in"
JOB_OWNER = "started the job, or reads all jobs"


def guard_caller(call: AnyCall) -> None:
    """Fills in the caller. Errors, in this order: 401, 429, 403 (scope or CSRF), 405."""
    _identify(call, None)
    _check_scope(call)
    check_method(call)


def guard_program(call: AnyCall) -> None:
    """Fills in the caller and the program; the endpoint's own permission word decides.

    Errors, in this order: 401, 429, 404, 403 (scope, CSRF or permission), 405.
    """
    key = call.path["program_key"]
    _identify(call, None if holds_nul(key) else key)
    if call.program_access is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no program with this key."))
    _check_scope(call)
    if call.permission is not None and call.permission not in call.program_access.permissions:
        raise BrokenRequest(
            errors.PERMISSION_DENIED,
            Message("You don't have the permission “%(permission)s” on this program.", {"permission": call.permission}),
        )
    check_method(call)
    assert call.caller is not None  # noqa: S101  it was filled in above
    call.permit = permit_of(
        call.caller,
        session=signed_in_by(call.request),
        program_id=call.program.program.id,
        permission=call.permission,
        features=call.program.features,
    )


def _identify(call: AnyCall, program_key: str | None) -> None:
    call.caller, call.program_access = authenticate(
        call.request,
        partial(find_program_caller_by_token, program_key=program_key),
        partial(find_program_caller_by_account, program_key=program_key),
    )
    check_rate(call.caller)
    call.permit = permit_of(call.caller, session=signed_in_by(call.request))


def _check_scope(call: AnyCall) -> None:
    # a method that the address lacks is 405 for everyone who is logged in
    if call.permission is not None and call.caller is not None:
        check_scope(call.request, call.caller)


def find_run(call: AnyCall) -> ProgramRun:
    """The course run of the address, by its own key or by the program's external key. Errors: 404."""
    asked = call.path["course_id"]
    if not holds_nul(asked):
        # a plus that was encoded twice is still a plus
        for key in dict.fromkeys((asked, asked.replace("%2B", "+").replace("%2b", "+"))):
            if run := find_program_run(call.program.program.id, key):
                return run
    raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("This program has no course run with this key."))
