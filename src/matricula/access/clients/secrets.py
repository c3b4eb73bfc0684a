"""Who an API client is: its id and secret, checked in one place for getting tokens and for revoking them."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

from django.contrib.auth.hashers import check_password
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2 import OAuth2Error

from matricula.access.models import NO_SECRET
from matricula.foundation.text import holds_nul
from matricula.guessing.clients import client_address
from matricula.guessing.rules import CLIENT_SECRET
from matricula.guessing.writes import begin_client_attempt, end_attempt, fail_attempt


class TooManyAttempts(OAuth2Error):  # type: ignore[misc]
    """429: too many wrong secrets; the error is RFC 8628's word for it."""

    error = "slow_down"
    status_code = 429

    def __init__(self, wait: int) -> None:
        super().__init__(description=f"Too many failed attempts. Try again in {wait} seconds.")
        self._wait = wait

    @property
    def headers(self) -> dict[str, str]:
        """When to try again."""
        return {"Retry-After": str(self._wait)}


class ClientValidator(OAuth2Validator):  # type: ignore[misc]
    """Checks one secret in each request, by way of the limiter."""

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:
        """Return whether the request has a client's id and secret. Raise ``TooManyAttempts``."""
        client_id, secret = _credentials(request)
        if not client_id:
            return False
        attempt = begin_client_attempt(CLIENT_SECRET, client_id, client_address(request.headers))
        if attempt.wait:
            raise TooManyAttempts(attempt.wait)
        client = self._load_application(client_id, request)
        right = check_password(secret, client.client_secret if client else NO_SECRET) and client is not None
        (end_attempt if right else fail_attempt)(attempt)
        return right

    def validate_user(self, *_: Any, **__: Any) -> bool:
        """Return False: no token for a person's password."""
        return False

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        # PostgreSQL's text holds no NUL, and no id has one
        return None if holds_nul(client_id or "") else super()._load_application(client_id, request)


def _credentials(request: Any) -> tuple[str, str]:
    """Id and secret: of the header if it has any, else of the body; "" for what is missing."""
    scheme, _, encoded = (request.headers.get("HTTP_AUTHORIZATION") or "").partition(" ")
    if scheme.lower() != "basic":
        return request.client_id or "", request.client_secret or ""
    try:
        client_id, _, secret = base64.b64decode(encoded.strip()).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
