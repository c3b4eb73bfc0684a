"""Front ends on other origins: what browsers let them send and read (CORS), for trusted origins alone."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class TrustedOriginsMiddleware(CorsMiddleware):
    """The library's, which adds nothing to any answer as long as no origin is trusted."""

    def is_enabled(self, _request: HttpRequest) -> bool:
        """Whether answers differ by origin."""
        return bool(settings.CORS_ALLOWED_ORIGINS)

    def origin_found_in_white_lists(self, origin: str, _url: SplitResult) -> bool:
        """Whether it is a trusted one, to the letter."""
        return origin in settings.CORS_ALLOWED_ORIGINS

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        """The answer to a preflight, which comes without a login; of other origins it is a request like any other."""
        trusted = request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS
        return super().check_preflight(request) if trusted else None


def origin_headers(environ: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """The same headers for an answer that the application did not give, such as one for too large a body."""
    if not settings.CORS_ALLOWED_ORIGINS:
        return []
    answer = TrustedOriginsMiddleware(lambda _: HttpResponse()).add_response_headers(
        WSGIRequest(dict(environ)), HttpResponse()
    )
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.items()
        if name.lower() == "vary" or name.lower().startswith("access-control-")
    ]
