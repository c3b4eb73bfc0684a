"""Which learning platforms there are, and which course runs are on them."""

from django.db import models
from django.db.models import Q

from matricula.connections.statuses import OWNERS, Owner


class LmsConnection(models.Model):
    """A connection to an Open edX LMS. Secrets are in the environment; these are the names of the variables."""

    name = models.TextField()
    url = models.TextField()
    client_id = models.TextField()
    client_secret_env = models.TextField()
    api_key_env = models.TextField(null=True)
    push = models.BooleanField(default=True)
    grades = models.BooleanField(default=True)
    owner = models.TextField(default=Owner.REPORT.value)
    # seconds
    pause_between_calls = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="lms_connection_name_unique"),
            models.CheckConstraint(condition=Q(owner__in=OWNERS), name="lms_connection_owner_known"),
            models.CheckConstraint(condition=Q(pause_between_calls__gte=0), name="lms_connection_pause_not_negative"),
        ]


class LmsCoverage(models.Model):
    """An organization, or a single course run, that is on the LMS of a connection."""

    connection = models.ForeignKey(LmsConnection, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(
        "matricula.Organization", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    course = models.ForeignKey(
        "matricula.Course", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="lms_organization_once"),
            models.UniqueConstraint(fields=["course"], name="lms_course_once"),
            models.CheckConstraint(
                condition=Q(organization__isnull=False, course__isnull=True)
                | Q(organization__isnull=True, course__isnull=False),
                name="lms_coverage_of_one",
            ),
        ]
