"""The second factor in the login: asked of those who have one, set up by those who need one."""

from allauth.account.stages import LoginStage
from allauth.core.internal.httpkit import headed_redirect_response
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse

from matricula.console.second_factor.required import has_second_factor, is_required, provider_asked


class AskStage(AuthenticateStage):  # type: ignore[misc]
    """allauth's, but not where the provider has asked for one."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not provider_asked(request, self.login.user) and bool(super()._should_handle(request))


class SetUpStage(LoginStage):  # type: ignore[misc]
    """No session begins without the second factor that a role requires."""

    key = "second_factor_set_up"
    urlname = "second_factor_set_up"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """To the page where it is set up; None where there is nothing to do."""
        user, request = self.login.user, self.request
        if not is_required(user) or has_second_factor(user) or provider_asked(request, user):
            return None, True
        return headed_redirect_response(self.urlname), True
