"""Webhooks and their deliveries as files: what the pages show, never a secret or what was sent."""

from collections.abc import Callable, Sequence

from matricula.feed.webhooks.reads import DeliveryFacts, WebhookFacts, find_last_deliveries
from matricula.listings.exports import time_cell
from matricula.tabular.exports import Export, export_rows, walk

_AT_ONCE = 500
_WEBHOOKS = (
    "webhook_id", "url", "owner", "course", "program", "subjects", "created", "off_since", "off_reason",
    "failing_since", "last_delivery", "last_state",
)  # fmt: skip
_DELIVERIES = (
    "delivery_id",
    "kind",
    "state",
    "changes",
    "created",
    "due",
    "tries",
    "last_try",
    "last_status",
    "last_error",
)
ShownWebhook = tuple[WebhookFacts, DeliveryFacts | None]


def with_last(found: list[WebhookFacts]) -> list[ShownWebhook]:
    """Webhooks, each with its latest delivery."""
    latest = find_last_deliveries([one.id for one in found])
    return [(one, latest.get(one.id)) for one in found]


def export_webhooks(listed: Callable[..., list[WebhookFacts]]) -> Export:
    """The webhooks that ``listed`` gives, the newest first."""

    def read(last: ShownWebhook | None) -> list[ShownWebhook]:
        return with_last(listed(limit=_AT_ONCE, before=last[0].id if last else None))

    return export_rows(_WEBHOOKS, map(_webhook, walk(read)))


def _webhook(shown: ShownWebhook) -> Sequence[object]:
    one, last = shown
    return (
        one.id,
        one.url,
        one.owner,
        one.course,
        one.program,
        " ".join(one.filter.subjects or ()),
        time_cell(one.created),
        time_cell(one.off_since),
        one.off_reason,
        time_cell(one.failing_since),
        time_cell(last.created) if last else "",
        last.state if last else "",
    )


def export_deliveries(listed: Callable[..., list[DeliveryFacts]]) -> Export:
    """The deliveries that ``listed`` gives, the newest first; they name no one."""

    def read(last: DeliveryFacts | None) -> list[DeliveryFacts]:
        return listed(limit=_AT_ONCE, before=last.id if last else None)

    return export_rows(_DELIVERIES, map(_delivery, walk(read)), lambda: 0, numbers=("changes", "tries"))


def _delivery(one: DeliveryFacts) -> Sequence[object]:
    last = one.last_try
    tried = (time_cell(last.at), last.status, last.error) if last else ("", "", "")
    made = (time_cell(one.created), time_cell(one.due), len(one.tries))
    return (one.id, one.kind.value, one.state.value, one.changes, *made, *tried)
