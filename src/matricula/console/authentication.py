"""Who logs in: one account for a name, asked of the accounts themselves; the rest of the login is allauth's."""

from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy

from matricula.console.limits import count_visit
from matricula.foundation.addresses import public_root
from matricula.foundation.folding import fold
from matricula.foundation.origins import origin_of
from matricula.foundation.text import holds_nul
from matricula.foundation.transactions import one_transaction
from matricula.guessing.rules import PASSWORD_RESET
from matricula.identity.sign_ups import send_way_in
from matricula.journal.statuses import SIGN_UP
from matricula.journal.writes import new_operation
from matricula.learners.writes import note_login, rehash_password


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Finds the account by its address or username without the case of A to Z, and checks one password for it.

    An address is asked for first: a username of that form is of no use where it is someone's address. Whether or not
    there is an account, the password is hashed once.
    """

    def _authenticate(self, _request: HttpRequest | None, **credentials: Any) -> Any:
        name, password = str(credentials.get("email") or credentials.get("username") or ""), credentials["password"]
        account = _find(fold(name)) if name and not holds_nul(name) and not holds_nul(password) else None
        found = self._check_password(account, password)
        if account is not None and (account.unconfirmed or not account.may_use_password):
            # as for a wrong password: where the address had an account, the sign-up made none (docs/decisions/0024),
            # and who keeps a password where they are switched off is no one's to find out
            self._stash_user(None)
            return None
        if found is not None:
            found.password = rehash_password(found.pk, found.password, password)
        return found


_NO_ENTRY = gettext_lazy(
    "Wrong username or password, or the email address isn't confirmed yet. Check your email, or request a new link."
)


# ids of allauth
_AGAIN = {
    "reauthenticate": gettext_lazy("Use your password"),
    "mfa_reauthenticate": gettext_lazy("Use your authenticator app or a recovery code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("Use your security key"),
}


def _find(key: str) -> Any:
    accounts = get_user_model().objects
    found = accounts.filter(email_key=key).first() if "@" in key else None
    return found or accounts.filter(username_key=key).first()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth may do with accounts: look at them. It saves nothing, mails nothing, and knows no addresses."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _NO_ENTRY,
        "email_password_mismatch": _NO_ENTRY,
    }

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Someone with the right password whose account was never active is sent the link that activates it.

        That is an account that a file or an operator made: one that signed up gets no further than a wrong password.
        """
        if not user.is_active and user.activated is None:
            if not count_visit(request, PASSWORD_RESET, user.email):
                send_way_in(new_operation(None, SIGN_UP), user.email, public_root(request), get_language() or "")
            return redirect("account_email_verification_sent")
        return cast(HttpResponse | None, super().pre_login(request, user, **kwargs))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Begins the session, and remembers when."""
        with one_transaction():
            super().login(request, user)
            note_login(user.pk)

    def is_safe_url(self, url: str) -> bool:
        """Whether ``next`` may lead there: to this very origin, or to a trusted one; scheme and port count."""
        own = origin_of(public_root(self.request) + "/")
        origin = origin_of(url)
        if origin and origin not in {own, *settings.CSRF_TRUSTED_ORIGINS}:
            return False
        # what browsers read in another way than Python, too
        return url_has_allowed_host_and_scheme(url, {urlsplit(origin or own).netloc})

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether this is the password of the account, as it is stored now."""
        account = get_user_model().objects.filter(pk=user.pk, is_active=True).first()
        return account is not None and account.may_use_password and account.check_password(password)

    def get_login_stages(self) -> list[str]:
        """The second factor: asked for where there is one, set up where one is required."""
        stages = "matricula.console.second_factor.stages"
        return [f"{stages}.{name}" for name in ("AskStage", "SetUpStage")]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Those of allauth, but for passwords that are switched off, and in our words."""
        found = [dict(one) for one in super().get_reauthentication_methods(user)]
        return [
            {**one, "description": _AGAIN[one["id"]]}
            for one in found
            if one["id"] != "reauthenticate" or user.may_use_password
        ]

    def set_password(self, user: Any, password: str) -> None:
        """Never by allauth."""
        raise NotImplementedError

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Never by allauth: mail goes through the table of outgoing mail."""
        raise NotImplementedError

    def is_email_verified(self, _request: HttpRequest, _email: str) -> bool:
        """Nothing that is in the session makes an address confirmed."""
        return False
