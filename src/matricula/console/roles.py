"""Who may do what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller
from matricula.console.pages import operators


@require_GET
@operators
def access(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Who holds which role where."""
    return render(request, "matricula/access.html", {})
