"""Logging out, in whatever way: front ends must not take the browser for one in which that person is logged in."""

from collections.abc import Callable

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from matricula.foundation.login_cookie import NAME, remove_login_cookie, shown_account


class EndedSessionMiddleware(SessionMiddleware):
    """Django's own, for people who log out while a request is still answered, as a page that asks for news does."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer. What it was to remember ends with the session: what was done is done, and is no bad request."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            # no cookie is removed: the browser may hold that of the next login by now
            patch_vary_headers(response, ("Cookie",))
            return response


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
