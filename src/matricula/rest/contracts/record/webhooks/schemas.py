"""The shapes of webhooks and their deliveries on the wire (record-api: Webhooks)."""

import uuid
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.feed.webhooks.addresses import LONGEST_URL
from matricula.feed.webhooks.statuses import DeliveryKind, DeliveryState, OffReason, TryError
from matricula.journal.statuses import Subject
from matricula.rest.contracts.record.schemas import Key

Url = Annotated[
    str,
    Meta(
        max_length=LONGEST_URL,
        description="https:// or http://, a public address.",
        examples=["https://hooks.example.org/matricula"],
    ),
]


class WebhookFilter(msgspec.Struct):
    """Which changes are sent; without any of these: all that the owner may see."""

    course: Annotated[Key | None, Meta(description="Only changes of this course run.")] = None
    program: Annotated[Key | None, Meta(description="Only changes of this program.")] = None
    subjects: Annotated[list[Subject] | None, Meta(description="Only changes of these subjects.")] = None


class WebhookBody(msgspec.Struct):
    """A new webhook."""

    url: Url
    filter: WebhookFilter = msgspec.field(default_factory=WebhookFilter)
    active: bool = True


class WebhookChange(msgspec.Struct):
    """What is to be changed; what is left out stays. A filter replaces the one before."""

    url: Url | UnsetType = UNSET
    filter: WebhookFilter | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Webhook(msgspec.Struct):
    """An address to which changes are sent."""

    webhook_id: uuid.UUID
    webhook_url: str
    url: str
    filter: WebhookFilter
    active: bool
    owner: str
    created: datetime
    off_since: datetime | None
    off_reason: OffReason | None
    paused: Annotated[
        bool, Meta(description="True while the owner may not see what the filter names: nothing is sent.")
    ]
    failing_since: Annotated[datetime | None, Meta(description="Of the delivery that waits: its first failed try.")]
    old_secret_until: Annotated[datetime | None, Meta(description="After a rotation, both secrets sign until then.")]


class WebhookWithSecret(Webhook, kw_only=True):
    """A webhook with its secret, which is shown this once."""

    secret: Annotated[str, Meta(description="Verifies signatures (Standard Webhooks).")]


class WebhookList(msgspec.Struct):
    """One page of webhooks, the newest first."""

    results: list[Webhook]
    cursor: uuid.UUID | None


class WebhookListQuery(msgspec.Struct):
    """Which webhooks to list."""

    page_size: Annotated[int, Meta(ge=1, le=100, description="Webhooks per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None


class DeliveryTry(msgspec.Struct):
    """One try; ``error`` null: it was delivered."""

    at: datetime
    status: Annotated[int | None, Meta(description="HTTP status of the receiver, if it answered.")]
    error: TryError | None
    milliseconds: int


class Delivery(msgspec.Struct):
    """Changes on their way to a webhook, or a test."""

    delivery_id: Annotated[uuid.UUID, Meta(description="Sent as webhook-id, the same for each try.")]
    kind: DeliveryKind
    state: DeliveryState
    created: datetime
    changes: int
    next_try: datetime | None
    tries: list[DeliveryTry]


class DeliveryList(msgspec.Struct):
    """One page of deliveries, the newest first."""

    results: list[Delivery]
    cursor: uuid.UUID | None


class DeliveryListQuery(msgspec.Struct):
    """Which deliveries to list."""

    state: Annotated[DeliveryState | None, Meta(description="Only deliveries in this state.")] = None
    page_size: Annotated[int, Meta(ge=1, le=100, description="Deliveries per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None
