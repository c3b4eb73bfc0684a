"""Grades, as their source reported them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Grade(models.Model):
    """One learner's grade in one course run, or why there is none (``error``)."""

    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    percent = models.FloatField(null=True)
    letter_grade = models.TextField(null=True)
    passed = models.BooleanField(null=True)
    error = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "account"], name="grade_once"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=1), name="grade_percent_range"),
            models.CheckConstraint(
                condition=Q(error__isnull=True, percent__isnull=False, passed__isnull=False)
                | Q(error__isnull=False, percent__isnull=True, passed__isnull=True, letter_grade__isnull=True),
                name="grade_or_error",
            ),
        ]
