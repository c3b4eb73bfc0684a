"""The pages around the APIs: login, the API's documentation, health."""

from typing import Any, cast

from allauth.account.views import LoginView
from csp.decorators import csp_update
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from matricula.console import inputs
from matricula.console.account.devices import known_device, remember_device
from matricula.console.limits import too_many_attempts
from matricula.console.sign_on.providers import list_providers
from matricula.foundation.request_ids import request_id
from matricula.guessing.clients import client_address
from matricula.guessing.rules import LOGIN
from matricula.guessing.writes import Attempt, begin_attempt, end_attempt, fail_attempt
from matricula.identity.providers.reading import Provider


def _way_to(provider: Provider) -> str:
    return reverse("sign_on", args=[provider.name])


@csp_update({"style-src": ["'self'", "'unsafe-inline'"]})
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API, to browse and try."""
    return render(request, "matricula/api_docs.html")


def failed(request: HttpRequest) -> HttpResponse:
    """What an internal error answers: by the number the operators find it in the log."""
    return _told(request, "500.html", 500)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What a request answers that can't be read."""
    return _told(request, "400.html", 400)


def _told(request: HttpRequest, template: str, status: int) -> HttpResponse:
    # without what other pages ask of the database: it may be what fails
    context = {"request": request, "reference": request_id(request.META)}
    return HttpResponse(render_to_string(template, context), status=status)


def health(_request: HttpRequest) -> HttpResponse:
    """200 once the database answers; for supervisors and load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


class Login(LoginView):  # type: ignore[misc]
    """Login by username or email; scripts may also send the field ``username``, as Django's own form names it."""

    attempt: Attempt | None = None

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

    def get_form(self, form_class: Any = None) -> Any:
        """Return allauth's form with the words of the other pages."""
        form = super().get_form(form_class)
        form.fields["login"].label = form.fields["login"].widget.attrs["placeholder"] = _("Username or email address")
        form.fields["remember"].label = _("Stay logged in")
        if not settings.ENVIRONMENT.passwords:
            # of allauth: a link to the page where a password is reset
            form.fields["password"].help_text = ""
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The providers, each with its address; whether the form is there for some superusers alone."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        given = f"?{urlencode({'next': target})}" if (target := self.get_next_url()) else ""
        providers = [(one.title, _way_to(one) + given) for one in list_providers()]
        kept = settings.ENVIRONMENT.passwords or bool(settings.ENVIRONMENT.password_superusers)
        return {**found, "providers": providers, "with_form": kept}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The password is looked at only if the limiter takes the attempt."""
        data = self.get_form_kwargs()["data"]
        name = data.get("login", "").strip()
        if not (name and data.get("password")):
            # nothing to look at: the form says what is missing
            return cast(HttpResponse, super().post(request, *args, **kwargs))
        known = known_device(request, name)
        self.attempt = begin_attempt(LOGIN, name, client_address(request.META), known=known)
        if self.attempt.wait:
            return too_many_attempts(request, self.attempt.wait)
        return cast(HttpResponse, super().post(request, *args, **kwargs))

    def form_invalid(self, form: Any) -> HttpResponse:
        """Counts a wrong password before anything else can fail."""
        if self.attempt:
            fail_attempt(self.attempt)
        return cast(HttpResponse, super().form_invalid(form))

    def form_valid(self, form: Any) -> HttpResponse:
        """Logs in, and knows the browser from now on."""
        if self.attempt:
            end_attempt(self.attempt)
        answer = cast(HttpResponse, super().form_valid(form))
        if self.request.user.is_authenticated:
            remember_device(self.request, answer, self.request.user)
        return answer
