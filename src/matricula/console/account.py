"""The reader's own account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller
from matricula.console.pages import signed_in


@require_GET
@signed_in
def account(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Language, password, e-mail address."""
    return render(request, "matricula/account.html", {})
