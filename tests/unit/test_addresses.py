"""The address table and its handlers fit each other."""

from typing import Any, get_args, get_type_hints

import pytest

from matricula.rest.endpoint import AnyEndpoint
from matricula.rest.urls import ADDRESSES

_ENDPOINTS = {
    f"{method} {address.template}": endpoint for address in ADDRESSES for method, endpoint in address.methods.items()
}


@pytest.mark.parametrize("endpoint", _ENDPOINTS.values(), ids=_ENDPOINTS)
def test_a_handler_is_annotated_with_what_its_address_takes(endpoint: AnyEndpoint) -> None:
    """mypy checks the same; it can't where a handler is annotated with Any."""
    [call] = [hint for name, hint in get_type_hints(endpoint.handler).items() if name != "return"]
    query, body = get_args(call)
    assert (query, body) == (_or_nothing(endpoint.takes.query), _or_nothing(endpoint.takes.body))
    assert Any not in (query, body)


def _or_nothing(kind: type | None) -> type:
    return type(None) if kind is None else kind
