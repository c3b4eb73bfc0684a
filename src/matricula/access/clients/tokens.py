"""Codes and refresh tokens: each is good once. Who uses one again ends all that came from it (RFC 9700).

The library checks them before it writes; here they are locked, looked at again, and used up in one transaction.
"""

import json
import uuid
from typing import Any

from django.db import connection
from oauth2_provider.models import Grant, RefreshToken
from oauthlib.oauth2 import InvalidGrantError

from matricula.access.clients.secrets import ClientValidator
from matricula.foundation.text import holds_nul
from matricula.foundation.transactions import one_transaction

CODE, REFRESH = "authorization_code", "refresh_token"
# in what the library keeps of a code: the family of the tokens that it was exchanged for
_FAMILY = "family"
_HOLD_ACCOUNT = "select from matricula_account where id = %s and is_active for share"


class _UsedBefore(Exception):
    def __init__(self, family: uuid.UUID | None) -> None:
        super().__init__("used before")
        self.family = family


class TokenValidator(ClientValidator):
    """The library's validator, with codes and refresh tokens that are good once."""

    def validate_code(self, _client_id: str, code: str, client: Any, request: Any, *_: Any, **__: Any) -> bool:
        """Return whether the code is good; one that was used before ends the tokens that it was exchanged for."""
        if holds_nul(code):
            return False
        grant = Grant.objects.select_related("user").filter(code=code, application=client).first()
        if grant is not None and (family := _family_of(grant)):
            RefreshToken.revoke_family(family)
            return False
        if grant is None or grant.is_expired() or not grant.user.is_active:
            return False
        request.scopes, request.user = grant.scope.split(), grant.user
        return True

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:
        """The code was used up with the token that it was exchanged for, and is kept until it expires."""

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **rest: Any) -> bool:
        """Return whether the token is good; one that was used before ends its whole family."""
        good = super().validate_refresh_token(refresh_token, client, request, *args, **rest)
        return bool(good) and request.user.is_active

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **rest: Any) -> list[str]:
        """The scopes to which the person agreed, as far as the client still has them."""
        agreed = super().get_original_scopes(refresh_token, request, *args, **rest)
        words = agreed.split() if isinstance(agreed, str) else agreed
        return [scope for scope in words if scope in request.client.scopes]

    def save_bearer_token(self, token: dict[str, Any], request: Any, *_: Any, **__: Any) -> None:
        """Store the tokens, and use up what they were asked with. Raise ``InvalidGrantError``."""
        try:
            with one_transaction():
                self._use_up(request)
                self._save_bearer_token(token, request)
        except _UsedBefore as used:
            # in a transaction of its own: the one above is undone
            RefreshToken.revoke_family(used.family)
            raise InvalidGrantError(request=request) from None

    def _use_up(self, request: Any) -> None:
        """Hold the account, and then the code or the refresh token, which is still good. Raise ``_UsedBefore``."""
        if request.grant_type not in {CODE, REFRESH}:
            return
        with connection.cursor() as cursor:
            # those who end an account's tokens hold it, too
            cursor.execute(_HOLD_ACCOUNT, [request.user.pk])
            if cursor.fetchone() is None:
                raise _UsedBefore(None)
        if request.grant_type == CODE:
            held = Grant.objects.select_for_update().filter(code=request.code, application=request.client).first()
            if held is None or _family_of(held):
                raise _UsedBefore(held and _family_of(held))
        else:
            token = RefreshToken.objects.select_for_update().filter(pk=request.refresh_token_instance.pk).first()
            if token is None or token.revoked is not None:
                raise _UsedBefore(token and token.token_family)

    def _create_refresh_token(self, request: Any, *args: Any, **rest: Any) -> RefreshToken:
        made = super()._create_refresh_token(request, *args, **rest)
        if request.grant_type == CODE:
            Grant.objects.filter(code=request.code).update(claims=json.dumps({_FAMILY: str(made.token_family)}))
        return made


def _family_of(grant: Grant) -> uuid.UUID | None:
    found = json.loads(grant.claims or "{}").get(_FAMILY)
    return uuid.UUID(found) if found else None
