"""API clients: made by an operator, or by everyone for themselves; their secret is shown once, and kept nowhere."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from matricula.access.clients.writes import TooManyClients, create_client, delete_client, end_token_of, end_tokens
from matricula.access.holders import ClientFacts, find_client
from matricula.access.reads import Caller
from matricula.access.statuses import Scope
from matricula.console import inputs
from matricula.console.access.forms import ClientForm, OwnClientForm, ReasonForm
from matricula.console.pages import operators, signed_in
from matricula.foundation.addresses import public_root
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation

# of one person; scripts share them, or take turns
_MOST = 20


@require_http_methods(["GET", "POST"])
@operators
def add(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Makes an API client that acts as an account."""
    form = ClientForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        operation = new_operation(caller.account_id, CONSOLE, given["reason"])
        name = given["client_id"]
        is_public, redirects = given["is_public"], given["redirects"]
        secret = create_client(
            operation,
            name,
            name,
            given["who"],
            list(map(Scope, given["scopes"])),
            redirects=redirects,
            is_public=is_public,
        )
        if secret is not None and is_public:
            messages.info(request, _("The client was created. It has no secret."))
            return redirect("access")
        if secret is not None:
            return _shown_once(request, name, secret, back="access", by_consent=bool(redirects))
        form.add_error("client_id", _("A client with this ID already exists. Choose another ID."))
    context = {"form": form, "kind": "client"}
    return render(request, "matricula/grant.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def add_own(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Makes an API client that acts as the reader."""
    form = OwnClientForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name, scopes = form.cleaned_data["name"], list(map(Scope, form.cleaned_data["scopes"]))
        client_id = f"personal-{secrets.token_hex(8)}"
        operation = new_operation(caller.account_id, CONSOLE, name)
        try:
            secret = create_client(operation, client_id, name, caller.account_id, scopes, most=_MOST)
        except TooManyClients:
            form.add_error(
                None, _("You have %(n)s clients, the most allowed. Delete one that you no longer need.") % {"n": _MOST}
            )
        else:
            if secret:
                return _shown_once(request, client_id, secret, back="account")
    context = {"form": form, "kind": "own-client"}
    return render(request, "matricula/grant.html", context, status=400 if form.is_bound else 200)


def _shown_once(
    request: HttpRequest, client_id: str, secret: str, *, back: str, by_consent: bool = False
) -> HttpResponse:
    address = f"{public_root(request)}{reverse('token')}"
    command = f"curl -u {client_id}:{secret} -d grant_type=client_credentials {address}"
    context = {"client_id": client_id, "secret": secret, "back": back, "command": None if by_consent else command}
    return render(request, "matricula/secret.html", context)


@require_http_methods(["GET", "POST"])
@operators
def remove(request: HttpRequest, caller: Caller, client_id: int) -> HttpResponse:
    """Deletes an API client, or ends its tokens only; first, what would stop."""
    client = _client(client_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        back = reverse("access_client", args=[client_id])
        context = {"form": form, "kind": "client", "client": client, "back": back}
        return render(request, "matricula/withdraw.html", context, status=400 if form.is_bound else 200)
    operation = new_operation(caller.account_id, CONSOLE, form.cleaned_data["reason"])
    if inputs.word(request.POST, "only") == "tokens":
        messages.info(request, _ended(end_tokens(operation, client_id)))
        return redirect("access_client", client_id)
    delete_client(operation, client_id)
    messages.info(request, _("The client and its tokens were deleted."))
    return redirect("access")


def _ended(tokens: int) -> str:
    return ngettext("%(n)d access token was revoked.", "%(n)d access tokens were revoked.", tokens) % {"n": tokens}


@require_http_methods(["GET", "POST"])
@signed_in
def remove_own(request: HttpRequest, caller: Caller, client_id: int) -> HttpResponse:
    """Deletes an API client that acts as the reader; first, what would stop."""
    client = _client(client_id, caller.account_id)
    if request.method == "GET":
        return render(
            request, "matricula/withdraw.html", {"kind": "own-client", "client": client, "back": reverse("account")}
        )
    delete_client(new_operation(caller.account_id, CONSOLE), client_id)
    messages.info(request, _("The client and its tokens were deleted."))
    return redirect("account")


def _client(client_id: int, account_id: int | None = None) -> ClientFacts:
    client = find_client(client_id, account_id)
    if client is None:
        raise Http404
    return client


@require_POST
@signed_in
def end_own_token(request: HttpRequest, caller: Caller, token_id: int) -> HttpResponse:
    """Ends one access token with which someone acts as the reader."""
    if not end_token_of(new_operation(caller.account_id, CONSOLE), caller.account_id, token_id):
        raise Http404
    messages.info(request, _ended(1))
    return redirect("account")
