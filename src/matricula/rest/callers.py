"""Who is calling: a token, Matricula's or another site's, or a session, looked up together with the course run or
program asked for.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from matricula.access.permits import Session
from matricula.access.reads import Caller, CourseAccess, find_caller_by_account, find_caller_by_token
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.rates import Rates
from matricula.rest.trusted import find_trusted_caller, is_of_another_site, token_of_cookies

Access = TypeVar("Access")
# JWT is what clients of the old service say, also for Matricula's own tokens
_SCHEMES = ("bearer", "jwt")
SAFE_METHODS = ("GET", "HEAD")
_SESSIONS = import_module(settings.SESSION_ENGINE)
_rates = Rates(settings.ENVIRONMENT.rate_limit or "")


def authenticate(
    request: HttpRequest,
    by_token: Callable[[str], tuple[Caller, Access] | None],
    by_account: Callable[[int], tuple[Caller, Access] | None],
) -> tuple[Caller, Access]:
    """What the look-up finds for the token of the request, or else for the account of its session.

    A token counts only in the ``Authorization`` header, never in the address; one of another site also in its two
    cookies. If those are no good, the session counts: they may be what is left of an earlier login. Errors: 401.
    """
    header = request.headers.get("Authorization")
    found = None
    if header is not None:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() in _SCHEMES and token:
            found = _by_trusted(token, by_account) if is_of_another_site(token) else by_token(token)
    else:
        if (pair := token_of_cookies(request)) is not None:
            found = _by_trusted(pair, by_account, by_cookie=True)
        if found is None:
            found = _by_session(request, by_account)
    if found is None:
        raise not_signed_in()
    return found


def authenticate_in_course(request: HttpRequest, course_key: str | None) -> tuple[Caller, CourseAccess | None]:
    """Who is calling, with the access to the course run; None: there is none with this key. Errors: 401."""
    return authenticate(
        request,
        partial(find_caller_by_token, course_key=course_key),
        partial(find_caller_by_account, course_key=course_key),
    )


def _by_trusted(
    token: str, by_account: Callable[[int], tuple[Caller, Access] | None], *, by_cookie: bool = False
) -> tuple[Caller, Access] | None:
    trusted = find_trusted_caller(token)
    found = by_account(trusted.account_id) if trusted else None
    if trusted is None or found is None:
        return None
    caller, access = found
    return replace(caller, scopes=trusted.scopes, by_cookie=by_cookie), access


def _by_session(
    request: HttpRequest, by_account: Callable[[int], tuple[Caller, Access] | None]
) -> tuple[Caller, Access] | None:
    if (session := session_of(request)) is None:
        return None
    request.session = session
    user = get_user(request)
    if not user.is_authenticated:
        return None
    request.user = user
    return by_account(user.pk)


def not_signed_in() -> BrokenRequest:
    """401."""
    return BrokenRequest(
        errors.AUTHENTICATION_REQUIRED,
        Message("Log in, or send a valid access token in the Authorization header."),
        headers={"WWW-Authenticate": 'Bearer realm="matricula"'},
    )


def signed_in_by(request: HttpRequest) -> Session | None:
    """What the session of the request is good with; None for a token."""
    user = getattr(request, "user", None)
    return None if user is None else Session(user.password, user.generation)


def session_of(request: HttpRequest) -> Any:
    """The session that the request's cookie names; None where it names none."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "\x00")
    return None if holds_nul(key) else _SESSIONS.SessionStore(key)


def check_scope(request: HttpRequest, caller: Caller) -> None:
    """Errors: 403 for a token without the scope that the method needs; without the CSRF token for a session, and for a
    token that a browser sends by itself.
    """
    needed = "read" if request.method in SAFE_METHODS else "write"
    if caller.scopes is not None and needed not in caller.scopes:
        raise BrokenRequest(
            errors.PERMISSION_DENIED,
            Message("This access token doesn't have the scope “%(scope)s”. Request one that does.", {"scope": needed}),
        )
    by_browser = caller.scopes is None or caller.by_cookie
    if by_browser and needed == "write" and (reason := _csrf_problem(request)):
        raise BrokenRequest(
            errors.PERMISSION_DENIED,
            Message("The CSRF token is missing or invalid. Reload the page and try again.", detail=reason),
        )


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002  Django's signature
        return reason


def _csrf_problem(request: HttpRequest) -> str | None:
    # the token comes in the header: a form is no body of this API, and a broken one must not be read
    request.POST = QueryDict()
    check = _CsrfCheck(lambda _: HttpResponse())
    check.process_request(request)
    return cast(str | None, check.process_view(request, lambda _: HttpResponse(), (), {}))


def check_rate(caller: Caller) -> None:
    """Errors: 429 once a caller sent more requests to this process than the limit in the current window."""
    if not (wait := _rates.count(caller.account_id)):
        return
    seconds = math.ceil(wait)
    raise BrokenRequest(
        errors.RATE_LIMITED,
        Message("Too many requests. Wait %(seconds)s seconds and try again.", {"seconds": seconds}),
        headers={"Retry-After": str(seconds)},
    )


def language_of(request: HttpRequest, caller: Caller | None) -> str:
    """The language to answer in: what the request asks for and we have, else the caller's own, else the site's."""
    asked = [code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())]
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    for code in (chosen, *asked, caller.language if caller else ""):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
