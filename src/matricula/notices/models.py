"""Mail that waits to leave, and mail that left."""

from django.db import models
from django.db.models import Q

from matricula.notices.statuses import KINDS


class OutgoingMail(models.Model):
    """One email, queued in the transaction of the change that it reports."""

    kind = models.TextField()
    to = models.TextField()
    language = models.CharField(max_length=8)
    # what the templates need (``NoticeContext``, ``AccountContext``, …); a link goes from it once the mail is sent
    context = models.JSONField()
    operation = models.UUIDField()
    queued = models.DateTimeField()
    due = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent = models.DateTimeField(null=True)
    last_error = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="mail_kind_known"),
            models.CheckConstraint(condition=Q(sent__isnull=True) | Q(due__isnull=True), name="mail_sent_is_not_due"),
        ]
        indexes = [
            models.Index(fields=["due", "id"], name="mail_due", condition=Q(due__isnull=False)),
            models.Index(fields=["operation"], name="mail_by_operation"),
        ]
