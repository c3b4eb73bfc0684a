"""Numbers that only grow."""

from django.db import models


class Tally(models.Model):
    """How often something has happened: a change by its subject and transition, a mail by what became of it."""

    kind = models.TextField()
    subject = models.TextField()
    outcome = models.TextField()
    total = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "outcome"], name="tally_once"),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="tally_counts_up"),
        ]
