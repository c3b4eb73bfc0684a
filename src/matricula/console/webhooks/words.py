"""What pages say about webhooks and their deliveries; a builtin of templates."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.feed.webhooks.reads import Try
from matricula.feed.webhooks.statuses import DeliveryState, TryError

register = template.Library()
_STATES: Mapping[DeliveryState, Promise] = {
    DeliveryState.WAITING: gettext_lazy("Waiting"),
    DeliveryState.DELIVERED: gettext_lazy("Delivered"),
    DeliveryState.FAILED: gettext_lazy("Failed"),
    DeliveryState.EMPTY: gettext_lazy("Nothing left to send"),
}
_COLORS = {DeliveryState.DELIVERED: "good", DeliveryState.WAITING: "warn", DeliveryState.FAILED: "bad"}
_ERRORS: Mapping[TryError, Promise] = {
    TryError.TIMEOUT: gettext_lazy("no answer within 10 seconds"),
    TryError.NOT_PUBLIC: gettext_lazy("the address isn't public"),
    TryError.UNKNOWN_NAME: gettext_lazy("the host name wasn't found"),
    TryError.CONNECTION: gettext_lazy("the receiver can't be reached"),
    TryError.TLS: gettext_lazy("the certificate isn't valid"),
    TryError.INVALID_ANSWER: gettext_lazy("the answer isn't valid HTTP"),
    TryError.SECRET: gettext_lazy("the secret can't be read: rotate it"),
}


@register.filter
def delivery_words(state: DeliveryState) -> str:
    """What became of a delivery."""
    return str(_STATES[state])


@register.filter
def delivery_color(state: DeliveryState) -> str:
    """How the state of a delivery is colored."""
    return _COLORS.get(state, "")


@register.filter
def try_words(tried: Try) -> str:
    """What became of one try."""
    if tried.error is not None and tried.error is not TryError.STATUS:
        return str(_ERRORS[tried.error])
    return _("answered with status %(status)s") % {"status": tried.status}
