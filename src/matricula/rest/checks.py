"""Checks of a request that every API makes, each in its contract's order."""

from matricula.foundation import addresses
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


def guard_open(call: AnyCall) -> None:
    """The guard of what everyone may read, or what has another proof than who is calling."""
    check_method(call)


def public_root(call: AnyCall) -> str:
    """The start of absolute addresses in answers, without a slash at its end."""
    return addresses.public_root(call.request)
