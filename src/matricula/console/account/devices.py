"""Known devices: browsers in which an account has logged in. Guessing from elsewhere can't keep them out.

A signed cookie names the account by its number, and proves a password by a keyed hash of its stored form. With another
password, or after logging out everywhere, the device is as unknown as any (``guessing.writes``, decision 0018).
"""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from matricula.foundation.folding import fold
from matricula.foundation.text import holds_nul

COOKIE = "devices"
_SALT = "matricula.console.devices"
_SECONDS = 365 * 24 * 3600
# people who share a browser; the one who logged in longest ago is dropped
_MOST = 5

# account id, the device's own name, the proof of the password
_Entry = tuple[int, str, str]


def known_device(request: HttpRequest, identifier: str) -> str:
    """Return the device's name if the account with this username or email has logged in here, else ""."""
    entries = {account_id: (name, proof) for account_id, name, proof in _entries(request)}
    if not entries or holds_nul(identifier):
        return ""
    # as the login looks for it: what has the form of an address is one
    key = fold(identifier)
    field = "email_key" if "@" in key else "username_key"
    account = get_user_model().objects.filter(pk__in=list(entries), **{field: key}).first()
    if account is None:
        return ""
    name, proof = entries[account.pk]
    return name if constant_time_compare(proof, _proof(account)) else ""


def remember_device(request: HttpRequest, answer: HttpResponse, account: Any) -> None:
    """Make the browser known for the account, as its password is now: call it once the password was proved."""
    others = [entry for entry in _entries(request) if entry[0] != account.pk]
    entries = [(account.pk, secrets.token_urlsafe(12), _proof(account)), *others][:_MOST]
    answer.set_cookie(
        COOKIE,
        signing.dumps(entries, salt=_SALT),
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _entries(request: HttpRequest) -> list[_Entry]:
    try:
        return [tuple(entry) for entry in signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_SECONDS)]
    except signing.BadSignature:
        return []


def _proof(account: Any) -> str:
    # the generation: what ends an account's sessions ends its known devices too
    return salted_hmac(_SALT, f"{account.generation} {account.password}", algorithm="sha256").hexdigest()[:32]
