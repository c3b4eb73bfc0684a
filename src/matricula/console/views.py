"""The pages around the APIs: login, the API's documentation, health."""

from typing import Any

from allauth.account.views import LoginView
from csp.decorators import csp_update
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from matricula.console import inputs


@csp_update({"style-src": ["'self'", "'unsafe-inline'"]})
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API, to browse and try."""
    return render(request, "matricula/api_docs.html")


def health(_request: HttpRequest) -> HttpResponse:
    """200 once the database answers; for supervisors and load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


class Login(LoginView):  # type: ignore[misc]
    """Login by username or e-mail; scripts may also send the field ``username``, as Django's own form names it."""

    def get_initial(self) -> dict[str, Any]:
        """The name that a link brings."""
        return {**super().get_initial(), "login": inputs.word(self.request.GET, "login")}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form's data, with ``username`` taken for ``login``."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        data = kwargs.get("data")
        if data is not None and "login" not in data and "username" in data:
            kwargs["data"] = data.copy()
            kwargs["data"]["login"] = data["username"]
        return kwargs
