"""Going to a provider, coming back, and leaving."""

from typing import Any, cast

from allauth.account.views import LogoutView
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from matricula.console import inputs
from matricula.console.limits import count_visit, too_many_attempts
from matricula.console.sign_on.adapter import SESSION, SignOnAdapter, failed, failure_of
from matricula.console.sign_on.openid import OpenIdWire, end_session_address
from matricula.console.sign_on.providers import find_provider
from matricula.foundation.addresses import public_root
from matricula.guessing.rules import SIGN_ON
from matricula.identity.providers.reading import Kind, Provider


@never_cache
@require_GET
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider. A link on another site leads to the login page instead: people choose to log in."""
    provider = _provider(name)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        given = {"next": inputs.as_typed(request.GET, "next")} if inputs.is_given(request.GET, "next") else {}
        return redirect(f"/login/?{urlencode(given)}" if given else "account_login")
    if wait := count_visit(request, SIGN_ON):
        return too_many_attempts(request, wait)
    try:
        answer = SignOnAdapter(request).get_provider(request, name).redirect_from_request(request)
    except (OAuth2Error, RequestException) as error:
        return failed(request, provider, failure_of(error))
    return cast(HttpResponse, answer)


@never_cache
@require_GET
def come_back(request: HttpRequest, name: str) -> HttpResponse:
    """Back from a provider, with a code."""
    if _provider(name).kind != Kind.OPENID:
        raise Http404
    return cast(HttpResponse, OAuth2CallbackView.adapter_view(OpenIdWire(request, name))(request))


class Logout(LogoutView):  # type: ignore[misc]
    """The logout, which ends here and leads on to the provider where the session began at one."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page after the logout."""
        name = self.request.session.get(SESSION, "")
        answer = cast(HttpResponse, super().post(*args, **kwargs))
        provider = find_provider(name)
        if provider is None or provider.kind != Kind.OPENID:
            return answer
        try:
            address = end_session_address(self.request, provider, public_root(self.request) + "/login/")
        except (OAuth2Error, RequestException):
            # logged out here; the page there can't be found now
            return answer
        if not address:
            return answer
        # a page and not a redirect: browsers apply "form-action" to where a form leads in the end
        return render(self.request, "matricula/logged_out.html", {"provider": provider, "address": address})


def _provider(name: str) -> Provider:
    provider = find_provider(name)
    if provider is None:
        raise Http404
    return provider
