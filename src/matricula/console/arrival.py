"""What every request to a page passes first: it names a host of this service, and has no NUL.

PostgreSQL's texts hold no NUL, and no honest reader sends one; here it ends once and for all, whatever form, library
or address would have taken it further. The API has its own answers (``rest.checks``, ``rest.parsing``).
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from matricula.foundation.addresses import accept_host, take_public_host

HEALTH = "/health/"
FOR_PROGRAMS = "/oauth2/"
_NUL = "\x00"


class ArrivalMiddleware:
    """Rejects requests to other hosts, and requests that hold a NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the page, 400, or 404 where the address itself holds a NUL."""
        if request.path_info == HEALTH:
            # a balancer asks each machine under the machine's own name
            take_public_host(request)
        elif not accept_host(request):
            text = _("This host name isn't served here. Use the address in PUBLIC_URL.")
            return HttpResponse(text + "\n", status=400, content_type="text/plain; charset=utf-8")
        # else a charset in the Content-Type decides what the bytes of address and form mean
        request.encoding = "utf-8"
        if _NUL in request.path_info:
            raise Http404
        if _holds_nul([*_texts(request.GET), *request.COOKIES.values(), _credentials(request)]):
            return _refuse(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        """400 where a form holds a NUL; its body has come by now."""
        try:
            files = [file.name or "" for _, found in request.FILES.lists() for file in found]
            return _refuse(request) if _holds_nul([*_texts(request.POST), *files]) else None
        except UnreadablePostError:
            return _refuse(request)


def _texts(given: Any) -> Iterable[str]:
    for name, values in given.lists():
        yield name
        yield from values


def _holds_nul(texts: Iterable[str]) -> bool:
    return any(_NUL in text for text in texts)


def _credentials(request: HttpRequest) -> str:
    """What an ``Authorization`` header of the scheme Basic holds."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return scheme + value
    try:
        return base64.b64decode(value).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def _refuse(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(FOR_PROGRAMS):
        answer = {"error": "invalid_request", "error_description": "The request contains a NUL character."}
        return JsonResponse(answer, status=400)
    raise SuspiciousOperation("a NUL in the request")
