"""Webhooks and their deliveries as they are shown."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from matricula.access.reads import Caller
from matricula.feed.webhooks.models import Delivery, Webhook
from matricula.feed.webhooks.rights import Filter
from matricula.feed.webhooks.statuses import DeliveryKind, DeliveryState, OffReason, TryError
from matricula.journal.statuses import Subject

_FAILING = Q(off_since=None, failing_since__isnull=False) | Q(off_reason=OffReason.FAILING.value)


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """A webhook; ``off_since`` None: it is on."""

    id: uuid.UUID
    owner_id: int
    owner: str
    url: str
    filter: Filter
    course: str | None
    program: str | None
    created: datetime
    off_since: datetime | None
    off_reason: OffReason | None
    failing_since: datetime | None
    # both secrets are good until then
    old_secret_until: datetime | None

    @property
    def is_on(self) -> bool:
        """True unless it is switched off."""
        return self.off_since is None


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a delivery; ``error`` None: it was delivered."""

    at: datetime
    status: int | None
    error: TryError | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery, with its latest tries, the first one first; ``due`` None: nothing is to be sent."""

    id: uuid.UUID
    webhook_id: uuid.UUID
    kind: DeliveryKind
    state: DeliveryState
    created: datetime
    due: datetime | None
    changes: int
    tries: tuple[Try, ...]

    @property
    def last_try(self) -> Try | None:
        """The latest try."""
        return self.tries[-1] if self.tries else None


class WebhookCounts(NamedTuple):
    """How many webhooks are how, and since when the delivery has waited that has waited longest."""

    working: int
    failing: int
    # their owner switched them off
    off: int
    # switched off because deliveries failed for three days
    given_up: int
    # on, with a delivery that has waited for some time
    behind: int
    oldest_waiting: datetime | None


def count_webhooks(*, failing_for: timedelta = timedelta(), waiting_for: timedelta = timedelta()) -> WebhookCounts:
    """Return how all webhooks are; as failing and behind count those that have been for so long."""
    now, is_on = timezone.now(), Q(off_since=None)
    failing = is_on & Q(failing_since__lte=now - failing_for)
    given_up = Q(off_since__isnull=False, off_reason=OffReason.FAILING.value)
    counts = Webhook.objects.aggregate(
        on=Count("pk", is_on),
        failing=Count("pk", failing),
        off=Count("pk", Q(off_since__isnull=False) & ~given_up),
        given_up=Count("pk", given_up),
    )
    waiting = Delivery.objects.filter(
        webhook__off_since=None, kind=DeliveryKind.CHANGES.value, state=DeliveryState.WAITING.value, due__isnull=False
    ).aggregate(
        behind=Count("webhook", Q(created__lte=now - waiting_for), distinct=True),
        oldest=Min("created"),
    )
    return WebhookCounts(
        working=counts["on"] - counts["failing"],
        failing=counts["failing"],
        off=counts["off"],
        given_up=counts["given_up"],
        behind=waiting["behind"],
        oldest_waiting=waiting["oldest"],
    )


def find_webhook(webhook_id: uuid.UUID, caller: Caller) -> WebhookFacts | None:
    """Return the webhook, if the caller may see it: their own, or any for superusers."""
    found = _visible(caller).filter(pk=webhook_id).first()
    return _facts(found) if found else None


def list_webhooks(
    caller: Caller, *, limit: int, before: uuid.UUID | None = None, failing: bool = False
) -> list[WebhookFacts]:
    """Return the webhooks that the caller may see, the newest first, of those older than ``before``.

    ``failing``: only those whose deliveries fail, or that were switched off because they did.
    """
    rows = _visible(caller).filter(_FAILING) if failing else _visible(caller)
    if before is not None:
        rows = rows.filter(_older(Webhook.objects.get(pk=before)))
    return [_facts(row) for row in rows.order_by("-created", "-id")[:limit]]


def count_failing(caller: Caller, *, most: int) -> int:
    """Return how many webhooks ``list_webhooks`` lists as failing; no more than ``most`` are counted."""
    return _visible(caller).filter(_FAILING)[:most].count()


def list_deliveries(
    webhook_id: uuid.UUID, *, limit: int, before: uuid.UUID | None = None, state: DeliveryState | None = None
) -> list[DeliveryFacts]:
    """Return the deliveries of a webhook, the newest first, of those older than ``before``."""
    rows = Delivery.objects.filter(webhook_id=webhook_id)
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(_older(Delivery.objects.get(pk=before)))
    return [_delivery(row) for row in rows.order_by("-created", "-id")[:limit]]


def find_delivery(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> DeliveryFacts | None:
    """Return a delivery of a webhook, or None."""
    found = Delivery.objects.filter(webhook_id=webhook_id, pk=delivery_id).first()
    return _delivery(found) if found else None


def find_last_deliveries(webhook_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, DeliveryFacts]:
    """Return webhook → its latest delivery; without those that have none."""
    rows = Delivery.objects.filter(webhook_id__in=webhook_ids)
    latest = rows.order_by("webhook", "-created", "-id").distinct("webhook")
    return {row.webhook_id: _delivery(row) for row in latest}


def _older(row: Webhook | Delivery) -> Q:
    return Q(created__lt=row.created) | Q(created=row.created, pk__lt=row.pk)


def _visible(caller: Caller) -> "QuerySet[Webhook]":
    rows = Webhook.objects.select_related("owner", "course", "program")
    return rows if caller.is_superuser else rows.filter(owner_id=caller.account_id)


def _facts(row: Webhook) -> WebhookFacts:
    return WebhookFacts(
        id=row.id,
        owner_id=row.owner_id,
        owner=row.owner.username,
        url=row.url,
        filter=filter_of(row),
        course=row.course.key if row.course else None,
        program=row.program.key if row.program else None,
        created=row.created,
        off_since=row.off_since,
        off_reason=OffReason(row.off_reason) if row.off_reason else None,
        failing_since=row.failing_since,
        old_secret_until=row.old_secret_until if row.old_secret else None,
    )


def filter_of(row: Webhook) -> Filter:
    """Return what a webhook is about."""
    subjects = None if row.subjects is None else tuple(map(Subject, row.subjects))
    return Filter(row.course_id, row.program_id, subjects)


def _delivery(row: Delivery) -> DeliveryFacts:
    return DeliveryFacts(
        id=row.id,
        webhook_id=row.webhook_id,
        kind=DeliveryKind(row.kind),
        state=DeliveryState(row.state),
        created=row.created,
        due=row.due,
        changes=row.changes,
        tries=tuple(map(_try, row.tries)),
    )


def _try(stored: Mapping[str, str | int | None]) -> Try:
    error = stored["error"]
    status = stored["status"]
    return Try(
        at=datetime.fromisoformat(str(stored["at"])),
        status=None if status is None else int(status),
        error=TryError(str(error)) if error is not None else None,
        milliseconds=int(stored["milliseconds"] or 0),
    )
