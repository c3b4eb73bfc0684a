"""The reader's own account: name and language, password, sessions, API clients."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST

from matricula.access.holders import list_clients, list_tokens
from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.pages import changes_password, signed_in
from matricula.enrollments.accounts import save_accounts
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest, hash_password_anew

_SHOWN = 100


class ProfileForm(forms.Form):
    """Name and language."""

    first_name = forms.CharField(max_length=150, required=False, label=gettext_lazy("First name"))
    last_name = forms.CharField(max_length=150, required=False, label=gettext_lazy("Last name"))
    language = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("as my browser asks")), *settings.LANGUAGES],
        help_text=gettext_lazy("Of these pages, and of mail to you."),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What there is to change; a changed name or language is saved."""
    user = cast(Any, request.user)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(user, name) for name in ProfileForm.base_fields},
    )
    if form.is_valid():
        wanted = AccountRequest(username=user.username, email=user.email, **form.cleaned_data)
        save_accounts(new_operation(caller.account_id, CONSOLE), [wanted])
        return _saved(request, form.cleaned_data["language"])
    context = {
        "form": form,
        "addresses": EmailAddress.objects.filter(user_id=caller.account_id).order_by("-primary", "email"),
        "clients": list_clients(account_id=caller.account_id, limit=_SHOWN),
        "tokens": list_tokens(caller.account_id, limit=_SHOWN),
    }
    return render(request, "matricula/account.html", context, status=400 if form.is_bound else 200)


def _saved(request: HttpRequest, language: str) -> HttpResponse:
    """Back to the page, which speaks the new language."""
    with override(language or None):
        messages.info(request, _("Saved."))
    answer = redirect("account")
    if language:
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return answer


@require_POST
@signed_in
@changes_password
def end_other_sessions(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Logs the account out everywhere but here."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        messages.error(request, _("Too many tries; wait a minute."))
    elif hash_password_anew(caller.account_id, inputs.as_typed(request.POST, "password")):
        user = cast(Any, request.user)
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        messages.info(request, _("You are logged out everywhere else."))
    else:
        messages.error(request, _("This is not your password; nobody was logged out."))
    return redirect("account")
