"""Codes: counted by the limiter of guessing, and each good once, whichever process is asked."""

from typing import Any

import structlog
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.fernet import InvalidToken
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.console.second_factor.adapter import WRONG_CODE
from matricula.foundation.transactions import one_transaction
from matricula.guessing.clients import client_address
from matricula.guessing.rules import SECOND_FACTOR
from matricula.guessing.writes import Attempt, begin_attempt, end_attempt, fail_attempt

_log = structlog.get_logger("matricula.sign_on")
_CODE = gettext_lazy("Code")
_APP, _RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


class _Counted(forms.Form):
    """A form with a code."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _CODE
        code.widget.attrs.update(placeholder="", inputmode="text", autocomplete="one-time-code", maxlength=32)

    def begin(self) -> Attempt:
        """Errors: too many codes were wrong lately."""
        attempt = begin_attempt(SECOND_FACTOR, str(self.user.pk), client_address(context.request.META))
        if attempt.wait:
            text = _("Too many wrong codes. Wait %(seconds)d seconds and try again.")
            raise forms.ValidationError(text % {"seconds": attempt.wait})
        return attempt


class _Asked(_Counted):
    authenticator: Authenticator

    def clean_code(self) -> str:
        """Errors: it is no code of the app or of the list, or was used before."""
        attempt, code = self.begin(), str(self.cleaned_data["code"])
        found = _use(self.user, code)
        if found is None:
            fail_attempt(attempt)
            raise forms.ValidationError(WRONG_CODE)
        end_attempt(attempt)
        self.authenticator = found
        return code


class CodeForm(_Asked, AuthenticateForm):  # type: ignore[misc]
    """A code, within the login."""


class CodeAgainForm(_Asked, ReauthenticateForm):  # type: ignore[misc]
    """A code, before something is changed."""


class ActivateForm(_Counted, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app."""

    secret: str

    def clean_code(self) -> str:
        """Errors: the app shows another one."""
        attempt, code = self.begin(), str(self.cleaned_data["code"])
        if _step_of(self.secret, code) is None:
            fail_attempt(attempt)
            raise forms.ValidationError(WRONG_CODE)
        end_attempt(attempt)
        return code


class KeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new security key."""

    name = forms.CharField(required=False, max_length=100, label=gettext_lazy("Name of the key"))


def _use(user: Any, code: str) -> Authenticator | None:
    """Return what the code belongs to, and use it up; two requests with one code wait for each other."""
    with one_transaction():
        held = Authenticator.objects.select_for_update().filter(user_id=user.pk, type__in=(_APP, _RECOVERY))
        for authenticator in held.order_by("pk"):
            try:
                if _is_used(authenticator, code):
                    authenticator.user = user
                    return authenticator
            except InvalidToken:
                _log.error("second_factor_unreadable", account=user.pk, remedy="was SECRET_KEY changed?")
    return None


def _is_used(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == _RECOVERY:
        return bool(authenticator.wrap().validate_code(code))
    step = _step_of(decrypt(authenticator.data["secret"]), code)
    if step is None or step <= authenticator.data.get("step", 0):
        return False
    authenticator.data["step"] = step
    authenticator.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str) -> int | None:
    """Return the half minute whose code it is."""
    return next(
        (
            counter
            for counter in totp.yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter)))
        ),
        None,
    )
