"""People who are to be retired, and who were."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from matricula.retirement.statuses import RetirementState


class Retirement(models.Model):
    """One person whose traces are to be replaced, or were. Who it was is in ``traces``, until that is done."""

    id = models.UUIDField(primary_key=True)
    # None: a person without an account
    account_id = models.BigIntegerField(null=True)
    # the pseudonym
    code = models.TextField()
    state = models.TextField()
    requested = models.DateTimeField(db_default=Now())
    # None: a command
    actor_id = models.BigIntegerField(null=True)
    reason = models.TextField(null=True)
    operation = models.UUIDField(null=True)
    # what is still to be looked for (``people.Person``)
    traces = models.JSONField(null=True)
    begun = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    # place → how many rows or files
    replaced = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RetirementState]), name="retirement_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=RetirementState.DONE.value) | Q(traces__isnull=True, finished__isnull=False),
                name="retirement_done_without_traces",
            ),
            models.UniqueConstraint(
                fields=["account_id"],
                condition=~Q(state=RetirementState.DONE.value) & Q(account_id__isnull=False),
                name="retirement_unfinished_once",
            ),
        ]
        indexes = [models.Index(fields=["requested", "id"], name="retirement_by_time")]
