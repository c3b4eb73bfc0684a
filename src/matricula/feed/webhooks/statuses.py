"""The words of webhooks: what is delivered, what became of it, why a webhook is off."""

from enum import StrEnum


class DeliveryKind(StrEnum):
    """What a delivery contains."""

    CHANGES = "changes"
    TEST = "test"


class DeliveryState(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    # tests only: they are tried once
    FAILED = "failed"
    # nothing of it is left that the owner may see, or that the filter lets through
    EMPTY = "empty"


class OffReason(StrEnum):
    """Why a webhook is off."""

    SWITCHED_OFF = "switched_off"
    # every try of three days failed
    FAILING = "failing"


class TryError(StrEnum):
    """Why a try failed."""

    # the receiver answered with something other than 2xx
    STATUS = "status"
    TIMEOUT = "timeout"
    NOT_PUBLIC = "not_public"
    UNKNOWN_NAME = "unknown_name"
    CONNECTION = "connection"
    TLS = "tls"
    INVALID_ANSWER = "invalid_answer"
    # the stored secret can't be read any more: SECRET_KEY was changed
    SECRET = "secret"  # noqa: S105  not one
