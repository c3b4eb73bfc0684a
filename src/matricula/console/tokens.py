"""Tokens for API clients: by their secret, and in no other way."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.views import TokenView

_PARAMETERS = ("grant_type", "client_id", "client_secret", "scope", "token", "token_type_hint")


class TokenRequests(OAuthLibCore):  # type: ignore[misc]
    """What the library gets of a request: the parameters that are used here, from the body only."""

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the parameters; others are ignored (RFC 6749, section 3.2)."""
        return [(name, request.POST[name]) for name in _PARAMETERS if name in request.POST]

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.path


class Token(TokenView):  # type: ignore[misc]
    """The token endpoint: the grant ``client_credentials`` only."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Answer with a token, or with an error of RFC 6749: the library's way for devices isn't offered."""
        answer: HttpResponse = self.authorization_flow_token_response(request)
        if answer.status_code == HTTPStatus.OK and request.POST.get("token_type", "").lower() == "jwt":
            # what clients of the old service ask for; the token is the same, and passes under both names
            answer.content = json.dumps({**json.loads(answer.content), "token_type": "JWT"})
        return answer
