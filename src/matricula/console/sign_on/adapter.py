"""What allauth asks of single sign-on: which providers there are, and whose account a login leads to.

allauth stores nothing: apps come from the file, logins are in our own table (docs/decisions/0042).
"""

from functools import partial
from typing import Any, NoReturn

import structlog
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from matricula.console.sign_on.openid import OpenIdProvider, is_nonce_of
from matricula.console.sign_on.providers import find_provider, list_providers
from matricula.console.sign_on.saml import SamlProvider, saml_settings
from matricula.console.sign_on.words import STATUSES, WORDS, Failure
from matricula.identity.providers.claims import read_person
from matricula.identity.providers.reading import Kind, Provider
from matricula.identity.providers.statuses import Rejection
from matricula.identity.providers.writes import sign_on

SESSION = "sign_on"
"""In the session: at which provider it began."""
_log = structlog.get_logger("matricula.sign_on")


def failed(request: HttpRequest, provider: Provider, why: Failure | Rejection) -> HttpResponse:
    """Return the page that says why there is no login, and what to do."""
    _log.warning("sign_on_rejected", provider=provider.name, reason=why.value)
    context = {"text": WORDS[why] % {"provider": provider.title}, "provider": provider}
    return render(request, "matricula/sign_on_failed.html", context, status=STATUSES.get(why, 403))


class SignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's logins at providers, without allauth's tables."""

    def list_apps(self, _request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """Those of the file."""
        found = [find_provider(client_id or provider)] if client_id or provider else list_providers()
        return [_app(one) for one in found if one is not None]

    def get_app(self, request: HttpRequest, provider: Any, client_id: Any = None) -> SocialApp:
        """The one with this name. Errors: 404."""
        found = self.list_apps(request, provider, client_id)
        if not found:
            raise Http404
        return found[0]

    def get_provider(self, request: HttpRequest, provider: Any, client_id: Any = None) -> Any:
        """As ``get_app``."""
        app = self.get_app(request, provider, client_id)
        return app.get_provider(request)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Logs the account in to which the login leads; allauth's own ways (connecting, signing up) are never gone."""
        provider = find_provider(sociallogin.account.provider)
        if provider is None:
            raise Http404
        raise ImmediateHttpResponse(_log_in(request, provider, sociallogin))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **_rest: Any
    ) -> NoReturn:
        """The page that says so."""
        found = find_provider(provider.sub_id)
        if found is None:
            raise Http404
        why = Failure.CANCELED if error == "cancelled" else failure_of(exception)
        raise ImmediateHttpResponse(failed(request, found, why))

    def is_open_for_signup(self, *_asked: Any) -> bool:
        """Never by allauth."""
        return False

    def save_user(self, *_asked: Any, **_rest: Any) -> NoReturn:
        """Never by allauth."""
        raise NotImplementedError


def failure_of(exception: Exception | None) -> Failure:
    """Return what to say of an error on the way: a provider that can't be reached is another than a wrong answer."""
    # of requests, which allauth uses; its errors are OSErrors
    return Failure.UNREACHABLE if isinstance(exception, OSError) else Failure.INVALID


def _app(provider: Provider) -> SocialApp:
    is_saml = provider.kind == Kind.SAML
    settings = saml_settings(provider) if is_saml else {"oauth_pkce_enabled": True, "scope": list(provider.scopes)}
    app = SocialApp(
        provider="saml" if is_saml else "openid_connect",
        provider_id=provider.name,
        name=provider.title,
        # allauth looks for apps of SAML by this
        client_id=provider.name if is_saml else provider.client_id,
        secret=provider.secret,
        settings={"provider": provider, "server_url": provider.issuer, **settings},
    )
    # instead of that in allauth's registry
    app.get_provider = partial(SamlProvider if is_saml else OpenIdProvider, app=app)
    return app


def _log_in(request: HttpRequest, provider: Provider, sociallogin: SocialLogin) -> HttpResponse:
    said = sociallogin.account.extra_data
    subject = said["subject"]
    is_ours = provider.kind == Kind.SAML or is_nonce_of(said["claims"], sociallogin.state)
    if not is_ours or not subject or sociallogin.state.get("process") != "login":
        return failed(request, provider, Failure.INVALID)
    person = read_person(provider, subject, said["claims"])
    found = sign_on(provider, person)
    if isinstance(found, Rejection):
        return failed(request, provider, found)
    account = get_user_model().objects.get(pk=found)
    if request.user.is_authenticated:
        get_account_adapter(request).logout(request)
    request.session[SESSION] = provider.name
    record_authentication(request, account, "socialaccount", provider=provider.name)
    if person.second_factor:
        record_authentication(request, account, "mfa", type=provider.name)
    answer: HttpResponse = perform_login(request, account, redirect_url=sociallogin.get_redirect_url(request))
    return answer
