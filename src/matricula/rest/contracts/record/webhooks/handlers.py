"""Webhooks: made, changed, tried; and what was delivered to them (record-api: Webhooks)."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse

from matricula.feed.webhooks import writes
from matricula.feed.webhooks.addresses import url_problem
from matricula.feed.webhooks.reads import (
    DeliveryFacts,
    WebhookFacts,
    find_delivery,
    find_webhook,
    list_deliveries,
    list_webhooks,
)
from matricula.feed.webhooks.rights import Filter, Right, find_rights, permit_to_follow, right_of
from matricula.feed.webhooks.rules import MOST_WEBHOOKS
from matricula.foundation.transactions import acting
from matricula.journal.records import JournalElsewhere
from matricula.journal.statuses import API
from matricula.journal.writes import Operation, new_operation
from matricula.rest import errors
from matricula.rest.callers import signed_in_by
from matricula.rest.conditions import answer_tagged
from matricula.rest.contracts.record.guard import feed_paused, id_in, no_webhook, webhook_of
from matricula.rest.contracts.record.requested import find_visible
from matricula.rest.contracts.record.shown import url_of
from matricula.rest.contracts.record.webhooks import schemas
from matricula.rest.endpoint import AnyCall, Call, PlainCall, answer_json, seconds
from matricula.rest.errors import BrokenRequest, Message, invalid_fields, text_message, unknown_cursor

_NO_SUCH_DELIVERY = Message("There is no delivery with this ID.")


def create_webhook(call: Call[None, schemas.WebhookBody]) -> HttpResponse:
    """201 WebhookWithSecret. Errors: 400, 403, 404, 409."""
    body = call.body
    url, about = _checked_url(body.url), _found(call, body.filter)
    if not right_of(call.signed_in).covers(about):
        raise BrokenRequest(
            errors.PERMISSION_DENIED,
            Message("You need access to a course run or a program before a webhook can send you their changes."),
        )
    with _acting_about(call, about):
        try:
            webhook_id, secret = writes.create_webhook(
                _operation(call, "Webhook created", about), call.account_id, url, about, is_on=body.active
            )
        except writes.TooManyWebhooks:
            message = Message(
                "You have %(count)s webhooks, the most allowed. Delete one that you no longer need.",
                {"count": MOST_WEBHOOKS},
            )
            raise BrokenRequest(errors.CONFLICT, message) from None
        except JournalElsewhere:
            raise feed_paused() from None
    answer = _answer_secret(call, webhook_id, secret, 201)
    answer.headers["Location"] = url_of(call, "webhooks", webhook_id)
    return answer


def list_some_webhooks(call: Call[schemas.WebhookListQuery, None]) -> HttpResponse:
    """200 WebhookList: the caller's own; all for superusers."""
    query = call.query
    if query.cursor is not None and find_webhook(query.cursor, call.signed_in) is None:
        raise unknown_cursor()
    found = list_webhooks(call.signed_in, limit=query.page_size + 1, before=query.cursor)
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(schemas.WebhookList(_shown(call, page), page[-1].id if more else None))


def get_webhook(call: PlainCall) -> HttpResponse:
    """200 Webhook."""
    return answer_tagged(call, _shown(call, [webhook_of(call)])[0])


def change_webhook(call: Call[None, schemas.WebhookChange]) -> HttpResponse:
    """200 Webhook. Errors: 400, 404."""
    body, webhook = call.body, webhook_of(call)
    url = _checked_url(body.url) if isinstance(body.url, str) else None
    about = _found(call, body.filter) if isinstance(body.filter, schemas.WebhookFilter) else None
    is_on = body.active if isinstance(body.active, bool) else None
    with _acting_about(call, about or Filter()), _still_there():
        writes.change_webhook(
            _operation(call, "Webhook changed", about or webhook.filter), webhook.id, url=url, about=about, is_on=is_on
        )
    return answer_tagged(call, _shown(call, [_again(call, webhook.id)])[0])


def delete_webhook(call: PlainCall) -> HttpResponse:
    """204."""
    webhook = webhook_of(call)
    with _still_there():
        writes.delete_webhook(_operation(call, "Webhook deleted", webhook.filter), webhook.id)
    answer = HttpResponse(status=204)
    del answer.headers["Content-Type"]
    return answer


def rotate_webhook_secret(call: PlainCall) -> HttpResponse:
    """200 WebhookWithSecret: both secrets are good for a day."""
    webhook = webhook_of(call)
    with _still_there():
        secret = writes.rotate_secret(_operation(call, "Webhook secret rotated", webhook.filter), webhook.id)
    return _answer_secret(call, webhook.id, secret)


def test_webhook(call: PlainCall) -> HttpResponse:
    """202 Delivery without changes, which is sent once."""
    webhook = webhook_of(call)
    with _still_there():
        delivery_id = writes.queue_test(_operation(call, "Webhook tested", webhook.filter), webhook.id)
    return _answer_delivery(webhook.id, delivery_id)


def get_deliveries(call: Call[schemas.DeliveryListQuery, None]) -> HttpResponse:
    """200 DeliveryList, each with its tries."""
    query, webhook = call.query, webhook_of(call)
    if query.cursor is not None and find_delivery(webhook.id, query.cursor) is None:
        raise unknown_cursor()
    found = list_deliveries(webhook.id, limit=query.page_size + 1, before=query.cursor, state=query.state)
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(schemas.DeliveryList([*map(_shown_delivery, page)], page[-1].id if more else None))


def retry_delivery(call: PlainCall) -> HttpResponse:
    """202 Delivery, sent again with the same id. Errors: 404, 409 while the webhook is off."""
    webhook, delivery_id = webhook_of(call), id_in(call, "delivery_id")
    if find_delivery(webhook.id, delivery_id) is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, _NO_SUCH_DELIVERY)
    try:
        with _still_there():
            operation = _operation(call, "Webhook delivery sent again", webhook.filter)
            writes.queue_again(operation, webhook.id, delivery_id)
    except writes.WebhookOff:
        raise BrokenRequest(errors.CONFLICT, Message("This webhook is off. Switch it on first.")) from None
    return _answer_delivery(webhook.id, delivery_id)


# --- What is asked for ---


def _checked_url(url: str) -> str:
    if problem := url_problem(url, private=settings.ENVIRONMENT.webhook_private_addresses):
        raise invalid_fields({"url": text_message(problem)})
    return url


def _found(call: AnyCall, given: schemas.WebhookFilter) -> Filter:
    """The filter with ids. Errors: 400, 404."""
    course_id, program_id = find_visible(call, given.course, given.program)
    subjects = None if given.subjects is None else tuple(dict.fromkeys(given.subjects))
    return Filter(course_id, program_id, subjects)


def _acting_about(call: AnyCall, about: Filter) -> AbstractContextManager[None]:
    """The rights to what the filter names are asked for once more when it is stored."""
    caller, session = call.signed_in, signed_in_by(call.request)
    permit = permit_to_follow(
        about, account_id=caller.account_id, token_checksum=caller.token_checksum, session=session
    )
    return acting(permit.hold)


def _operation(call: AnyCall, reason: str, about: Filter) -> Operation:
    return new_operation(call.account_id, API, reason, course_id=about.course_id, program_id=about.program_id)


@contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except writes.WebhookGone:
        raise no_webhook() from None


# --- What is shown ---


def _again(call: AnyCall, webhook_id: uuid.UUID) -> WebhookFacts:
    found = find_webhook(webhook_id, call.signed_in)
    if found is None:
        raise no_webhook()
    return found


def _shown(call: AnyCall, webhooks: Sequence[WebhookFacts]) -> list[schemas.Webhook]:
    rights = find_rights({webhook.owner_id for webhook in webhooks}, call.signed_in)
    return [_one(call, webhook, rights[webhook.owner_id]) for webhook in webhooks]


def _one(call: AnyCall, webhook: WebhookFacts, right: Right | None) -> schemas.Webhook:
    return schemas.Webhook(
        webhook_id=webhook.id,
        webhook_url=url_of(call, "webhooks", webhook.id),
        url=webhook.url,
        filter=schemas.WebhookFilter(
            webhook.course,
            webhook.program,
            None if webhook.filter.subjects is None else [*webhook.filter.subjects],
        ),
        active=webhook.is_on,
        owner=webhook.owner,
        created=seconds(webhook.created),
        off_since=_seconds_or_none(webhook.off_since),
        off_reason=webhook.off_reason,
        paused=right is None or not right.covers(webhook.filter),
        failing_since=_seconds_or_none(webhook.failing_since),
        old_secret_until=_seconds_or_none(webhook.old_secret_until),
    )


def _answer_secret(call: AnyCall, webhook_id: uuid.UUID, secret: str, status: int = 200) -> HttpResponse:
    """The webhook with its secret; the ETag is that of the webhook, as GET gives it."""
    [shown] = _shown(call, [_again(call, webhook_id)])
    fields: Sequence[str] = schemas.Webhook.__struct_fields__
    body = schemas.WebhookWithSecret(**{name: getattr(shown, name) for name in fields}, secret=secret)
    return answer_tagged(call, body, status, state=shown)


def hold_webhook_shown(call: AnyCall) -> object:
    """The webhook of the address as GET shows it, held until the transaction ends; None if it was deleted."""
    webhook_id = webhook_of(call).id
    if not writes.hold_webhook(webhook_id):
        return None
    return _shown(call, [_again(call, webhook_id)])[0]


def _answer_delivery(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    delivery = find_delivery(webhook_id, delivery_id)
    if delivery is None:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, _NO_SUCH_DELIVERY)
    return answer_json(_shown_delivery(delivery), 202)


def _shown_delivery(delivery: DeliveryFacts) -> schemas.Delivery:
    return schemas.Delivery(
        delivery_id=delivery.id,
        kind=delivery.kind,
        state=delivery.state,
        created=seconds(delivery.created),
        changes=delivery.changes,
        next_try=_seconds_or_none(delivery.due),
        tries=[schemas.DeliveryTry(seconds(t.at), t.status, t.error, t.milliseconds) for t in delivery.tries],
    )


def _seconds_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else seconds(at)
