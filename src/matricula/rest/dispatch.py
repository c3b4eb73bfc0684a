"""From an address to its endpoint and back: the APIs are answered here, without the pages' middleware."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from matricula.foundation import busy
from matricula.foundation.addresses import is_api
from matricula.foundation.busy import is_busy
from matricula.foundation.files import StorageFailed
from matricula.foundation.request_ids import ROUTE, known_method, request_id
from matricula.foundation.transactions import RightLost, acting, one_transaction
from matricula.jobs.limits import RETRY_SECONDS, TooManyJobs
from matricula.journal.replicas import read_for
from matricula.rest import errors
from matricula.rest.callers import SAFE_METHODS, language_of, not_signed_in
from matricula.rest.checks import check_host
from matricula.rest.conditions import check_match, has_condition
from matricula.rest.endpoint import Address, AnyCall, AnyEndpoint, Call
from matricula.rest.errors import BrokenRequest, Message, answer_error
from matricula.rest.multipart import FORM
from matricula.rest.parsing import UPLOAD_DRAINED, UPLOAD_ROOM, body_problems, parse_body, parse_query
from matricula.rest.repeating import answer_once, find_gone, has_key
from matricula.rest.urls import ADDRESSES, error_of, headers_of
from matricula.rest.waiting import is_kept_back

Response = TypeVar("Response", bound=HttpResponseBase)
_log = structlog.get_logger("matricula.api")
_STORAGE_FAILED = BrokenRequest(
    errors.SERVICE_UNAVAILABLE,
    Message("The file storage is not responding. Try again in a minute."),
    headers={"Retry-After": "60"},
)


_BUSY = BrokenRequest(
    errors.SERVICE_UNAVAILABLE,
    Message("Another change to the same data is taking too long. Nothing was changed. Try again in a few seconds."),
    headers={"Retry-After": str(busy.RETRY_SECONDS)},
)


class ApiMiddleware:
    """Before all that pages need; requests to other addresses go on to the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        if is_api(request.path_info):
            return answer(request)
        return self.get_response(request)


def answer(request: HttpRequest) -> HttpResponseBase:
    """Finds the address, runs its endpoint, and turns whatever goes wrong into the error object."""
    started = time.perf_counter()
    call: AnyCall = Call(request, request_id(request.META), {}, "")
    address = None
    with translation.override(None):
        try:
            check_host(call)
            address, call.path, call.base = _find_address(request.path_info)
            request.META[ROUTE] = address.template
            response = _with_headers(_run(call, address), request.path_info)
        except BrokenRequest as broken:
            response = _refusal(call, broken)
        except RightLost as lost:
            response = _refusal(call, _withdrawn(lost))
        except StorageFailed as failed:
            _log.error("storage_failed", address=address and address.template, error=str(failed))
            response = _refusal(call, _STORAGE_FAILED)
        except TooManyJobs as refused:
            response = _refusal(call, _too_many_jobs(refused))
        except Exception as error:
            response = _refusal(call, _failed(call, address, error))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization, Cookie, Accept-Language, Accept-Encoding"
    if request.method == "HEAD":
        response = _without_body(response)
    _log_call(call, address, response, started)
    return response


def _log_call(call: AnyCall, address: Address | None, response: HttpResponseBase, started: float) -> None:
    if is_kept_back(call.request):
        return
    # the template and not the path: the path may hold an email
    _log.info(
        "api",
        method=known_method(call.request.method),
        address=address.template if address else "unknown",
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000, 1),
        account=call.caller and call.caller.account_id,
    )


def _refusal(call: AnyCall, broken: BrokenRequest) -> HttpResponse:
    translation.activate(language_of(call.request, call.caller))
    return _answer_broken(broken, call.request.path_info)


def _answer_broken(broken: BrokenRequest, path: str) -> HttpResponse:
    """In the words of the contract to which the path belongs."""
    return _with_headers(answer_error(broken, error_of(path)), path)


def _with_headers(response: Response, path: str) -> Response:
    for name, value in headers_of(path).items():
        response.headers[name] = value
    return response


def _failed(call: AnyCall, address: Address | None, error: Exception) -> BrokenRequest:
    """What is not the client's problem: an internal error must be loud in the log, and plain to the client."""
    template = address and address.template
    if is_busy(error):
        _log.warning("database_busy", address=template, error=type(error.__cause__).__name__)
        return _BUSY
    _log.error("api_problem", address=template, exc_info=error)
    problem = Message("An internal error occurred. Nothing was changed. Request: %(id)s", {"id": call.id})
    return BrokenRequest(errors.INTERNAL_ERROR, problem)


def _withdrawn(lost: RightLost) -> BrokenRequest:
    """What the guard would have said, had the right been withdrawn before."""
    if lost.signed_out:
        return not_signed_in()
    return BrokenRequest(
        errors.PERMISSION_DENIED, Message("You lost the permission for this while the request was being processed.")
    )


class Admitted(NamedTuple):
    """How many bytes the body may have, and whose it is."""

    limit: int
    account: int


def admit(request: HttpRequest) -> Admitted | HttpResponse:
    """What the body of this call may be; or the answer that the call gets without it."""
    call: AnyCall = Call(request, request_id(request.META), {}, "")
    with translation.override(None):
        try:
            endpoint = _permitted(call)
            # what is open to everyone takes no body either
            if call.caller is None or (endpoint.takes.body is None and endpoint.late_body is None):
                return too_large(request)
            return Admitted(_limit_of(endpoint), call.caller.account_id)
        except BrokenRequest as broken:
            return _refusal(call, broken)


def too_large(request: HttpRequest) -> HttpResponse:
    """The answer to a body that is larger than ``admit`` allowed."""
    with translation.override(language_of(request, None)):
        try:
            with body_problems():
                raise RequestDataTooBig
        except BrokenRequest as broken:
            return _answer_broken(broken, request.path_info)


def _limit_of(endpoint: AnyEndpoint) -> int:
    """What the endpoint itself rejects with words of its own comes through to it."""
    if endpoint.body_media == FORM or endpoint.form_body is not None:
        largest = endpoint.largest_file or settings.ENVIRONMENT.upload_limit
        return max(UPLOAD_DRAINED, largest + UPLOAD_ROOM)
    return 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _permitted(call: AnyCall) -> AnyEndpoint:
    """The endpoint, once the call has passed its guard."""
    check_host(call)
    address, call.path, call.base = _find_address(call.request.path_info)
    endpoint = address.endpoint(call.request.method)
    call.allowed_methods = address.allowed_methods
    call.permission = endpoint.permission if endpoint else None
    address.guard(call)
    assert endpoint is not None  # noqa: S101  every guard rejects unknown methods, each in its contract's order
    return endpoint


def _too_many_jobs(refused: TooManyJobs) -> BrokenRequest:
    message = Message(
        "You have %(limit)s unfinished jobs, the most allowed. Wait until one has ended, or cancel one.",
        {"limit": refused.limit},
    )
    return BrokenRequest(errors.RATE_LIMITED, message, headers={"Retry-After": str(RETRY_SECONDS)})


def _find_address(path: str) -> tuple[Address, dict[str, str], str]:
    for address in ADDRESSES:
        if match := address.pattern.fullmatch(path):
            found = match.groupdict()
            return address, found, found.pop("base", "")
    raise BrokenRequest(
        errors.RESOURCE_NOT_FOUND,
        Message("There is nothing at this address. For the available addresses, see /api-docs/."),
    )


def _run(call: AnyCall, address: Address) -> HttpResponseBase:
    endpoint = address.endpoint(call.request.method)
    call.allowed_methods = address.allowed_methods
    call.permission = endpoint.permission if endpoint else None
    try:
        address.guard(call)
    except BrokenRequest as broken:
        if broken.code == errors.RESOURCE_NOT_FOUND and (gone := find_gone(call, address)) is not None:
            return gone
        raise
    translation.activate(language_of(call.request, call.caller))
    assert endpoint is not None  # noqa: S101  every guard rejects unknown methods, each in its contract's order
    # who may write must have a permit, so that the right is asked for once more when it is written
    assert call.permit is not None or call.request.method in SAFE_METHODS  # noqa: S101  the guard's promise
    respond = partial(_respond, call, endpoint)
    with acting(call.permit.hold if call.permit else None):
        if has_key(call.request):
            return answer_once(call, address, _limit_of(endpoint), respond)
        return respond()


def _respond(call: AnyCall, endpoint: AnyEndpoint) -> HttpResponseBase:
    if endpoint.takes.query is not None:
        call.query = parse_query(call.request, endpoint.queries.get(call.base, endpoint.takes.query))
    if endpoint.takes.body is not None:
        call.body = parse_body(call.request, endpoint.takes.body)
    if endpoint.by_replica and call.caller is not None and call.request.method in SAFE_METHODS:
        return read_for(call.account_id, partial(endpoint.handler, call))
    if endpoint.held_state is None or not has_condition(call.request):
        return endpoint.handler(call)
    with one_transaction():
        check_match(call.request, endpoint.held_state(call))
        return endpoint.handler(call)


def _without_body(response: HttpResponseBase) -> HttpResponse:
    headers = {**response.headers}
    length = None if response.streaming else str(len(response.content))  # type: ignore[attr-defined]
    # not closed here: that would signal to Django that the request has ended
    bare = HttpResponse(status=response.status_code, headers=headers)
    if "Content-Type" not in headers:
        del bare.headers["Content-Type"]
    if length is not None:
        bare.headers["Content-Length"] = length
    return bare
