"""What tests of accounts share: mails with their links, and a form that is held back while an operator acts."""

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client as HttpClient

from matricula.identity.accounts import change_account
from matricula.journal.writes import new_operation
from matricula.models import Account, OutgoingMail
from matricula.notices.rendering import render_notice
from tests.conftest import PASSWORD

NEW_PASSWORD = "quite-another-long-secret"
SIGN_UP = {
    "email": "new@example.org",
    "username": "newcomer",
    "password1": "a-long-new-password",
    "password2": "a-long-new-password",
}


def mails(to: str | None = None) -> list[str]:
    """The kinds of the queued mails, the oldest first."""
    found = OutgoingMail.objects.order_by("id")
    return list((found if to is None else found.filter(to=to)).values_list("kind", flat=True))


def last_mail(to: str) -> str:
    mail = OutgoingMail.objects.filter(to=to).latest("id")
    return render_notice(mail.kind, mail.to, mail.language, mail.context).text


def link_to(to: str) -> str:
    """The path of the link in the latest mail to an address that lets its reader in."""
    [link] = re.findall(r"http://\S+(?:confirm-email|key|email)/[\w-]+/", last_mail(to))
    return urlsplit(link).path


def logged_in(name: str = "sam", password: str = PASSWORD) -> HttpClient:
    http = HttpClient()
    assert http.post("/login/", {"login": name, "password": password}).status_code == 302
    return http


def gets_in(name: str, password: str = PASSWORD) -> bool:
    http = HttpClient()
    http.post("/login/", {"login": name, "password": password})
    return http.get("/account/").status_code == 200


def operator_changes(account: Account, password: str | None = None, **changes: Any) -> None:
    assert change_account(new_operation(None, "console"), account.pk, changes, password) is not None


def state(account: Account) -> dict[str, Any]:
    """All columns as they are stored, but for the day of the last login."""
    return {**Account.objects.filter(pk=account.pk).values().get(), "logged_in": None}


class _HeldBody(io.RawIOBase):
    """A body that arrives when something else has happened."""

    def __init__(self, body: bytes, meanwhile: Callable[[], None]) -> None:
        self._body = io.BytesIO(body)
        self._meanwhile: Callable[[], None] | None = meanwhile

    def read(self, size: int = -1) -> bytes:
        if self._meanwhile:
            happen, self._meanwhile = self._meanwhile, None
            happen()
        return self._body.read(size)

    def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        return self._body.readline(size if size is not None else -1)


def held_post(http: HttpClient, path: str, fields: dict[str, Any], meanwhile: Callable[[], None]) -> Any:
    """Sends a form whose body the server gets to read only after ``meanwhile``."""
    body = urlencode(fields).encode()
    held: dict[str, Any] = {"wsgi.input": _HeldBody(body, meanwhile), "CONTENT_LENGTH": str(len(body))}
    return http.generic("POST", path, body, content_type="application/x-www-form-urlencoded", **held)
