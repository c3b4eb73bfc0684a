"""The reader's own account: name and language, password, address, sessions, API clients.

Each change is made on the account as it is then (``enrollments.own_accounts``), never on the reader's object, which
was read before the form arrived.
"""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from matricula.access.holders import list_clients, list_tokens
from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.account.devices import remember_device
from matricula.console.account.passwords import NewPasswordForm, password_field
from matricula.console.account.sign_up import AddressField
from matricula.console.limits import begin_own_attempt, too_many_attempts
from matricula.console.pages import changes_password, signed_in
from matricula.console.sign_on.providers import list_providers
from matricula.foundation.addresses import public_root
from matricula.guessing.writes import Attempt, end_attempt, fail_attempt
from matricula.identity.own_accounts import (
    Answer,
    ask_for_address,
    change_password,
    change_profile,
    confirm_address,
    end_sessions,
    keep_address,
)
from matricula.identity.providers.reads import list_logins
from matricula.identity.sign_ups import find_by_link
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import Operation, new_operation
from matricula.learners.links import ADDRESS

_SHOWN = 100
_END_CLIENTS = gettext_lazy("Also delete my API clients")


class ProfileForm(forms.Form):
    """Name, language, and which mails are wanted."""

    first_name = forms.CharField(
        max_length=150, required=False, label=gettext_lazy("First name"), show_hidden_initial=True
    )
    last_name = forms.CharField(
        max_length=150, required=False, label=gettext_lazy("Last name"), show_hidden_initial=True
    )
    language = forms.ChoiceField(
        required=False,
        show_hidden_initial=True,
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("from my browser")), *settings.LANGUAGES],
        help_text=gettext_lazy("For these pages and for email to you"),
    )
    wants_plan_mail = forms.BooleanField(
        required=False,
        show_hidden_initial=True,
        label=gettext_lazy("Email me when a plan that I may approve is waiting for approval"),
    )

    def changes(self) -> dict[str, Any]:
        """What the reader changed: what the page showed and the reader left may be another by now, and stays so."""
        shown = {name: self.data.get(self.add_initial_prefix(name), self.initial[name]) for name in self.fields}
        # a box that is not checked sends nothing, as a page without the box
        was_checked = self.data.get(self.add_initial_prefix("wants_plan_mail"))
        shown["wants_plan_mail"] = (
            self.cleaned_data["wants_plan_mail"] if was_checked is None else was_checked == "True"
        )
        return {name: value for name, value in self.cleaned_data.items() if value != shown[name]}


class PasswordForm(NewPasswordForm):
    """The password as it is, and the new one."""

    oldpassword = password_field(gettext_lazy("Your password"))
    end_clients = forms.BooleanField(required=False, label=_END_CLIENTS)
    field_order = ("oldpassword", "password1", "password2", "end_clients")


class EmailForm(forms.Form):
    """A new address, and the password."""

    email = AddressField(
        label=gettext_lazy("New address"),
        help_text=gettext_lazy("We'll send a link there. Nothing changes until you follow it."),
    )
    password = password_field(gettext_lazy("Your password"))


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What there is to change; a changed name or language is saved."""
    user = _own(request)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(user, name) for name in ProfileForm.base_fields},
    )
    if form.is_valid():
        if change_profile(_operation(caller), user.pk, user.generation, form.changes()) is not Answer.DONE:
            return _session_ended(request)
        back = inputs.choice(request.POST, "back", ("home", "my"), "account")
        return _saved(request, form.cleaned_data["language"], back)
    context = {
        "form": form,
        "clients": list_clients(account_id=caller.account_id, limit=_SHOWN),
        "tokens": list_tokens(caller.account_id, limit=_SHOWN),
        "has_password": _has_password(user),
        "logins": _logins_of(user.pk),
    }
    return render(request, "matricula/account.html", context, status=400 if form.is_bound else 200)


def _has_password(user: Any) -> bool:
    return bool(user.may_use_password and user.has_usable_password())


def _logins_of(account_id: int) -> list[str]:
    """The titles of the providers at which the account logs in."""
    providers = list_providers()
    names = {login.provider for login in list_logins(account_id)} if providers else set()
    return [provider.title for provider in providers if provider.name in names]


def _saved(request: HttpRequest, language: str, page: str) -> HttpResponse:
    """Back to the page, which speaks the new language."""
    with override(language or None):
        messages.info(request, _("Saved."))
    answer = redirect(page)
    if language:
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return answer


@require_POST
@signed_in
@changes_password
@sensitive_post_parameters("password")
def end_other_sessions(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Logs the account out everywhere but here."""
    user = _own(request)
    # who has none is logged in, and ends sessions: that is no harm
    password = inputs.as_typed(request.POST, "password") if _has_password(user) else None
    clients = inputs.is_given(request.POST, "end_clients")
    attempt = begin_own_attempt(request)
    if attempt.wait:
        return too_many_attempts(request, attempt.wait)
    done = _counted(attempt, end_sessions(_operation(caller), user.pk, user.generation, password, end_clients=clients))
    if done is Answer.GONE:
        return _session_ended(request)
    if done is Answer.DONE:
        _stay(request, user.pk)
        messages.info(request, _("You are logged out everywhere else."))
    else:
        messages.error(request, _("This isn't your password. You are still logged in elsewhere."))
    return redirect("account")


@require_http_methods(["GET", "POST"])
@signed_in
@changes_password
@sensitive_post_parameters("oldpassword", "password1", "password2")
def password(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A new password; every other session and every token ends."""
    user = _own(request)
    if not user.may_use_password:
        raise Http404
    form = PasswordForm(request.POST if request.method == "POST" else None, account=user)
    if form.is_valid():
        attempt, given = begin_own_attempt(request), form.cleaned_data
        if attempt.wait:
            return too_many_attempts(request, attempt.wait)
        done = change_password(
            _operation(caller), user.pk, user.generation, given["oldpassword"], given["password1"],
            public_root(request), end_clients=given["end_clients"],
        )  # fmt: skip
        if _counted(attempt, done) is Answer.GONE:
            return _session_ended(request)
        if done is Answer.DONE:
            messages.info(request, _("Your password was changed. You are logged out everywhere else."))
            answer = redirect("account")
            remember_device(request, answer, _stay(request, user.pk))
            return answer
        form.add_error("oldpassword", _("This isn't your password. Nothing was changed."))
    return render(request, "matricula/password.html", {"form": form}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
@sensitive_post_parameters("password")
def email(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Asks for another address, or takes that back."""
    user = _own(request)
    if not user.may_use_password:
        # the address follows the one at the provider
        raise Http404
    if inputs.is_given(request.POST, "keep"):
        done = keep_address(_operation(caller), user.pk, user.generation)
        return redirect("account_email") if done is Answer.DONE else _session_ended(request)
    form = EmailForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        attempt, given = begin_own_attempt(request), form.cleaned_data
        if attempt.wait:
            return too_many_attempts(request, attempt.wait)
        done = ask_for_address(
            _operation(caller), user.pk, user.generation, given["password"], given["email"], public_root(request)
        )
        if _counted(attempt, done) is Answer.GONE:
            return _session_ended(request)
        if done is Answer.DONE:
            return redirect("account_email")
        form.add_error("password", _("This isn't your password. Nothing was changed."))
    context = {"form": form, "account": user}
    return render(request, "matricula/email.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def new_address(request: HttpRequest, key: str) -> HttpResponse:
    """Follows the link that was sent to a new address; anyone who has the link need not be logged in."""
    row = find_by_link(ADDRESS, key)
    done = Answer.GONE if row is None else None
    if row is not None and request.method == "POST":
        done = confirm_address(key, CONSOLE, public_root(request))
        if done is Answer.DONE:
            if row.id is not None and request.user.pk == row.id:
                _stay(request, row.id)
            messages.info(request, _("The email address of your account was changed."))
            return redirect("account" if request.user.is_authenticated else "account_login")
    if done is not None:
        return render(request, "matricula/dead_link.html", status=404 if request.method == "GET" else 409)
    return render(request, "matricula/follow_link.html", {"form": forms.Form(), "row": row, "purpose": ADDRESS})


def _own(request: HttpRequest) -> Any:
    return cast(Any, request.user)


def _operation(caller: Caller) -> Operation:
    return new_operation(caller.account_id, CONSOLE)


def _counted(attempt: Attempt, done: Answer) -> Answer:
    """Reports to the limiter of guessing whether the password was right."""
    if done is Answer.WRONG_PASSWORD:
        fail_attempt(attempt)
    elif done is Answer.DONE:
        end_attempt(attempt)
    return done


def _stay(request: HttpRequest, account_id: int) -> Any:
    """This browser stays logged in, where all other sessions of the account have ended."""
    account = get_user_model().objects.get(pk=account_id)
    request.user = account
    update_session_auth_hash(request, account)
    return account


def _session_ended(request: HttpRequest) -> HttpResponse:
    """An operator changed the account while the form was on its way."""
    messages.error(request, _("Your account was changed in the meantime, so your changes weren't saved. Log in again."))
    return redirect("account_login")
