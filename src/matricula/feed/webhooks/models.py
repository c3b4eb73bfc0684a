"""Webhooks, and what was and is to be delivered to them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from matricula.feed.webhooks.statuses import DeliveryKind, DeliveryState, OffReason


class Webhook(models.Model):
    """An address that follows the feed, and how far it has come. It sees what its owner may see."""

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    url = models.TextField()
    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, null=True, related_name="+")
    program = models.ForeignKey("matricula.Program", on_delete=models.PROTECT, null=True, related_name="+")
    # null: all
    subjects = ArrayField(models.TextField(), null=True)
    created = models.DateTimeField()
    # null: it is on
    off_since = models.DateTimeField(null=True)
    off_reason = models.TextField(null=True)
    # since when the delivery that waits has failed
    failing_since = models.DateTimeField(null=True)
    # encrypted (``secrets``)
    secret = models.TextField()
    old_secret = models.TextField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    # the position in the feed up to which deliveries were made
    xact = models.BigIntegerField()
    entry = models.BigIntegerField()
    # the owner had no right to what it is about; looked at again then
    resting_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(off_since__isnull=True, off_reason__isnull=True)
                | Q(off_since__isnull=False, off_reason__in=[reason.value for reason in OffReason]),
                name="webhook_off_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(old_secret__isnull=True) | Q(old_secret_until__isnull=False),
                name="webhook_old_secret_expires",
            ),
        ]


class Delivery(models.Model):
    """Changes of the feed on their way to a webhook, or a test. What they are is read again for each try."""

    # the header webhook-id, the same for each try
    id = models.UUIDField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.TextField()
    state = models.TextField()
    created = models.DateTimeField()
    # null: nothing is to be sent
    due = models.DateTimeField(null=True)
    # a worker has it until then
    claimed_until = models.DateTimeField(null=True)
    # behind the first position, up to the second
    after_xact = models.BigIntegerField(null=True)
    after_entry = models.BigIntegerField(null=True)
    upto_xact = models.BigIntegerField(null=True)
    upto_entry = models.BigIntegerField(null=True)
    changes = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    # the latest: when, which status, which error, how long
    tries = models.JSONField(default=list)

    class Meta:
        db_table = "matricula_webhookdelivery"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in DeliveryKind]), name="delivery_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DeliveryState]), name="delivery_state_known"
            ),
            # that is what keeps the order: the next one is made when this one was delivered
            models.UniqueConstraint(
                fields=["webhook"],
                condition=Q(state=DeliveryState.WAITING.value, kind=DeliveryKind.CHANGES.value),
                name="delivery_one_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["due"], name="delivery_due", condition=Q(due__isnull=False)),
            models.Index(fields=["webhook", "-created", "-id"], name="delivery_by_webhook"),
            models.Index(fields=["created"], name="delivery_by_age"),
        ]
