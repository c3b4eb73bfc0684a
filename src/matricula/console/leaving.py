"""Logging out, in whatever way: front ends must not take the browser for one in which that person is logged in."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from matricula.foundation.login_cookie import NAME, remove_login_cookie, shown_account


class LeavingMiddleware:
    """Removes the login cookie of front ends once it shows someone else than the session, or there is no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the page."""
        answer = self.get_response(request)
        if NAME in request.COOKIES and (not request.user.is_authenticated or shown_account(request) != request.user.pk):
            remove_login_cookie(request, answer)
        return answer
