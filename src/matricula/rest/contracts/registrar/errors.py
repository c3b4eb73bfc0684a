"""The error object of the Registrar API (registrar-api: Basics)."""

import msgspec

from matricula.rest.errors import BrokenRequest, ErrorObject, Message


class Detail(msgspec.Struct):
    """The error object of the Registrar API."""

    detail: str


def detail(broken: BrokenRequest) -> Detail:
    """The message, what is wrong with each field, and the parser's own words."""
    problems = "; ".join(f"{name}: {_in_full(message)}" for name, message in broken.fields.items())
    return Detail(" ".join(filter(None, (_in_full(broken.message), problems))))


def _in_full(message: Message) -> str:
    return message.for_users() + (f" ({message.detail})" if message.detail else "")


ERROR = ErrorObject(Detail, detail)
