"""Tokens for API clients: by their secret, by a code, or by a refresh token; and what a token is good for."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import View
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.views import TokenView
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.common import Request
from oauthlib.oauth2 import InvalidClientError, InvalidRequestError, OAuth2Error

from matricula.access.clients.introspection import describe_token
from matricula.access.statuses import SCOPES
from matricula.foundation.addresses import public_root

_PARAMETERS = (
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "token",
    "token_type_hint",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
)


class TokenRequests(OAuthLibCore):  # type: ignore[misc]
    """What the library gets of a request: the parameters that are used here, from the body only."""

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the parameters; others are ignored (RFC 6749, section 3.2)."""
        return [(name, request.POST[name]) for name in _PARAMETERS if name in request.POST]

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.path

    def authenticated_client(self, request: HttpRequest) -> Any:
        """Return the client whose id and secret the request has. Raise ``InvalidClientError``, ``TooManyAttempts``."""
        asked = Request(*self._extract_params(request))
        if not self.server.request_validator.authenticate_client(asked):
            raise InvalidClientError(request=asked)
        return asked.client


class Token(TokenView):  # type: ignore[misc]
    """The token endpoint: the grants of ``access.clients.server``."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Answer with a token, or with an error of RFC 6749: the library's way for devices isn't offered."""
        answer: HttpResponse = self.authorization_flow_token_response(request)
        if answer.status_code == HTTPStatus.OK and request.POST.get("token_type", "").lower() == "jwt":
            # what clients of the old service ask for; the token is the same, and passes under both names
            answer.content = json.dumps({**json.loads(answer.content), "token_type": "JWT"})
        return answer


@method_decorator(csrf_exempt, name="dispatch")
class Introspection(OAuthLibMixin, View):  # type: ignore[misc]
    """What a token is good for (RFC 7662), for API clients with a secret."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Answer with what the token is, or only that it isn't active; 401 without a client's secret."""
        core = self.get_oauthlib_core()
        try:
            client = core.authenticated_client(request)
            token = request.POST.get("token")
            if not token:
                raise InvalidRequestError(description="Token parameter is missing.")
        except OAuth2Error as error:
            return _answer(json.loads(error.json), error.status_code, error.headers)
        return _answer(describe_token(token, client) or {"active": False}, HTTPStatus.OK, {})


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Answer with where everything is, and what is supported (RFC 8414)."""
    root = public_root(request)
    by_secret = ["client_secret_basic", "client_secret_post"]
    return JsonResponse(
        {
            "issuer": root,
            "authorization_endpoint": f"{root}/oauth2/authorize/",
            "token_endpoint": f"{root}/oauth2/token/",
            "revocation_endpoint": f"{root}/oauth2/revoke_token/",
            "introspection_endpoint": f"{root}/oauth2/introspect/",
            "scopes_supported": [*SCOPES],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [*by_secret, "none"],
            "revocation_endpoint_auth_methods_supported": [*by_secret, "none"],
            "introspection_endpoint_auth_methods_supported": by_secret,
            "authorization_response_iss_parameter_supported": True,
            "service_documentation": f"{root}/api-docs/",
        }
    )


def _answer(body: dict[str, Any], status: int, headers: dict[str, str]) -> HttpResponse:
    kept = {**headers, "Content-Type": "application/json", "Cache-Control": "no-store"}
    return HttpResponse(json.dumps(body), status=status, headers=kept)
