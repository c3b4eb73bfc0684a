"""Forms in which someone chooses a password."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

MAX_PASSWORD = 1024


def ways_in(_request: HttpRequest) -> dict[str, bool]:
    """For all pages: whether people sign up, and choose passwords."""
    return {"passwords": settings.ENVIRONMENT.passwords}


def with_passwords(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is about a password: it isn't there where passwords are switched off."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **rest: Any) -> HttpResponse:
        if not settings.ENVIRONMENT.passwords:
            raise Http404
        return view(request, *args, **rest)

    return page


def password_field(label: Any, *, new: bool = False, **rest: Any) -> forms.CharField:
    """A password, never shown again, with nothing cut off."""
    hint = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": hint})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=MAX_PASSWORD, **rest)


class NewPasswordForm(forms.Form):
    """A new password, typed twice; ``account`` is what it may not resemble."""

    password1 = password_field(_("New password"), new=True, help_text=lazy(password_validators_help_text_html, str)())
    password2 = password_field(_("Confirm new password"), new=True)

    def __init__(self, *args: Any, account: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean(self) -> dict[str, Any]:
        """Errors: the two differ, or the password is too easy to guess."""
        given: dict[str, Any] = super().clean() or {}
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The passwords don't match. Enter the same password twice."))
        elif first:
            try:
                validate_password(first, self.resembling(given))
            except ValidationError as error:
                self.add_error("password1", error)
        return given

    def resembling(self, _given: dict[str, Any]) -> Any:
        """The account whose names the password may not repeat."""
        return self.account
