"""The ways in for people who are not logged in: signing up, asking for a link, following it.

No answer reveals whether an address has an account (``enrollments.sign_ups``).
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from matricula.console.account.devices import remember_device
from matricula.console.account.passwords import NewPasswordForm, with_passwords
from matricula.console.limits import count_visit, too_many_attempts
from matricula.enrollments.course.rules import looks_like_address
from matricula.foundation.addresses import public_root
from matricula.foundation.folding import fold
from matricula.guessing.rules import PASSWORD_RESET
from matricula.guessing.rules import SIGN_UP as SIGN_UPS
from matricula.identity.own_accounts import Answer, reset_password
from matricula.identity.sign_ups import SignUp, confirm_sign_up, find_by_link, send_way_in, sign_up
from matricula.journal.statuses import SIGN_UP
from matricula.journal.writes import new_operation
from matricula.learners.links import ACTIVATE, RESET
from matricula.learners.rows import AccountRow
from matricula.learners.usernames import username_validators

MAX_ADDRESS = 254
# in the session of the browser that signed up: the account that it made, whose password it knows
_MADE_HERE = "signed_up"


class AddressField(forms.EmailField):
    """An address that mail can be sent to."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=MAX_ADDRESS, **rest)
        self.widget.attrs["autocomplete"] = "email"

    def clean(self, value: Any) -> Any:
        """Errors: it has not the form of one."""
        address = super().clean(value)
        if address and not looks_like_address(address):
            raise forms.ValidationError(_("This email address isn't valid. Correct it and try again."))
        return address


class AddressForm(forms.Form):
    """An address."""

    email = AddressField(label=gettext_lazy("Email address"))


class SignUpForm(NewPasswordForm):
    """An account, with a name as staff will see it."""

    email = AddressField(label=gettext_lazy("Email address"))
    username = forms.CharField(max_length=255, label=gettext_lazy("Username"), validators=username_validators)
    first_name = forms.CharField(
        max_length=150, required=False, label=gettext_lazy("First name"), help_text=gettext_lazy("Optional")
    )
    last_name = forms.CharField(
        max_length=150, required=False, label=gettext_lazy("Last name"), help_text=gettext_lazy("Optional")
    )
    field_order = ("email", "username", "password1", "password2", "first_name", "last_name")

    def clean_username(self) -> str:
        """Errors: it could be someone else's address, and then neither of the two could be enrolled by it."""
        username = str(self.cleaned_data["username"])
        if "@" in username:
            raise forms.ValidationError(_("A username can't contain an @. Choose another one."))
        return username

    def resembling(self, given: dict[str, Any]) -> Any:
        """What is being typed."""
        names = ("username", "email", "first_name", "last_name")
        return get_user_model()(**{name: given.get(name, "") for name in names})


@with_passwords
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Makes an account that waits for its address to be confirmed."""
    if request.user.is_authenticated:
        return redirect("home")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        if wait := count_visit(request, SIGN_UPS, given["email"]):
            return too_many_attempts(request, wait)
        wanted = SignUp(
            username=given["username"],
            email=given["email"],
            password=given["password1"],
            first_name=given["first_name"],
            last_name=given["last_name"],
            language=get_language() or settings.LANGUAGE_CODE,
        )
        done = sign_up(new_operation(None, SIGN_UP), wanted, public_root(request))
        if not done.username_taken:
            # also where no account was made: the answer is the same
            request.session[_MADE_HERE] = done.account_id or 0
            return redirect("account_email_verification_sent")
        form.add_error("username", _("This username is taken. Choose another one."))
    return render(request, "matricula/sign_up.html", {"form": form}, status=400 if form.is_bound else 200)


@with_passwords
@require_GET
def mail_sent(request: HttpRequest) -> HttpResponse:
    """Says where to look next."""
    return render(request, "matricula/mail_sent.html")


@with_passwords
@never_cache
@require_http_methods(["GET", "POST"])
def ask_for_link(request: HttpRequest, purpose: str) -> HttpResponse:
    """Sends the owner of an address a way in: which one, depends on the account, not on the page."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        if wait := count_visit(request, PASSWORD_RESET, email):
            return too_many_attempts(request, wait)
        language = get_language() or settings.LANGUAGE_CODE
        send_way_in(new_operation(None, SIGN_UP), email, public_root(request), language)
        return redirect("account_email_verification_sent")
    context = {"form": form, "purpose": purpose}
    return render(request, "matricula/ask_for_link.html", context, status=400 if form.is_bound else 200)


@with_passwords
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest, key: str) -> HttpResponse:
    """Confirms the address of a link. A browser that did not sign up chooses a new password: someone else may have
    signed up with this address, and knows the one that was chosen then.
    """
    row = find_by_link(ACTIVATE, key)
    if row is None:
        return _dead(request)
    form: forms.Form
    if request.session.get(_MADE_HERE) == row.id:
        form = forms.Form(request.POST if request.method == "POST" else None)
    else:
        form = NewPasswordForm(request.POST if request.method == "POST" else None, account=row)
    if form.is_valid():
        confirmed = confirm_sign_up(key, form.cleaned_data.get("password1"), SIGN_UP)
        if confirmed is None:
            return _dead(request)
        if confirmed.account_id is None:
            return render(request, "matricula/name_taken.html", {"username": row.username}, status=409)
        request.session.pop(_MADE_HERE, None)
        messages.info(request, _("Your account is active. You can log in now."))
        return _to_login(request, row)
    context = {"form": form, "row": row, "purpose": ACTIVATE}
    return render(request, "matricula/follow_link.html", context, status=400 if form.is_bound else 200)


@with_passwords
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest, key: str) -> HttpResponse:
    """Sets the password of the account of a link."""
    row = find_by_link(RESET, key)
    if row is None:
        return _dead(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, account=row)
    if form.is_valid():
        if reset_password(key, form.cleaned_data["password1"], SIGN_UP, public_root(request)) is not Answer.DONE:
            return _dead(request)
        messages.info(request, _("Your password was changed. You can log in now."))
        return _to_login(request, row)
    context = {"form": form, "row": row, "purpose": RESET}
    return render(request, "matricula/follow_link.html", context, status=400 if form.is_bound else 200)


def _to_login(request: HttpRequest, row: AccountRow) -> HttpResponse:
    """To the login, which someone else's guessing does not close to the owner of the address."""
    answer = redirect("account_login")
    remember_device(request, answer, get_user_model().objects.get(email_key=fold(row.email)))
    return answer


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "matricula/dead_link.html", status=404 if request.method == "GET" else 409)
