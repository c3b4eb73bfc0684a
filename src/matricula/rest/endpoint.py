"""What a contract and its addresses are: how they are documented, what they take, what they answer."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from matricula.access.permits import Permit, Permits
from matricula.access.reads import Caller, CourseAccess, ProgramAccess
from matricula.catalog.reads import CourseRun
from matricula.rest.errors import ErrorObject
from matricula.rest.parsing import COURSE_KEY_PATTERN, LINE_PATTERN

Query = TypeVar("Query")
Body = TypeVar("Body")


@dataclass(slots=True)
class Call(Generic[Query, Body]):
    """One request on its way through an endpoint, with its query and body as the endpoint takes them."""

    request: HttpRequest
    id: uuid.UUID
    path: Mapping[str, str]
    # the prefix that the client used, such as /api/enrollment/v2
    base: str
    allowed_methods: Sequence[str] = ()
    # what the permission table calls those who may do this; None: the address lacks the method
    permission: str | None = None
    caller: Caller | None = None
    access: CourseAccess | None = None
    # what must still be so when the call writes; the guard's
    permit: Permit | Permits | None = None
    program_access: ProgramAccess | None = None
    # what the address names, where that is neither a course run nor a program; the guard's
    found: Any = None
    # set before the endpoint's handler is called
    query: Query = None  # type: ignore[assignment]
    body: Body = None  # type: ignore[assignment]

    @property
    def course(self) -> CourseRun:
        """The course run of the address; there is one once the guard has let the call pass."""
        assert self.access is not None  # noqa: S101  the guard's promise
        return self.access.course

    @property
    def program(self) -> ProgramAccess:
        """The program of the address and the caller's rights; there is one once the guard has let the call pass."""
        assert self.program_access is not None  # noqa: S101  the guard's promise
        return self.program_access

    @property
    def signed_in(self) -> Caller:
        """Who is calling; someone is once the guard has let the call pass."""
        assert self.caller is not None  # noqa: S101  the guard's promise
        return self.caller

    @property
    def account_id(self) -> int:
        """The account of who is calling."""
        return self.signed_in.account_id

    @property
    def version(self) -> str:
        """The version that the client used, such as v2."""
        return self.base.rpartition("/")[2]


COURSE_KEY: Mapping[str, Any] = {
    "schema": {"type": "string", "pattern": COURSE_KEY_PATTERN},
    "example": "course-v1:North+CS101+2027_T1",
}
EMAIL_OR_USERNAME: Mapping[str, Any] = {
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": LINE_PATTERN},
    "description": "URL-encoded; can contain + and @.",
    "example": "sam",
}
"""Parameters of paths, for the document."""

AnyCall: TypeAlias = Call[Any, Any]
"""For what is done alike for all calls."""
PlainCall: TypeAlias = Call[None, None]
"""What a handler gets that takes neither query nor body, or reads its body by itself."""


@dataclass(frozen=True, slots=True)
class Takes(Generic[Query, Body]):
    """What an endpoint takes beside its path; None: nothing."""

    query: type[Query] | None
    body: type[Body] | None


NOTHING: Takes[None, None] = Takes(None, None)


def in_query(query: type[Query]) -> Takes[Query, None]:
    """The endpoint takes this in its query."""
    return Takes(query, None)


def in_body(body: type[Body]) -> Takes[None, Body]:
    """The endpoint takes this as its body."""
    return Takes(None, body)


@dataclass(frozen=True, slots=True)
class Link:
    """Where something that an answer names is found: the handler, and where its parameters come from."""

    name: str
    handler: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnyEndpoint:
    """One method of one address."""

    handler: Callable[[AnyCall], HttpResponseBase]
    takes: Takes[Any, Any]
    summary: str
    # who may call it, in a word that the permission table of the tests knows
    permission: str
    answers: Mapping[int, Any]
    # base → what the query is there, where the same address is more lenient under it
    queries: Mapping[str, Any] = field(default_factory=dict)
    # a body that the handler itself reads, after checks that come first; here for the document alone
    late_body: Any = None
    body_media: str = "application/json"
    # what a multipart body has, where the endpoint takes one beside JSON
    form_body: Any = None
    # of the file in it, in bytes; 0: what the settings say for uploads
    largest_file: int = 0
    errors: tuple[int, ...] = (400, 401, 403, 404, 405, 429)
    description: str = ""
    # status → content type, where it is not JSON
    answer_media: Mapping[int, str] = field(default_factory=dict)
    # statuses whose answers have no body
    without_body: tuple[int, ...] = ()
    # the answer is to be had as CSV too
    has_csv: bool = False
    # examples for the document: of the body, and of the answer by its status
    body_example: Any = None
    answer_examples: Mapping[int, Any] = field(default_factory=dict)
    # for the document: what was started (202), and where it is found
    link: Link | None = None
    # for the document: no access token is taken
    session_only: bool = False
    # for the document: answers have an ETag
    has_etag: bool = False
    # takes If-Match: holds what is changed until the transaction ends, and returns what its ETag is of; None: gone
    held_state: Callable[[AnyCall], object] | None = None
    # may be answered by a replica, which is some seconds behind (docs/decisions/0049)
    by_replica: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint(AnyEndpoint, Generic[Query, Body]):
    """One method of one address; mypy objects where its handler takes anything else than it says."""

    handler: Callable[[Call[Query, Body]], HttpResponseBase]
    takes: Takes[Query, Body]


@dataclass(frozen=True, slots=True)
class Address:
    """A path template of the API, its methods, and the guard that every call passes first."""

    template: str
    pattern: re.Pattern[str]
    guard: Callable[[AnyCall], None]
    methods: Mapping[str, AnyEndpoint]
    tag: str
    error: ErrorObject
    # the parameters of its path: name → what the document says about it
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # for the document: status → what it means here, where that is something of its own
    reasons: Mapping[int, str] = field(default_factory=dict)
    # distinguishes the operations of versions that answer alike
    version: str = ""

    @property
    def allowed_methods(self) -> tuple[str, ...]:
        """The methods that this address has, HEAD with GET."""
        return tuple(m for method in self.methods for m in (("GET", "HEAD") if method == "GET" else (method,)))

    def endpoint(self, method: str | None) -> AnyEndpoint | None:
        """The endpoint for a method; HEAD is GET without its body."""
        return self.methods.get("GET" if method == "HEAD" else method or "")


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract, as far as the core knows it."""

    # everything below these is answered with its error object, also where there is no address
    bases: re.Pattern[str]
    error: ErrorObject
    addresses: Sequence[Address]
    # for the document: what its addresses do not show
    about: str = ""
    # on each of its answers, errors too
    headers: Mapping[str, str] = field(default_factory=dict)


def seconds(moment: datetime) -> datetime:
    """Times on the wire are in UTC and have whole seconds (enrollment-api: Basics)."""
    return moment.astimezone(UTC).replace(microsecond=0)


_json = msgspec.json.Encoder()


def encode(body: object) -> bytes:
    """The JSON of an answer."""
    return _json.encode(body)


def answer_json(body: object, status: int = 200) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse(encode(body), status=status, content_type="application/json")
