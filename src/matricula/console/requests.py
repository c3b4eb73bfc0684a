"""Every answer of the service names its request; every page that is asked for is one line of the log."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from matricula.console.arrival import HEALTH
from matricula.foundation.addresses import is_api
from matricula.foundation.request_ids import HEADER, ROUTE, known_method, within_request

_log = structlog.get_logger("matricula.console")


class RequestMiddleware:
    """First in Django's list: what anything after it answers has the header, errors too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the id of the request."""
        started = time.perf_counter()
        with within_request(request.META) as found:
            answer = self.get_response(request)
            answer.headers[HEADER] = str(found)
            route = request.META.setdefault(ROUTE, _route_of(request))
            if _is_logged(request, answer):
                _log.info(
                    "page",
                    method=known_method(request.method),
                    # the route and not the path: the path may hold a person's name
                    address=route,
                    status=answer.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    # never looked up for this alone
                    account=getattr(getattr(request, "_cached_user", None), "pk", None),
                )
        return answer


def _route_of(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return request.resolver_match.route
    is_static = request.path_info.startswith(settings.STATIC_URL)
    return settings.STATIC_URL if is_static else "unknown"


def _is_logged(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """What the API logs itself is not, nor a sign of life or a file that was found as it should be."""
    if is_api(request.path_info):
        return False
    told_apart = request.resolver_match is not None and request.path_info != HEALTH
    return told_apart or answer.status_code >= 400
