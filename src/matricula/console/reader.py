"""Pages speak to the reader in their own language, and show times in their own zone."""

import zoneinfo
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation

from matricula.console import inputs
from matricula.foundation.request_ids import known_method

_log = structlog.get_logger("matricula.console")
# set by console.js: only the browser knows it
ZONE_COOKIE = "timezone"
_READING = ("GET", "HEAD", "OPTIONS", "TRACE")


class ReaderMiddleware:
    """Takes the zone from the browser, and the language from the account where the browser has not chosen one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, in the reader's zone and language."""
        language = getattr(request.user, "language", "")
        if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(_zone(request.COOKIES.get(ZONE_COOKIE, ""))):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """A form takes its time to arrive, and who sends it was looked up before: they are looked up again."""
        if request.method not in _READING and request.user.is_authenticated:
            inputs.wait_for_form(request)
            request.user = get_user(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """An internal error is logged, by the route: the address may hold a person's name."""
        if not isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation):
            route = request.resolver_match.route if request.resolver_match else ""
            _log.error("page_failed", route=route, method=known_method(request.method), exc_info=exception)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone with this name; the institution's own where there is no such zone."""
    if name:
        try:
            return zoneinfo.ZoneInfo(name)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            pass
    return zoneinfo.ZoneInfo(settings.TIME_ZONE)
