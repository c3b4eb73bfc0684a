"""Who may send a body of more than 64 KiB, and how large: asked with the head of the request, before the body is taken.

The same checks are in the endpoints and pages; they are made again once the body is there, for a right can end
meanwhile.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from matricula.console.files import MAX_FILE
from matricula.foundation.addresses import accept_host, is_api
from matricula.rest import dispatch
from matricula.rest.callers import session_of
from matricula.rest.dispatch import Admitted

# a page that doesn't say that it takes a file: many times the longest form that it shows
FORM = 1024 * 1024
# boundaries, and the fields beside a file
LARGEST = MAX_FILE + 1024 * 1024


class Refusal(NamedTuple):
    """An answer instead of the application's."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = []


def admit(environ: Mapping[str, Any]) -> Admitted | Refusal:
    """What may be sent, or why nothing may."""
    request = WSGIRequest(dict(environ))
    admitted = dispatch.admit(request) if is_api(request.path_info) else _admit_page(request)
    return refusal_of(admitted) if isinstance(admitted, HttpResponse) else admitted


def _admit_page(request: WSGIRequest) -> Admitted | HttpResponse:
    if not accept_host(request):
        return _plain(400, _("This host name isn't served here. Use the address in PUBLIC_URL."))
    request.session = session_of(request)
    request.user = get_user(request) if request.session is not None else None
    if request.user is None or not request.user.is_authenticated:
        return _plain(413, _("Requests of this size require you to log in first."))
    try:
        found = resolve(request.path_info)
        # a page of the console knows who may use it
        if (check := getattr(found.func, "check", None)) is not None:
            check(request, **found.kwargs)
    except (Resolver404, Http404):
        return _plain(404, _("Page not found"))
    except PermissionDenied:
        return _plain(403, _("You don't have access to this page"))
    limit = LARGEST if getattr(found.func, "takes_file", False) else FORM
    return Admitted(limit, int(request.user.pk))


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")


def too_large(environ: Mapping[str, Any]) -> Refusal:
    """The answer to a body that is larger than it may be."""
    request = WSGIRequest(dict(environ))
    if is_api(request.path_info):
        return refusal_of(dispatch.too_large(request))
    return refusal_of(_plain(413, _("This request is too large. Send it in parts.")))


def refusal_of(response: HttpResponse) -> Refusal:
    """A response as an answer before the application's."""
    kept = [(n, v) for n, v in response.items() if n.lower() != "content-length"]
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in kept]
    return Refusal(response.status_code, response.content, headers)
