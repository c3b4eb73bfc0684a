"""Webhooks: where changes are sent, what was delivered, and what can be done when something fails."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.pages import acting_by, signed_in
from matricula.console.webhooks.files import export_deliveries, export_webhooks, with_last
from matricula.console.webhooks.forms import WebhookForm
from matricula.console.words import SUBJECT_WORDS
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.feed.webhooks import writes
from matricula.feed.webhooks.reads import (
    WebhookFacts,
    find_delivery,
    find_webhook,
    list_deliveries,
    list_webhooks,
)
from matricula.feed.webhooks.rights import Filter, find_rights, permit_to_follow, right_of
from matricula.feed.webhooks.rules import MOST_WEBHOOKS
from matricula.feed.webhooks.statuses import DeliveryState
from matricula.journal.records import JournalElsewhere
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import Operation, new_operation

PAGE = 50


def _is_failing(request: HttpRequest) -> bool:
    return inputs.is_given(request.GET, "failing")


def _webhooks_file(request: HttpRequest, caller: Caller) -> ListFile:
    failing = _is_failing(request)
    filters = {"list": "webhooks"} | ({"failing": "yes"} if failing else {})
    contents = Contents(DisclosureKind.JOURNAL, filters=filters)
    export = export_webhooks(partial(list_webhooks, caller, failing=failing))
    return ListFile(stem_for("matricula", "webhooks"), contents, export)


@reads
@signed_in
@with_file(_webhooks_file)
def webhooks(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The reader's webhooks, those of all for operators; the newest first."""
    before = inputs.uuid_of(request.GET, "before")
    if before is not None and find_webhook(before, caller) is None:
        before = None
    failing = _is_failing(request)
    found = list_webhooks(caller, limit=PAGE + 1, before=before, failing=failing)
    page = found[:PAGE]
    context = {
        "webhooks": with_last(page),
        "older": urlencode({**({"failing": "on"} if failing else {}), "before": page[-1].id})
        if len(found) > PAGE
        else "",
        "failing": failing,
        "may_add": not right_of(caller).sees_nothing,
    }
    return render(request, "matricula/webhooks.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def add(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Makes a webhook; its secret is shown once."""
    form = WebhookForm(caller, request.POST if request.method == "POST" else None)
    if form.is_valid():
        operation = _operation(caller, "Webhook created", form.found)
        try:
            with _acting(request, caller, form.found):
                webhook_id, secret = writes.create_webhook(
                    operation, caller.account_id, form.cleaned_data["url"], form.found
                )
            return _shown_once(request, _of(caller, webhook_id), secret, rotated=False)
        except writes.TooManyWebhooks:
            form.add_error(
                None,
                _("You have %(count)s webhooks, the most allowed. Delete one that you no longer need.")
                % {"count": MOST_WEBHOOKS},
            )
        except JournalElsewhere:
            form.add_error(
                None,
                _(
                    "The feed is paused because the database was moved. "
                    "Ask an administrator to run “matricula migrate”."
                ),
            )
    return render(request, "matricula/webhook_form.html", {"form": form}, status=400 if form.is_bound else 200)


def _state(request: HttpRequest) -> DeliveryState | None:
    state = inputs.choice(request.GET, "state", [*DeliveryState])
    return DeliveryState(state) if state else None


def _deliveries_file(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> ListFile:
    found, state = _of(caller, webhook_id), _state(request)
    filters = {"list": "deliveries", "webhook": str(found.id)} | ({"state": state.value} if state else {})
    contents = Contents(DisclosureKind.JOURNAL, found.filter.course_id, found.filter.program_id, filters=filters)
    export = export_deliveries(partial(list_deliveries, found.id, state=state))
    return ListFile(stem_for(found.course or found.program or "webhook", "deliveries"), contents, export)


@reads
@signed_in
@with_file(_deliveries_file)
def webhook(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """One webhook: how it is, and each delivery with its tries, the newest first."""
    found = _of(caller, webhook_id)
    before = inputs.uuid_of(request.GET, "before")
    if before is not None and find_delivery(webhook_id, before) is None:
        before = None
    state = _state(request)
    deliveries = list_deliveries(webhook_id, limit=PAGE + 1, before=before, state=state)
    right = find_rights([found.owner_id], caller)[found.owner_id]
    context = {
        "webhook": found,
        "subjects": [SUBJECT_WORDS[subject] for subject in found.filter.subjects or ()],
        "is_paused": right is None or not right.covers(found.filter),
        "is_own": found.owner_id == caller.account_id,
        "deliveries": deliveries[:PAGE],
        "older": deliveries[PAGE - 1].id if len(deliveries) > PAGE else None,
        "state": state or "",
        "states": [*DeliveryState],
        "is_plain": found.url.startswith("http:"),
    }
    return render(request, "matricula/webhook.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def change(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """Changes where a webhook leads, and which changes it is sent."""
    found = _of(caller, webhook_id)
    now = {
        "url": found.url,
        "course": found.course or "",
        "program": found.program or "",
        "subjects": [subject.value for subject in found.filter.subjects or ()],
    }
    form = WebhookForm(caller, request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        operation = _operation(caller, "Webhook changed", form.found)
        with _acting(request, caller, form.found), _still_there():
            writes.change_webhook(operation, webhook_id, url=form.cleaned_data["url"], about=form.found)
        messages.info(request, _("The webhook was changed."))
        return redirect("webhook", webhook_id)
    context = {"form": form, "webhook": found}
    return render(request, "matricula/webhook_form.html", context, status=400 if form.is_bound else 200)


@require_POST
@signed_in
def switch(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """Switches a webhook on or off."""
    found = _of(caller, webhook_id)
    is_on = inputs.choice(request.POST, "to", ["on", "off"], "off") == "on"
    with _still_there():
        writes.change_webhook(_operation(caller, "Webhook changed", found.filter), webhook_id, is_on=is_on)
    messages.info(
        request,
        _("The webhook was switched on. It continues where it stopped.")
        if is_on
        else _("The webhook was switched off. Nothing is lost: switched on again, it continues where it stopped."),
    )
    return redirect("webhook", webhook_id)


@require_POST
@signed_in
def rotate(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """Gives a webhook a new secret, and shows it once."""
    found = _of(caller, webhook_id)
    with _still_there():
        secret = writes.rotate_secret(_operation(caller, "Webhook secret rotated", found.filter), webhook_id)
    return _shown_once(request, _of(caller, webhook_id), secret, rotated=True)


@require_POST
@signed_in
def send_test(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """Has a test sent."""
    found = _of(caller, webhook_id)
    with _still_there():
        writes.queue_test(_operation(caller, "Webhook tested", found.filter), webhook_id)
    messages.info(request, _("The test is being sent. Reload this page to see the result."))
    return redirect("webhook", webhook_id)


@require_POST
@signed_in
def redeliver(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    """Has a delivery sent now, again if it was delivered."""
    found = _of(caller, webhook_id)
    try:
        with _still_there():
            operation = _operation(caller, "Webhook delivery sent again", found.filter)
            writes.queue_again(operation, webhook_id, delivery_id)
    except writes.WebhookOff:
        messages.error(request, _("This webhook is off. Switch it on first."))
    else:
        messages.info(request, _("The delivery is being sent. Reload this page to see the result."))
    return redirect("webhook", webhook_id)


@require_http_methods(["GET", "POST"])
@signed_in
def remove(request: HttpRequest, caller: Caller, webhook_id: uuid.UUID) -> HttpResponse:
    """Deletes a webhook; first, what would stop."""
    found = _of(caller, webhook_id)
    if request.method == "GET":
        return render(request, "matricula/webhook_delete.html", {"webhook": found})
    with _still_there():
        writes.delete_webhook(_operation(caller, "Webhook deleted", found.filter), webhook_id)
    messages.info(request, _("The webhook was deleted."))
    return redirect("webhooks")


def _of(caller: Caller, webhook_id: uuid.UUID) -> WebhookFacts:
    """The webhook, if the reader may see it; otherwise it isn't there."""
    found = find_webhook(webhook_id, caller)
    if found is None:
        raise Http404
    return found


def _operation(caller: Caller, reason: str, about: Filter) -> Operation:
    return new_operation(caller.account_id, CONSOLE, reason, course_id=about.course_id, program_id=about.program_id)


def _acting(request: HttpRequest, caller: Caller, about: Filter) -> AbstractContextManager[None]:
    return acting_by(request, caller, partial(permit_to_follow, about))


@contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except writes.WebhookGone:
        raise Http404 from None


def _shown_once(request: HttpRequest, found: WebhookFacts, secret: str, *, rotated: bool) -> HttpResponse:
    return render(request, "matricula/webhook_secret.html", {"webhook": found, "secret": secret, "is_rotated": rotated})
