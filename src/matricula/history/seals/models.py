"""Seals of the journal."""

from django.db import models
from django.db.models.functions import Now


class Seal(models.Model):
    """A digest of the changes behind the seal before it, in feed order, and of that seal. Rows are only ever added."""

    at = models.DateTimeField(db_default=Now())
    first_change_id = models.BigIntegerField()
    # where the next one goes on: transaction (0: not recorded) and id
    last_xact = models.BigIntegerField()
    last_change_id = models.BigIntegerField()
    changes = models.PositiveIntegerField()
    digest = models.BinaryField()
    # the times of its changes: in which parts of the journal they are
    earliest = models.DateTimeField()
    latest = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["last_xact", "last_change_id"], name="seal_once"),
            models.CheckConstraint(condition=models.Q(changes__gt=0), name="seal_has_changes"),
        ]
        indexes = [models.Index(fields=["at"], name="seal_by_time")]
