"""The client address of a request, as the limiter counts it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import structlog
from django.conf import settings

from matricula.foundation.client_address import TrustedProxies, find_client

_log = structlog.get_logger("matricula.guessing")


def client_address(meta: Mapping[str, Any]) -> str | None:
    """Return the address that ``request.META`` comes from, as MATRICULA_TRUSTED_PROXIES lets proxies report it."""
    proxies = settings.ENVIRONMENT.trusted_proxies
    forwarded_for = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    if forwarded_for and proxies == TrustedProxies():
        _warn_once()
    return find_client(str(meta.get("REMOTE_ADDR", "")), forwarded_for, proxies)


@cache
def _warn_once() -> None:
    _log.warning("forwarded_for_ignored", remedy="behind a proxy, set MATRICULA_TRUSTED_PROXIES")
