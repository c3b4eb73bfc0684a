"""The addresses of webhooks (record-api: Webhooks), for the table of the contract."""

from collections.abc import Callable, Mapping

from matricula.rest.contracts.record.guard import LOGGED_IN, OWNS_WEBHOOK, guard_caller, guard_webhook
from matricula.rest.contracts.record.webhooks import handlers, schemas
from matricula.rest.endpoint import NOTHING, AnyCall, AnyEndpoint, Endpoint, in_body, in_query

Row = tuple[str, Callable[[AnyCall], None], Mapping[str, AnyEndpoint]]
_READ_ERRORS = (400, 401, 403, 404, 405, 429)
_ACT_ERRORS = (400, 401, 403, 404, 405, 409, 429)
_BODY_ERRORS = (400, 401, 403, 404, 405, 409, 413, 415, 429)
_ID, _DELIVERY = "3b1f0c52-7d0e-4d0b-8a54-93c3a1c7e2f0", "f4f0f6c1-2f7e-4b52-9d53-6a0b7cb5e1d4"
_WEBHOOK = {
    "webhook_id": _ID,
    "webhook_url": f"https://matricula.example.org/api/record/v1/webhooks/{_ID}",
    "url": "https://hooks.example.org/matricula",
    "filter": {"course": "course-v1:North+CS101+2027_T1", "program": None, "subjects": ["course_enrollment"]},
    "active": True,
    "owner": "helen",
    "created": "2027-01-15T08:30:00Z",
    "off_since": None,
    "off_reason": None,
    "paused": False,
    "failing_since": None,
    "old_secret_until": None,
}
_WITH_SECRET = {**_WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw3yq0D0B9v3M="}
_DELIVERED = {
    "delivery_id": _DELIVERY,
    "kind": "changes",
    "state": "delivered",
    "created": "2027-01-15T08:45:00Z",
    "changes": 3,
    "next_try": None,
    "tries": [{"at": "2027-01-15T08:45:01Z", "status": 204, "error": None, "milliseconds": 41}],
}
_WAITING = {**_DELIVERED, "state": "waiting", "next_try": "2027-01-15T08:45:00Z", "tries": []}
REASONS = {
    201: "The webhook was made",
    202: "The delivery will be sent at once",
    204: "The webhook was deleted",
    409: "The webhook isn't in a state in which this can be done, or there are too many",
}
WEBHOOK_ROWS: tuple[Row, ...] = (
    (
        "/webhooks",
        guard_caller,
        {
            "POST": Endpoint(
                handlers.create_webhook,
                in_body(schemas.WebhookBody),
                "Make a webhook: changes are sent to an address",
                LOGGED_IN,
                {201: schemas.WebhookWithSecret},
                errors=(*_BODY_ERRORS, 503),
                description="It follows the feed from now on. The secret is shown this once.",
                body_example={"url": _WEBHOOK["url"], "filter": _WEBHOOK["filter"], "active": True},
                answer_examples={201: _WITH_SECRET},
                has_etag=True,
            ),
            "GET": Endpoint(
                handlers.list_some_webhooks,
                in_query(schemas.WebhookListQuery),
                "List your webhooks, the newest first",
                LOGGED_IN,
                {200: schemas.WebhookList},
                errors=_READ_ERRORS,
                answer_examples={200: {"results": [_WEBHOOK], "cursor": None}},
            ),
        },
    ),
    (
        "/webhooks/{webhook_id}",
        guard_webhook,
        {
            "GET": Endpoint(
                handlers.get_webhook,
                NOTHING,
                "Get a webhook",
                OWNS_WEBHOOK,
                {200: schemas.Webhook},
                errors=_READ_ERRORS,
                answer_examples={200: _WEBHOOK},
                has_etag=True,
            ),
            "PATCH": Endpoint(
                handlers.change_webhook,
                in_body(schemas.WebhookChange),
                "Change a webhook, or switch it off or on",
                OWNS_WEBHOOK,
                {200: schemas.Webhook},
                errors=_BODY_ERRORS,
                description="One that is switched on again continues where it stopped.",
                body_example={"active": False},
                answer_examples={
                    200: {
                        **_WEBHOOK,
                        "active": False,
                        "off_since": "2027-01-16T10:00:00Z",
                        "off_reason": "switched_off",
                    }
                },
                has_etag=True,
                held_state=handlers.hold_webhook_shown,
            ),
            "DELETE": Endpoint(
                handlers.delete_webhook,
                NOTHING,
                "Delete a webhook with its deliveries",
                OWNS_WEBHOOK,
                {204: None},
                errors=_ACT_ERRORS,
                without_body=(204,),
                held_state=handlers.hold_webhook_shown,
            ),
        },
    ),
    (
        "/webhooks/{webhook_id}/rotate",
        guard_webhook,
        {
            "POST": Endpoint(
                handlers.rotate_webhook_secret,
                NOTHING,
                "Give a webhook a new secret; both sign for a day",
                OWNS_WEBHOOK,
                {200: schemas.WebhookWithSecret},
                errors=_ACT_ERRORS,
                answer_examples={200: {**_WITH_SECRET, "old_secret_until": "2027-01-17T10:00:00Z"}},
                has_etag=True,
                held_state=handlers.hold_webhook_shown,
            )
        },
    ),
    (
        "/webhooks/{webhook_id}/test",
        guard_webhook,
        {
            "POST": Endpoint(
                handlers.test_webhook,
                NOTHING,
                "Send a test: a signed delivery without changes",
                OWNS_WEBHOOK,
                {202: schemas.Delivery},
                errors=_ACT_ERRORS,
                answer_examples={202: {**_WAITING, "kind": "test", "changes": 0}},
                held_state=handlers.hold_webhook_shown,
            )
        },
    ),
    (
        "/webhooks/{webhook_id}/deliveries",
        guard_webhook,
        {
            "GET": Endpoint(
                handlers.get_deliveries,
                in_query(schemas.DeliveryListQuery),
                "List the deliveries of a webhook with their tries, the newest first",
                OWNS_WEBHOOK,
                {200: schemas.DeliveryList},
                errors=_READ_ERRORS,
                answer_examples={200: {"results": [_DELIVERED], "cursor": None}},
            )
        },
    ),
    (
        "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
        guard_webhook,
        {
            "POST": Endpoint(
                handlers.retry_delivery,
                NOTHING,
                "Send a delivery now, again if it was delivered",
                OWNS_WEBHOOK,
                {202: schemas.Delivery},
                errors=_ACT_ERRORS,
                answer_examples={202: _WAITING},
            )
        },
    ),
)
