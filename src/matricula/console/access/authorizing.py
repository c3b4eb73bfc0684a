"""The page on which a person allows an app to act for them (OAuth2: authorization code with PKCE)."""

from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2 import InvalidRequestError, OAuth2Error

from matricula.access.clients.redirects import origin_of
from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.access.words import SCOPES_ALLOWED
from matricula.console.pages import signed_in
from matricula.foundation.addresses import public_root
from matricula.foundation.text import holds_nul
from matricula.foundation.transactions import one_transaction

_PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
_log = structlog.get_logger("matricula.console")


class AuthorizationRequests(OAuthLibCore):  # type: ignore[misc]
    """What the library gets of a request: the parameters that are used here, from the address only."""

    def extract_body(self, _request: HttpRequest) -> list[tuple[str, str]]:
        """Return nothing: the form has only what the person decided."""
        return []

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        given = {name: value for name in _PARAMETERS if (value := inputs.as_typed(request.GET, name))}
        # such text is in none of them, and PostgreSQL takes none
        return f"{request.path}?{urlencode({n: v for n, v in given.items() if not holds_nul(v)})}"


def _core() -> AuthorizationRequests:
    validator = oauth2_settings.OAUTH2_VALIDATOR_CLASS()
    return AuthorizationRequests(oauth2_settings.OAUTH2_SERVER_CLASS(validator, **oauth2_settings.server_kwargs))


@require_http_methods(["GET", "POST"])
@signed_in
def authorize(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Asks whether an app may act for the reader, and sends them back to it with a code, or without."""
    core = _core()
    try:
        scopes, credentials = core.validate_authorization_request(request)
        if credentials.get("code_challenge_method") != "S256":
            raise _only_s256(credentials)
        if request.method == "POST":
            return _decided(core, request, caller, scopes, credentials)
    except OAuthToolkitError as error:
        return _rejected(request, error)
    return _asked(request, scopes, credentials)


def _only_s256(credentials: dict[str, Any]) -> OAuthToolkitError:
    error = InvalidRequestError(description="code_challenge_method must be S256.", state=credentials.get("state"))
    return OAuthToolkitError(error=error, redirect_uri=credentials["redirect_uri"])


def _asked(request: HttpRequest, scopes: list[str], credentials: dict[str, Any]) -> HttpResponse:
    client = get_application_model().objects.get(client_id=credentials["client_id"])
    redirect_uri = credentials["redirect_uri"]
    context = {
        "client": client,
        "host": urlsplit(redirect_uri).netloc,
        "scopes": [SCOPES_ALLOWED[scope] for scope in scopes],
    }

    # browsers apply it to where the form leads in the end, too
    @csp_update({"form-action": [origin_of(redirect_uri)]})
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "matricula/authorize.html", context)

    answer = cast(HttpResponse, page(request))
    # the address has what the app is asked for with the code
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _decided(
    core: AuthorizationRequests, request: HttpRequest, caller: Caller, scopes: list[str], credentials: dict[str, Any]
) -> HttpResponse:
    """The code is stored only while the reader's session is good (``signed_in``)."""
    is_allowed = inputs.word(request.POST, "decision") == "allow"
    # what the library adds of the request itself is no parameter of a code
    kept = {name: value for name, value in credentials.items() if name != "request"}
    with one_transaction():
        uri, *_rest = core.create_authorization_response(request, scopes, kept, is_allowed)
    _log.info("app_allowed", client=credentials["client_id"], account=caller.account_id, scopes=scopes)
    return _back(request, uri)


def _rejected(request: HttpRequest, error: OAuthToolkitError) -> HttpResponse:
    """Back to the app with what was wrong; only here where the app, or the way back to it, isn't known."""
    problem: OAuth2Error = error.oauthlib_error
    if isinstance(error, FatalClientError) or not problem.redirect_uri:
        context = {"reason": problem.description or problem.error}
        return render(request, "matricula/authorize_rejected.html", context, status=400)
    return _back(request, problem.in_uri(problem.redirect_uri))


def _back(request: HttpRequest, uri: str) -> HttpResponse:
    """With who answers (RFC 9207), so that an app that knows several servers isn't deceived by one."""
    joined = "&" if urlsplit(uri).query else "?"
    answer = HttpResponseRedirect(f"{uri}{joined}{urlencode({'iss': public_root(request)})}")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
