"""The answers that were given to changes, kept for clients that didn't get them; keys and requests only as digests."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from matricula.idempotency.rules import NOT_KEPT


class StoredAnswer(models.Model):
    """What a change was answered with. Its row is committed with the change, or not at all."""

    # of client, route and key
    identity = models.BinaryField(primary_key=True)
    # of the address, the query and the body
    request = models.BinaryField()
    # whose answer it is; no foreign key, so that keeping it locks no account
    account_id = models.BigIntegerField()
    # the request that wrote, whose id is its operation's
    operation = models.UUIDField()
    status = models.PositiveSmallIntegerField()
    # headers and body, compressed and encrypted
    answer = models.BinaryField()
    # the rights that the change itself asked for, beside those of its address
    rights = models.JSONField()
    created = models.DateTimeField(db_default=Now())
    expires = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires"], name="stored_answer_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__gte=200, status__lt=500) & ~Q(status__in=sorted(NOT_KEPT)),
                name="stored_answer_is_kept",
            ),
            models.CheckConstraint(condition=Q(expires__gt=F("created")), name="stored_answer_expires"),
        ]
