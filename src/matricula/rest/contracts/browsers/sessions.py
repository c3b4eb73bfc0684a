"""What a browser needs to act for a person who is logged in: a CSRF token, and a cookie that scripts can read."""

import time

from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token

from matricula.foundation.login_cookie import SECONDS, set_login_cookie
from matricula.learners.reads import find_learner
from matricula.rest.callers import not_signed_in
from matricula.rest.contracts.browsers.schemas import CsrfToken, LoginRefreshed
from matricula.rest.endpoint import PlainCall, answer_json


def get_csrf_token(call: PlainCall) -> HttpResponse:
    """200: a token, and the cookie that belongs to it."""
    check = CsrfViewMiddleware(lambda _: HttpResponse())
    # the browser's cookie, if it has one: tokens that pages have shown must stay good
    check.process_request(call.request)
    answer = answer_json(CsrfToken(get_token(call.request)))
    check.process_response(call.request, answer)
    return answer


def refresh_login(call: PlainCall) -> HttpResponse:
    """200: the cookie that shows who is logged in."""
    caller = call.signed_in
    account = find_learner(caller.account_id)
    if account is None:
        raise not_signed_in()
    now = int(time.time())
    answer = answer_json(LoginRefreshed(now))
    set_login_cookie(
        answer,
        {
            "exp": now + SECONDS,
            "user_id": account.id,
            "preferred_username": account.username,
            "email": account.email,
            "name": account.full_name,
            # those of the APIs depend on courses and programs, and are checked there
            "roles": [],
            "administrator": caller.is_global_staff,
        },
    )
    return answer
