"""The cookie that shows scripts of front ends who is logged in: readable, unsigned, and no permission for anything."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

NAME = "edx-jwt-cookie-header-payload"
# beside it, an issuer elsewhere has signed it: then it is theirs, and not removed here
SIGNATURE = "edx-jwt-cookie-signature"
SECONDS = 3600
"""After so long front ends ask for a new one."""
_HEADER = {"typ": "JWT", "alg": "none"}


def set_login_cookie(answer: HttpResponseBase, payload: Mapping[str, Any]) -> None:
    """Sets it, for as long as front ends take it."""
    answer.set_cookie(
        NAME,
        f"{_encoded(_HEADER)}.{_encoded(payload)}",
        max_age=SECONDS,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite=_same_site(),
    )


def remove_login_cookie(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Removes it from a browser that has it, unless another issuer has set it."""
    if NAME in request.COOKIES and SIGNATURE not in request.COOKIES:
        answer.delete_cookie(NAME, domain=settings.SESSION_COOKIE_DOMAIN, samesite=_same_site())


def shown_account(request: HttpRequest) -> int | None:
    """The id of the account that the cookie of the request shows; None where it shows none."""
    payload = request.COOKIES.get(NAME, "").partition(".")[2]
    try:
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["user_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, int) else None


def _same_site() -> Any:
    # Django's type lists the words; the setting was checked at the start
    return settings.SESSION_COOKIE_SAMESITE


def _encoded(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
