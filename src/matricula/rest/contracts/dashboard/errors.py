"""Errors as the instructor dashboard reads them: the invalid fields with their messages, or else one message."""

from matricula.rest.errors import BrokenRequest, ErrorObject, Message

# the message and the code, or field → its messages
DashboardError = dict[str, str | list[str]]


def dashboard_error(broken: BrokenRequest) -> DashboardError:
    """A plain map of the invalid fields; where no field is at issue, ``detail`` and ``error_code``."""
    if broken.fields:
        return {name: [_in_full(message)] for name, message in sorted(broken.fields.items())}
    return {"detail": _in_full(broken.message), "error_code": broken.code}


def _in_full(message: Message) -> str:
    return message.for_users() + (f" ({message.detail})" if message.detail else "")


ERROR = ErrorObject(DashboardError, dashboard_error)
