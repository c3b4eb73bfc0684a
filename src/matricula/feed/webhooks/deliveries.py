"""Making deliveries of the feed, and what becomes of each: sent, tried again, given up.

A webhook has one delivery of changes at a time, and the next is made when that one was delivered: so the order is that
of the feed, for each person too. Which changes it contains is kept as two positions of the feed; what they are, and
whether the owner may see them, is read for each try. A try is claimed, sent outside of any transaction, and then
recorded: after a crash in between it is sent again, with the same ``webhook-id``.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from matricula.feed.webhooks.addresses import host_of
from matricula.feed.webhooks.following import Followed, body_of, follow
from matricula.feed.webhooks.models import Delivery, Webhook
from matricula.feed.webhooks.reads import filter_of
from matricula.feed.webhooks.rights import Right, find_right
from matricula.feed.webhooks.rules import MOST_CHANGES, next_try
from matricula.feed.webhooks.secrets import SecretUnreadable, signed_headers
from matricula.feed.webhooks.sending import Outcome
from matricula.feed.webhooks.statuses import DeliveryKind, DeliveryState, OffReason, TryError
from matricula.feed.webhooks.writes import switch_off
from matricula.foundation.transactions import one_transaction
from matricula.journal.records import Position, PositionAhead, head
from matricula.journal.statuses import SCHEDULE, OperationKind
from matricula.journal.writes import new_operation, record_operation
from matricula.learners.reads import get_learners
from matricula.notices.statuses import WEBHOOK_OFF
from matricula.notices.writes import Notice, WebhookContext, queue_notices

# longer than a try may take: after that its worker is taken for dead
CLAIM = timedelta(seconds=30)
# until an owner without the right is asked for again
REST = timedelta(minutes=1)
# in a delivery that is sent again by hand; its end can't be moved
MOST_AGAIN = 5_000
# kept of a delivery
MOST_TRIES = 50
# the shape of a delivery, with nothing in it that could be taken for a change
_TEST = b'{"changes":[]}'
_log = structlog.get_logger("matricula.webhooks")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One try, ready to be sent."""

    delivery_id: uuid.UUID
    url: str
    headers: dict[str, str]
    body: bytes
    # more may wait behind it
    is_full: bool = False


# --- Making them ---


def list_behind(limit: int) -> list[uuid.UUID]:
    """Return webhooks for which there may be changes, and none that wait. Errors: ``JournalElsewhere``."""
    end = head()
    waiting = Delivery.objects.filter(
        webhook=OuterRef("pk"), kind=DeliveryKind.CHANGES.value, state=DeliveryState.WAITING.value
    )
    behind = Webhook.objects.filter(
        ~Exists(waiting),
        Q(xact__lt=end.xact) | Q(xact=end.xact, entry__lt=end.id),
        Q(resting_until=None) | Q(resting_until__lte=timezone.now()),
        off_since=None,
    )
    # who has waited for longest comes first
    return list(behind.order_by("xact", "entry", "pk").values_list("pk", flat=True)[:limit])


def make_next(webhook_id: uuid.UUID) -> Prepared | None:
    """Make the next delivery of a webhook, claim it, and return what is to be sent; None: there is nothing now."""
    try:
        return _make_next(webhook_id)
    except PositionAhead:
        # the database was restored, but not this table: what was delivered is newer than what there is
        with one_transaction():
            end = head()
            Webhook.objects.filter(pk=webhook_id).update(xact=end.xact, entry=end.id)
        _log.error("webhook_ahead_of_feed", webhook=str(webhook_id))
        return None


def _make_next(webhook_id: uuid.UUID) -> Prepared | None:
    prepared = None
    with one_transaction():
        row = Webhook.objects.select_for_update(skip_locked=True).filter(pk=webhook_id, off_since=None).first()
        # locked: another worker makes it, or someone changes it
        if row is None or _waiting(row).exists():
            return None
        right = _right(row)
        if right is None:
            return None
        after = Position(row.xact, row.entry)
        found = follow(right, filter_of(row), after, limit=MOST_CHANGES)
        if found.records:
            delivery = _delivery(row, after, found)
            is_full = len(found.records) >= MOST_CHANGES
            prepared = _prepared(row, delivery.pk, body_of(found, right), is_full=is_full)
            # without its headers it is for the next look, which records why
            delivery.claimed_until = timezone.now() + CLAIM if prepared else None
            Delivery.objects.bulk_create([delivery])
        row.xact, row.entry = found.position
        row.save(update_fields=["xact", "entry", "resting_until"])
    return prepared


def _right(row: Webhook) -> Right | None:
    """What the owner may see, if that covers the filter; else the webhook rests for a while."""
    right = find_right(row.owner_id)
    if right is not None and right.covers(filter_of(row)):
        row.resting_until = None
        return right
    row.resting_until = timezone.now() + REST
    row.save(update_fields=["resting_until"])
    return None


def _waiting(row: Webhook) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(webhook=row, kind=DeliveryKind.CHANGES, state=DeliveryState.WAITING)


def _delivery(row: Webhook, after: Position, found: Followed) -> Delivery:
    now = timezone.now()
    return Delivery(
        id=uuid.uuid4(),
        webhook=row,
        kind=DeliveryKind.CHANGES,
        state=DeliveryState.WAITING,
        created=now,
        due=now,
        after_xact=after.xact,
        after_entry=after.id,
        upto_xact=found.position.xact,
        upto_entry=found.position.id,
        changes=len(found.records),
    )


# --- One try ---


def take_due(limit: int) -> list[uuid.UUID]:
    """Claim deliveries that are due, the oldest first; no other worker sends them until the claim ends."""
    now = timezone.now()
    with one_transaction():
        due = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                Q(claimed_until=None) | Q(claimed_until__lte=now),
                Q(webhook__off_since=None) | Q(kind=DeliveryKind.TEST),
                due__lte=now,
            )
            .order_by("due", "pk")
            .values_list("pk", flat=True)[:limit]
        )
        taken = list(due)
        Delivery.objects.filter(pk__in=taken).update(claimed_until=now + CLAIM)
    return taken


def release(deliveries: Sequence[uuid.UUID]) -> None:
    """Give claims back: a worker that stops leaves nothing to wait for."""
    Delivery.objects.filter(pk__in=deliveries).update(claimed_until=None)


def prepare(delivery_id: uuid.UUID) -> Prepared | None:
    """Return what is to be sent of a claimed delivery; None where there is nothing, or the owner may not see it."""
    delivery = Delivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if delivery is None:
        return None
    body = _TEST if delivery.kind == DeliveryKind.TEST else _body(delivery)
    if body is None:
        return None
    prepared = _prepared(delivery.webhook, delivery_id, body)
    if prepared is None:
        record(delivery_id, Outcome(None, TryError.SECRET, 0))
    return prepared


def _prepared(row: Webhook, delivery_id: uuid.UUID, body: bytes, *, is_full: bool = False) -> Prepared | None:
    """None: the secret can't be read."""
    now, stored = timezone.now(), [row.secret]
    if row.old_secret and row.old_secret_until and row.old_secret_until > now:
        stored.append(row.old_secret)
    try:
        return Prepared(delivery_id, row.url, signed_headers(str(delivery_id), now, body, stored), body, is_full)
    except SecretUnreadable:
        return None


def _body(delivery: Delivery) -> bytes | None:
    row, delivery_id = delivery.webhook, delivery.pk
    with one_transaction():
        right = _right(row)
        if right is None:
            again = timezone.now() + REST if delivery.state == DeliveryState.WAITING else None
            Delivery.objects.filter(pk=delivery_id).update(claimed_until=None, due=again)
            return None
        upto = Position(delivery.upto_xact or 0, delivery.upto_entry or 0)
        after = Position(delivery.after_xact or 0, delivery.after_entry or 0)
        is_first = delivery.state == DeliveryState.WAITING
        found = follow(right, filter_of(row), after, limit=MOST_CHANGES if is_first else MOST_AGAIN, upto=upto)
        if is_first and found.position < upto:
            # more of it may be seen than when it was made: the rest is for the next one
            _shorten(row, delivery, found.position)
        if not found.records:
            left = DeliveryState.EMPTY if delivery.state == DeliveryState.WAITING else delivery.state
            Delivery.objects.filter(pk=delivery_id).update(claimed_until=None, due=None, state=left, changes=0)
            return None
    return body_of(found, right)


def _shorten(row: Webhook, delivery: Delivery, position: Position) -> None:
    row.xact, row.entry = delivery.upto_xact, delivery.upto_entry = position
    row.save(update_fields=["xact", "entry"])
    delivery.save(update_fields=["upto_xact", "upto_entry"])


def record(delivery_id: uuid.UUID, outcome: Outcome) -> None:
    """Keep what became of a try, and when the next one is due; after three days of failures the webhook is off."""
    now = timezone.now()
    with one_transaction():
        # the webhook first, as everyone who locks both
        found = Webhook.objects.select_for_update(of=("self",)).filter(
            pk__in=Delivery.objects.filter(pk=delivery_id).values("webhook")
        )
        row = found.select_related("owner").first()
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if row is None or delivery is None:
            # deleted meanwhile
            return
        delivery.tries = [*delivery.tries, _tried(outcome, now)][-MOST_TRIES:]
        delivery.claimed_until = None
        _decide(row, delivery, outcome, now)
        delivery.save()
    _log.info(
        "webhook_tried",
        webhook=str(row.id),
        delivery=str(delivery_id),
        status=outcome.status,
        error=outcome.error,
        milliseconds=outcome.milliseconds,
    )


def _tried(outcome: Outcome, now: datetime) -> dict[str, object]:
    return {
        "at": now.isoformat(),
        "status": outcome.status,
        "error": outcome.error,
        "milliseconds": outcome.milliseconds,
    }


def _decide(row: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """What the try means for the delivery, and for the webhook."""
    delivery.due = None
    if delivery.state != DeliveryState.WAITING:
        # sent again by hand: nothing waits for it
        delivery.state = DeliveryState.DELIVERED if outcome.error is None else delivery.state
    elif outcome.error is None:
        delivery.state = DeliveryState.DELIVERED
        if delivery.kind == DeliveryKind.CHANGES and row.failing_since is not None:
            row.failing_since = None
            row.save(update_fields=["failing_since"])
    elif delivery.kind == DeliveryKind.TEST:
        delivery.state = DeliveryState.FAILED
    else:
        _try_again(row, delivery, now)


def _try_again(row: Webhook, delivery: Delivery, now: datetime) -> None:
    delivery.failures += 1
    row.failing_since = row.failing_since or now
    if row.off_since is None:
        delivery.due = next_try(row.failing_since, delivery.failures, now)
        if delivery.due is None:
            _give_up(row, now)
    row.save(update_fields=["failing_since", "off_since", "off_reason"])


def _give_up(row: Webhook, now: datetime) -> None:
    switch_off(row, OffReason.FAILING, now)
    operation = new_operation(
        None,
        SCHEDULE,
        f"Webhook {row.id} switched off: deliveries failed for three days",
        OperationKind.REQUEST,
        course_id=row.course_id,
        program_id=row.program_id,
    )
    record_operation(operation)
    [owner] = get_learners([row.owner_id])
    context: WebhookContext = {
        "full_name": owner.full_name,
        "site": settings.PUBLIC_URL,
        "link": f"{settings.PUBLIC_URL}/webhooks/{row.id}/",
        "host": host_of(row.url),
        "since": (row.failing_since or now).isoformat(),
    }
    queue_notices(operation.id, [Notice(WEBHOOK_OFF, owner.email, owner.language, context)])
    _log.warning("webhook_switched_off", webhook=str(row.id), owner=row.owner_id)
