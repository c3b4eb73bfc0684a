"""Snapshots: rosters of a moment, kept as files."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Snapshot(models.Model):
    """Who was enrolled in a course run, or the rows of a program, at a moment; as the file that says it.

    Rows are only ever added: a trigger rejects everything else (migration 0031). Where a person's traces were removed
    from the file later, both digests stay those of what it was, and it is marked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(
        "matricula.Course", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    program = models.ForeignKey(
        "matricula.Program", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    as_of = models.DateTimeField()
    name = models.TextField()
    count = models.PositiveBigIntegerField()
    # of the lines that the contract names, and of the file as it is
    digest = models.TextField()
    file_digest = models.TextField()
    # in the file storage
    file = models.TextField()
    file_bytes = models.PositiveBigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    operation = models.UUIDField()
    created = models.DateTimeField()
    # of the file as it is since then; null: as it was made
    redacted = models.DateTimeField(null=True)
    redacted_digest = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(course__isnull=False, program__isnull=True) | Q(course__isnull=True, program__isnull=False),
                name="snapshot_about_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["created", "id"], name="snapshot_by_time"),
            models.Index(fields=["course", "created"], name="snapshot_by_course", condition=Q(course__isnull=False)),
            models.Index(fields=["program", "created"], name="snapshot_by_program", condition=Q(program__isnull=False)),
        ]
