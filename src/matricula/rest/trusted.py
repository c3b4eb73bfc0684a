"""Callers with a token of another site: verified, and led to their account (front-ends: Tokens of another site)."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from matricula.access.issuers.reading import IssuersInvalid
from matricula.access.issuers.tokens import Trust, read_trust
from matricula.access.statuses import ClaimIs, TokenProblem
from matricula.foundation import login_cookie
from matricula.identity.claims import find_claimed, make_claimed

_log = structlog.get_logger("matricula.api")


class TrustedCaller(NamedTuple):
    """Whose token it is, and what it allows."""

    account_id: int
    scopes: frozenset[str]


@cache
def _trust_of(path: Path | None) -> Trust:
    try:
        return read_trust(path)
    except IssuersInvalid as invalid:
        raise ImproperlyConfigured(str(invalid)) from None


def _trust() -> Trust:
    return _trust_of(settings.ENVIRONMENT.issuers)


# a process with a wrong file doesn't start
_trust()


def begin_fetches() -> None:
    """The keys of all issuers are fetched, in the background, before requests need them."""
    _trust().begin_fetches()


def is_of_another_site(token: str) -> bool:
    """True if a token has the form of a JWT, which Matricula's own don't have, and there are trusted issuers."""
    return token.count(".") == 2 and bool(_trust())


def token_of_cookies(request: HttpRequest) -> str | None:
    """The token that is in two cookies, where the request says that they shall count."""
    if request.headers.get("USE-JWT-COOKIE", "").strip().lower() != "true":
        return None
    payload, signature = (request.COOKIES.get(name, "") for name in (login_cookie.NAME, login_cookie.SIGNATURE))
    token = f"{payload}.{signature}"
    return token if payload and signature and is_of_another_site(token) else None


def find_trusted_caller(token: str) -> TrustedCaller | None:
    """The active account that a good token names; None for any other, with the reason in the log."""
    found = _trust().verify(token)
    if isinstance(found, TokenProblem):
        _log.info("jwt_rejected", reason=found.value)
        return None
    person, by_email = found.person, found.issuer.claim_is == ClaimIs.EMAIL
    account_id = find_claimed(person, by_email=by_email)
    if account_id is None and found.issuer.create_accounts:
        account_id = make_claimed(person, found.issuer.name, by_email=by_email)
    if account_id is None:
        _log.info("jwt_rejected", reason=TokenProblem.ACCOUNT.value, issuer=found.issuer.name)
        return None
    return TrustedCaller(account_id, found.scopes)
