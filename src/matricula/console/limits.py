"""Guessing at passwords in the console: what a page answers while an attempt has to wait."""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matricula.enrollments.own_accounts import Answer
from matricula.guessing.clients import client_address
from matricula.guessing.rules import OWN_PASSWORD, Kind
from matricula.guessing.writes import begin_attempt, count_request, end_attempt, fail_attempt


def too_many_attempts(request: HttpRequest, wait: int) -> HttpResponse:
    """Return the page that says for how many seconds to wait."""
    context = {"seconds": wait if wait < 60 else 0, "minutes": math.ceil(wait / 60)}
    answer = render(request, "429.html", context, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def by_own_password(request: HttpRequest, change: Callable[[], Answer]) -> Answer | HttpResponse:
    """Return what a change by the reader's own password answers, or a page that says to wait if it wasn't tried."""
    attempt = begin_attempt(OWN_PASSWORD, str(request.user.pk), client_address(request.META))
    if attempt.wait:
        return too_many_attempts(request, attempt.wait)
    done = change()
    if done is Answer.WRONG_PASSWORD:
        fail_attempt(attempt)
    elif done is Answer.DONE:
        end_attempt(attempt)
    return done


def count_visit(request: HttpRequest, kind: Kind, subject: str = "") -> int:
    """Count a request of somebody who isn't logged in; return 0 if it is taken, else the seconds to wait."""
    return count_request(kind, subject, client_address(request.META))
