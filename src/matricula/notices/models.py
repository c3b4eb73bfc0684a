"""Mail that waits to leave, and mail that left."""

from django.db import models
from django.db.models import Q

from matricula.notices.statuses import KINDS


class OutgoingMail(models.Model):
    """One email, queued in the transaction of the change that it reports."""

    kind = models.TextField()
    to = models.TextField()
    language = models.CharField(max_length=8)
    # what the templates need (``NoticeContext``, ``AccountContext``, …); a link that lets its reader in goes from it
    # once the mail is sent, given up or recalled
    context = models.JSONField()
    operation = models.UUIDField()
    # what it is about: those who manage it may see the mail; neither: about an account, for global staff alone
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    queued = models.DateTimeField()
    due = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent = models.DateTimeField(null=True)
    last_error = models.TextField(null=True)
    # it never left: when, and by which operation
    recalled = models.DateTimeField(null=True)
    recall = models.UUIDField(null=True)
    # the first mail of which this one is a copy
    copy_of = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="mail_kind_known"),
            models.CheckConstraint(condition=Q(sent__isnull=True) | Q(due__isnull=True), name="mail_sent_is_not_due"),
            # sent or recalled, never both
            models.CheckConstraint(
                condition=Q(recalled__isnull=True) | Q(sent__isnull=True, due__isnull=True),
                name="mail_recalled_never_left",
            ),
        ]
        indexes = [
            models.Index(fields=["due", "id"], name="mail_due", condition=Q(due__isnull=False)),
            models.Index(fields=["operation", "queued", "id"], name="mail_of_operation"),
            # pages of the list, the latest first
            models.Index(fields=["queued", "id"], name="mail_in_order"),
            models.Index(fields=["kind", "queued", "id"], name="mail_of_kind"),
            models.Index(
                fields=["course_id", "queued", "id"], name="mail_of_course", condition=Q(course_id__isnull=False)
            ),
            models.Index(
                fields=["program_id", "queued", "id"], name="mail_of_program", condition=Q(program_id__isnull=False)
            ),
            models.Index(fields=["queued", "id"], name="mail_waiting", condition=Q(due__isnull=False)),
            models.Index(
                fields=["queued", "id"],
                name="mail_failed",
                condition=Q(due__isnull=True, sent__isnull=True, recalled__isnull=True),
            ),
            models.Index(fields=["queued", "id"], name="mail_recalled", condition=Q(recalled__isnull=False)),
            models.Index(fields=["copy_of"], name="mail_copies", condition=Q(copy_of__isnull=False)),
        ]
