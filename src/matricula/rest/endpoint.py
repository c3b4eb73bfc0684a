"""What an address of the API is: how it is documented, what it takes, what it answers."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from matricula.access.reads import Caller, CourseAccess
from matricula.catalog.reads import CourseRun


@dataclass(slots=True)
class Call:
    """One request on its way through an endpoint."""

    request: HttpRequest
    id: uuid.UUID
    path: Mapping[str, str]
    # the prefix that the client used, such as /api/enrollment/v2
    base: str
    allowed_methods: Sequence[str] = ()
    caller: Caller | None = None
    access: CourseAccess | None = None
    query: Any = None
    body: Any = None

    @property
    def course(self) -> CourseRun:
        """The course run of the address; there is one once the guard has let the call pass."""
        assert self.access is not None  # noqa: S101  the guard's promise
        return self.access.course


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address."""

    handler: Callable[[Call], HttpResponseBase]
    summary: str
    # who may call it, in a word that the permission table of the tests knows
    permission: str
    answers: Mapping[int, type[Any] | None]
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    errors: tuple[int, ...] = (400, 401, 403, 404, 405, 429)
    description: str = ""
    # the answer is to be had as CSV too
    has_csv: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A path template of the API, its methods, and the guard that every call passes first."""

    template: str
    pattern: re.Pattern[str]
    guard: Callable[[Call], None]
    methods: Mapping[str, Endpoint]
    tag: str
    path_examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def allowed_methods(self) -> tuple[str, ...]:
        """The methods that this address has, HEAD with GET."""
        return tuple(m for method in self.methods for m in (("GET", "HEAD") if method == "GET" else (method,)))

    def endpoint(self, method: str | None) -> Endpoint | None:
        """The endpoint for a method; HEAD is GET without its body."""
        return self.methods.get("GET" if method == "HEAD" else method or "")


_json = msgspec.json.Encoder()


def encode(body: object) -> bytes:
    """The JSON of an answer."""
    return _json.encode(body)
