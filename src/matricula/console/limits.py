"""Guessing at passwords in the console: what a page answers while an attempt has to wait."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matricula.guessing.clients import client_address
from matricula.guessing.rules import OWN_PASSWORD, Kind
from matricula.guessing.writes import Attempt, begin_attempt, count_request


def too_many_attempts(request: HttpRequest, wait: int) -> HttpResponse:
    """Return the page that says for how many seconds to wait."""
    context = {"seconds": wait if wait < 60 else 0, "minutes": math.ceil(wait / 60)}
    answer = render(request, "429.html", context, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def begin_own_attempt(request: HttpRequest) -> Attempt:
    """Begin an attempt at the reader's own password, which a page asks for before it changes something."""
    return begin_attempt(OWN_PASSWORD, str(request.user.pk), client_address(request.META))


def count_visit(request: HttpRequest, kind: Kind, subject: str = "") -> int:
    """Count a request of someone who isn't logged in; return 0 if it is taken, else the seconds to wait."""
    return count_request(kind, subject, client_address(request.META))
