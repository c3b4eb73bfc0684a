"""The pages of the second factor. allauth's views do the work; each change is an operation in the audit log."""

import base64
import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from allauth.mfa.webauthn import views as keys
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic.edit import FormView

from matricula.access.reads import Caller
from matricula.console.limits import begin_own_attempt, too_many_attempts
from matricula.console.pages import signed_in
from matricula.console.second_factor.forms import ActivateForm
from matricula.console.second_factor.required import is_required
from matricula.console.second_factor.stages import SetUpStage
from matricula.console.sign_on.adapter import SESSION
from matricula.foundation.transactions import one_transaction
from matricula.guessing.writes import end_attempt, fail_attempt
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation, record_operation

_FOLDER = "matricula/second_factor"
# seconds for which a login at a provider counts as recent, as allauth counts a password
_RECENT = 300


def _page(view: Callable[..., Any], *methods: str, again: bool = True) -> Callable[..., HttpResponse]:
    """A page for everyone who is signed in; ``again``: only after a recent proof of who is there."""

    @require_http_methods(methods or ("GET", "POST"))
    @signed_in
    def page(request: HttpRequest, caller: Caller, **rest: Any) -> HttpResponse:
        if again and (answer := _to_provider(request)):
            return answer
        answer = view(request, **rest)
        return cast(HttpResponse, answer.render() if hasattr(answer, "render") else answer)

    return page  # type: ignore[return-value]  # decorators of pages are less exact


def _to_provider(request: HttpRequest) -> HttpResponse | None:
    """To the provider, for those who have no other proof of who they are; None where it was asked just now."""
    user, name = cast(Any, request.user), request.session.get(SESSION)
    if not name or get_adapter(request).get_reauthentication_methods(user):
        return None
    records = get_authentication_records(request, user)
    if any(one["method"] == "socialaccount" and one["at"] > time.time() - _RECENT for one in records):
        return None
    return redirect(f"{reverse('sign_on', args=[name])}?{urlencode({'next': request.path})}")


def _record(request: HttpRequest, what: str) -> None:
    record_operation(new_operation(request.user.pk, CONSOLE, what))


class _Index(base.IndexView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "required": is_required(self.request.user)}


class _AddApp(totp.ActivateTOTPView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/app.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with one_transaction():
            answer: HttpResponse = super().form_valid(form)
            _record(self.request, "Second factor added: authenticator app")
        return answer


class _RemoveApp(totp.DeactivateTOTPView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/remove.html"
    extra_context = {"what": "app"}

    def form_valid(self, form: Any) -> HttpResponse:
        with one_transaction():
            answer: HttpResponse = super().form_valid(form)
            _record(self.request, "Second factor removed: authenticator app")
        return answer


class _AddKey(keys.AddWebAuthnView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/key.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with one_transaction():
            answer: HttpResponse = super().form_valid(form)
            _record(self.request, "Second factor added: security key")
        return answer


class _RemoveKey(keys.RemoveWebAuthnView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/remove.html"
    success_url = reverse_lazy("mfa_index")
    extra_context = {"what": "key"}

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        with one_transaction():
            answer: HttpResponse = super().form_valid(form)
            _record(self.request, "Second factor removed: security key")
        return answer


class _NewCodes(recovery.GenerateRecoveryCodesView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/new_codes.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with one_transaction():
            answer: HttpResponse = super().form_valid(form)
            _record(self.request, "Recovery codes replaced")
        return answer


class _Ask(base.AuthenticateView):  # type: ignore[misc]
    template_name = f"{_FOLDER}/ask.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        of_user = Authenticator.objects.filter(user_id=self.stage.login.user.pk)
        return {**found, "has_key": of_user.filter(type=Authenticator.Type.WEBAUTHN).exists()}


def _codes(request: HttpRequest) -> HttpResponse:
    if not Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES).exists():
        raise Http404
    return cast(HttpResponse, recovery.ViewRecoveryCodesView.as_view(template_name=f"{_FOLDER}/codes.html")(request))


index = _page(_Index.as_view(), "GET", again=False)
add_app, remove_app = _page(_AddApp.as_view()), _page(_RemoveApp.as_view())
add_key, remove_key = _page(_AddKey.as_view()), _page(_RemoveKey.as_view())
codes, new_codes = _page(_codes, "GET"), _page(_NewCodes.as_view())
ask = _Ask.as_view()
code_again = base.ReauthenticateView.as_view(template_name=f"{_FOLDER}/again.html")
key_again = keys.ReauthenticateWebAuthnView.as_view(template_name=f"{_FOLDER}/again_key.html")


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class PasswordAgain(ReauthenticateView):  # type: ignore[misc]
    """The password, before something is changed; looked at only if the limiter takes the attempt."""

    template_name = f"{_FOLDER}/again.html"

    def get_form(self, form_class: Any = None) -> Any:
        """Return allauth's form with the words of the other pages."""
        form = super().get_form(form_class)
        field = form.fields["password"]
        field.label, field.help_text, field.widget.attrs["placeholder"] = _("Your password"), "", ""
        return form

    def post(self, request: HttpRequest, *_args: Any, **_rest: Any) -> HttpResponse:
        """The page that asked for it, or this one again."""
        attempt = begin_own_attempt(request)
        if attempt.wait:
            return too_many_attempts(request, attempt.wait)
        form = self.get_form()
        if not form.is_valid():
            fail_attempt(attempt)
            return cast(HttpResponse, self.form_invalid(form))
        end_attempt(attempt)
        return cast(HttpResponse, self.form_valid(form))


@method_decorator(login_stage_required(stage=SetUpStage.key, redirect_urlname="account_login"), name="dispatch")
class SetUp(FormView):  # type: ignore[type-arg]  # can't be subscripted at run time
    """The authenticator app of someone who may not go on without a second factor: within the login."""

    template_name = f"{_FOLDER}/set_up.html"
    form_class = ActivateForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Who is about to log in."""
        return {**super().get_form_kwargs(), "user": self._user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What to scan, or to type."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "totp_svg_data_uri": picture_of(self._user, found["form"].secret)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Goes on with the login, and shows the recovery codes."""
        with one_transaction():
            app = TOTP.activate(self._user, form.secret).instance
            RecoveryCodes.activate(self._user)
            record_operation(new_operation(self._user.pk, CONSOLE, "Second factor added: authenticator app"))
        clear_totp_secret(self.request)
        record_authentication(self.request, self._user, "mfa", id=app.pk, type=app.type, reauthenticated=True)
        answer = cast(HttpResponse, cast(Any, self.request)._login_stage.exit())
        if not self.request.user.is_authenticated:
            return answer
        messages.info(self.request, _("Your second factor is set up. Keep these recovery codes in a safe place."))
        return redirect("mfa_view_recovery_codes")

    @property
    def _user(self) -> Any:
        return cast(Any, self.request)._login_stage.login.user


def picture_of(user: Any, secret: str) -> str:
    """Return the QR code as the address of a picture."""
    adapter = get_mfa_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret)).encode()
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
