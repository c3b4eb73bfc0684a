"""Who is enrolled in which course run, and who is invited."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Lower


class CourseEnrollment(models.Model):
    """An account's enrollment in a course run; never deleted, only made inactive."""

    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # the account's folded username, kept equal to it by the foreign key enrollment_roster_name (migration 0002)
    username_key = models.TextField(db_collation="C")
    mode = models.TextField()
    is_active = models.BooleanField()
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "account"], name="enrollment_once"),
            models.CheckConstraint(condition=~Q(mode=""), name="enrollment_has_a_mode"),
        ]
        indexes = [models.Index(fields=["course", "is_active", "username_key"], name="enrollment_roster")]


class PreEnrollment(models.Model):
    """An invitation of an e-mail address to a course run; bound to an account once one with the address is active."""

    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    email = models.TextField()
    email_key = models.GeneratedField(
        expression=Lower(Collate(F("email"), "C")), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    mode = models.TextField(null=True)
    auto_enroll = models.BooleanField()
    # who asked last, and why: repeated in the audit row of the enrollment that comes of it
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(null=True)
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email_key", "course"], condition=Q(account__isnull=True), name="pre_enrollment_once_for_email"
            ),
            models.UniqueConstraint(
                fields=["account", "course"],
                condition=Q(account__isnull=False),
                name="pre_enrollment_once_for_account",
            ),
            models.CheckConstraint(condition=Q(email__contains="@"), name="pre_enrollment_has_an_email"),
        ]
