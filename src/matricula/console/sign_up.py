"""Signing up, confirming the address, logging in: django-allauth, with our road for accounts that become active."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm
from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.models import EmailAddress, Login
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matricula.enrollments.accounts import activate_account
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.statuses import SIGN_UP
from matricula.journal.writes import new_operation


class SignUpForm(SignupForm):  # type: ignore[misc]
    """Sign-up with a name, as staff will see it."""

    first_name = forms.CharField(max_length=150, required=False, label=_("First name"), help_text=_("If you like."))
    last_name = forms.CharField(max_length=150, required=False, label=_("Last name"), help_text=_("If you like."))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts begin inactive; a confirmed address makes them active and enrolls them where they were invited."""

    def new_user(self, request: HttpRequest) -> Any:
        """An account that can't be used before its address is confirmed."""
        account = super().new_user(request)
        account.is_active = False
        account.language = get_language() or settings.LANGUAGE_CODE
        return account

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirms the address; in the same transaction the account becomes active and gets its enrollments."""
        with one_transaction():
            if not super().confirm_email(request, email_address):
                return False
            account = email_address.user
            if not _switched_off(account):
                activate_account(new_operation(account.pk, SIGN_UP), account.pk, email_address.email)
                account.is_active = True
        return True

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """A new account is sent its confirmation; an active one needs none: its address counts as confirmed."""
        if not user.is_active and not _switched_off(user):
            login = Login(user=user, email=user.email, signup=bool(kwargs.get("signup")))
            send_verification_email_at_login(request, login)
            return cast(HttpResponse, self.respond_email_verification_sent(request, user))
        if user.is_active and not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
            # the account was made active by a file, an operator or another system
            with one_transaction():
                # the unique address may still stand with an account that had it before
                EmailAddress.objects.filter(Q(user=user) | Q(email__iexact=user.email)).delete()
                EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
                activate_account(new_operation(user.pk, SIGN_UP), user.pk, user.email)
        return cast(HttpResponse | None, super().pre_login(request, user, **kwargs))

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Usernames are unique without the case of A to Z."""
        username = super().clean_username(username, shallow)
        if "@" in username:
            # it could be somebody else's address, and then neither of the two could be enrolled by it
            raise forms.ValidationError(_("A username may not hold an @; choose another one."))
        if not shallow and get_user_model().objects.filter(username_key=fold(username)).exists():
            raise forms.ValidationError(_("This username is taken; choose another one."))
        return username


def _switched_off(account: Any) -> bool:
    """True for an account that has been active and was made inactive by an operator."""
    return not account.is_active and account.activated is not None
