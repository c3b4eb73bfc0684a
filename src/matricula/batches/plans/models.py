"""Plans: what a job has looked at, what holds it, who approved it, which job applied it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from matricula.batches.plans.statuses import Decision, Scope


class Plan(models.Model):
    """What a job that plans has found; its rows are the job's. The state follows from both (``plans.sql``)."""

    job = models.OneToOneField("matricula.Job", on_delete=models.CASCADE, primary_key=True, related_name="+")
    name = models.TextField()
    scope = models.TextField()
    expires = models.DateTimeField()
    # what is there once all rows were looked at: of the rows that are not excluded, how many do what
    effects = models.JSONField(null=True)
    words = models.JSONField(null=True)
    limits = models.JSONField(null=True)
    fingerprint = models.TextField(null=True)
    is_held = models.BooleanField(default=False)
    # people beside the one who made it; 0: that one may approve it, too
    approvals = models.PositiveSmallIntegerField(default=1)
    canceled = models.DateTimeField(null=True)
    # the operation whose changes it takes back
    undo_of = models.UUIDField(null=True)
    # the job that applies it, or did
    applied_by = models.OneToOneField("matricula.Job", on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=[scope.value for scope in Scope]), name="plan_scope_known"),
            models.CheckConstraint(
                condition=Q(applied_by__isnull=True) | Q(fingerprint__isnull=False), name="plan_applied_as_seen"
            ),
        ]
        indexes = [models.Index(fields=["undo_of"], name="plan_of_undo", condition=Q(undo_of__isnull=False))]


class PlanReview(models.Model):
    """A decision about a plan as it was: about other rows than those of the ``fingerprint``, it no longer counts."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decision = models.TextField()
    note = models.TextField(null=True)
    fingerprint = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "fingerprint", "account"], name="plan_review_once"),
            models.CheckConstraint(
                condition=Q(decision__in=[decision.value for decision in Decision]), name="plan_review_decision_known"
            ),
        ]
