"""Parts of pages that htmx loads after them: what opens the address of one by itself gets a whole page around it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers


def is_part(request: HttpRequest) -> bool:
    """True if htmx asks for a part; False for a reader who opens the address, goes back to it, or follows a link."""
    given = request.headers
    return "HX-Request" in given and "HX-History-Restore-Request" not in given and "HX-Boosted" not in given


def show_part(request: HttpRequest, template: str, context: Mapping[str, Any], *, of: str, title: str) -> HttpResponse:
    """The part, or a page with it, called ``title``, that leads to the page it is a part of.

    ``of``: the name of that page's address, which has the same names in it as the part's.
    """
    if is_part(request):
        answer = render(request, template, {**context})
    else:
        names = request.resolver_match.kwargs if request.resolver_match else {}
        around = {"part": template, "title": title, "whole": reverse(of, kwargs=names)}
        answer = render(request, "matricula/part.html", {**context, **around})
    # a browser that keeps one of them must not show it as the other
    patch_vary_headers(answer, ["HX-Request", "HX-History-Restore-Request", "HX-Boosted"])
    return answer
