"""Pages, styles and scripts are sent packed; files that people download are as long as they say."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_PACKED = ("text/html", "text/css", "text/javascript", "image/svg+xml")


class PackingMiddleware(GZipMiddleware):
    """Django's gzip, which adds random bytes to each answer (SECURITY.md: BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """The answer, packed if it is a part of a page and the browser takes that."""
        if not response.headers.get("Content-Type", "").startswith(_PACKED):
            return response
        return super().process_response(request, response)
