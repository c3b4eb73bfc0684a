"""The peer's tables: enrollments, and an audit row for each change."""

from django.conf import settings
from django.db import models


class Course(models.Model):
    """A course run."""

    key = models.CharField(max_length=255, unique=True)


class Enrollment(models.Model):
    """Who is enrolled in which course run."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    mode = models.CharField(max_length=32)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "user"], name="once")]


class Audit(models.Model):
    """What was changed, and when."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    before = models.JSONField()
    after = models.JSONField()
