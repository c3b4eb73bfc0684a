"""Changing webhooks: each act is an operation; which addresses and secrets there are is no part of the journal."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from matricula.feed.webhooks.models import Delivery, Webhook
from matricula.feed.webhooks.rights import Filter
from matricula.feed.webhooks.rules import BOTH_SECRETS, MOST_WEBHOOKS
from matricula.feed.webhooks.secrets import SecretUnreadable, decrypt, encrypt, new_secret
from matricula.feed.webhooks.statuses import DeliveryKind, DeliveryState, OffReason
from matricula.foundation.transactions import one_transaction
from matricula.journal.records import head
from matricula.journal.writes import Operation, record_operation
from matricula.learners.rows import lock_rows

_log = structlog.get_logger("matricula.webhooks")


class TooManyWebhooks(Exception):
    """The account has as many webhooks as it may have."""


class WebhookGone(Exception):
    """The webhook was deleted meanwhile."""


class WebhookOff(Exception):
    """The webhook is off, so nothing is sent."""


def create_webhook(
    operation: Operation, owner_id: int, url: str, about: Filter, *, is_on: bool = True
) -> tuple[uuid.UUID, str]:
    """Make a webhook that follows the feed from now on; return its id and its secret, which is shown this once.

    Errors: ``TooManyWebhooks``.
    """
    secret, now = new_secret(), timezone.now()
    row = Webhook(id=uuid.uuid4(), owner_id=owner_id, created=now, secret=encrypt(secret))
    with one_transaction():
        # in turn: what one counts, the other can't add to
        lock_rows(ids=[owner_id])
        if Webhook.objects.filter(owner_id=owner_id).count() >= MOST_WEBHOOKS:
            raise TooManyWebhooks
        row.xact, row.entry = head()
        _apply(row, url, about)
        if not is_on:
            row.off_since, row.off_reason = now, OffReason.SWITCHED_OFF
        Webhook.objects.bulk_create([row])
        record_operation(operation)
    _log.info("webhook_created", webhook=str(row.id), owner=owner_id)
    return row.id, secret


def change_webhook(
    operation: Operation,
    webhook_id: uuid.UUID,
    *,
    url: str | None = None,
    about: Filter | None = None,
    is_on: bool | None = None,
) -> None:
    """Change what is given. One that is switched on again goes on where it stopped. Errors: ``WebhookGone``."""
    with _held(operation, webhook_id) as row:
        _apply(row, url or row.url, about)
        row.resting_until = None
        if is_on and row.off_since is not None:
            _switch_on(row)
        elif is_on is False and row.off_since is None:
            switch_off(row, OffReason.SWITCHED_OFF, timezone.now())
        row.save()
    _log.info("webhook_changed", webhook=str(webhook_id), on=row.off_since is None)


def _apply(row: Webhook, url: str, about: Filter | None) -> None:
    row.url = url
    if about is not None:
        row.course_id, row.program_id = about.course_id, about.program_id
        row.subjects = None if about.subjects is None else [subject.value for subject in about.subjects]


def _switch_on(row: Webhook) -> None:
    row.off_since = row.off_reason = row.failing_since = None
    _waiting(row).update(due=timezone.now(), failures=0)


def switch_off(row: Webhook, reason: OffReason, now: datetime) -> None:
    """Set a webhook that is locked to off, without saving it; what waits is kept, but not sent."""
    row.off_since, row.off_reason = now, reason
    Delivery.objects.filter(webhook=row, kind=DeliveryKind.CHANGES).exclude(due=None).update(due=None)


def _waiting(row: Webhook) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(webhook=row, kind=DeliveryKind.CHANGES, state=DeliveryState.WAITING)


def delete_webhook(operation: Operation, webhook_id: uuid.UUID) -> None:
    """Delete a webhook with its deliveries; one that is being sent may still arrive. Errors: ``WebhookGone``."""
    with _held(operation, webhook_id) as row:
        row.delete()
    _log.info("webhook_deleted", webhook=str(webhook_id))


def rotate_secret(operation: Operation, webhook_id: uuid.UUID) -> str:
    """Give a webhook a new secret, and return it; the one before is good for another day. Errors: ``WebhookGone``."""
    secret = new_secret()
    with _held(operation, webhook_id) as row:
        row.old_secret, row.old_secret_until = _if_readable(row.secret), timezone.now() + BOTH_SECRETS
        row.secret = encrypt(secret)
        row.save()
    _log.info("webhook_secret_rotated", webhook=str(webhook_id))
    return secret


def _if_readable(stored: str) -> str | None:
    try:
        decrypt(stored)
    except SecretUnreadable:
        return None
    return stored


def queue_test(operation: Operation, webhook_id: uuid.UUID) -> uuid.UUID:
    """Have a test sent, also while the webhook is off; return its delivery. Errors: ``WebhookGone``."""
    now = timezone.now()
    row = Delivery(id=uuid.uuid4(), webhook_id=webhook_id, created=now, due=now)
    row.kind, row.state = DeliveryKind.TEST, DeliveryState.WAITING
    with _held(operation, webhook_id):
        Delivery.objects.bulk_create([row])
    return row.id


def queue_again(operation: Operation, webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> None:
    """Have a delivery sent now, again if it was delivered. Errors: ``WebhookGone``, ``WebhookOff``."""
    with _held(operation, webhook_id) as row:
        found = Delivery.objects.select_for_update().filter(webhook_id=webhook_id, pk=delivery_id)
        delivery = found.first()
        if delivery is None:
            raise WebhookGone
        if row.off_since is not None and delivery.kind == DeliveryKind.CHANGES:
            raise WebhookOff
        row.resting_until = None
        row.save()
        found.update(due=timezone.now())


def hold_webhook(webhook_id: uuid.UUID) -> bool:
    """Hold a webhook until the transaction ends; return False if it was deleted."""
    return _locked(webhook_id) is not None


def _locked(webhook_id: uuid.UUID) -> Webhook | None:
    return Webhook.objects.select_for_update().filter(pk=webhook_id).first()


@contextmanager
def _held(operation: Operation, webhook_id: uuid.UUID) -> Iterator[Webhook]:
    with one_transaction():
        row = _locked(webhook_id)
        if row is None:
            raise WebhookGone
        yield row
        record_operation(operation)


def delete_old_deliveries(days: int) -> int:
    """Delete what was delivered, or tried once, longer ago than that; 0: nothing. Return how many."""
    if not days:
        return 0
    old = Delivery.objects.filter(created__lt=timezone.now() - timedelta(days=days), due=None)
    return int(old.exclude(state=DeliveryState.WAITING).delete()[0])
