"""Who got which file about people."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from matricula.disclosures.statuses import KINDS
from matricula.journal.statuses import SOURCES


class Disclosure(models.Model):
    """A file about people that someone got, or began to get. A trigger keeps rows as they are; only how it ended is
    added, once. People and things are named by their ids without foreign keys, and are outlived.
    """

    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    # the door: API, console, command line
    source = models.TextField()
    # None: a command, or a link that does not say for whom it was made
    actor_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    # of a command: the account of the machine
    os_user = models.TextField(null=True)
    # the id of the request
    operation = models.UUIDField()
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    job_id = models.UUIDField(null=True)
    # the name of a file of the storage
    file = models.TextField(null=True)
    # what else was chosen; nothing that names a person
    filters = models.JSONField(default=dict)
    reason = models.TextField(null=True)
    # of one that ended; no end: the process was killed while it gave the rows
    ended = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    # None: not known
    people = models.BigIntegerField(null=True)
    # all of it was sent; None: handed over as a file
    complete = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="disclosure_source_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="disclosure_kind_known"),
        ]
        indexes = [
            models.Index(fields=["actor_id", "id"], name="disclosure_by_actor", condition=Q(actor_id__isnull=False)),
            models.Index(fields=["course_id", "id"], name="disclosure_by_course", condition=Q(course_id__isnull=False)),
            models.Index(
                fields=["program_id", "id"], name="disclosure_by_program", condition=Q(program_id__isnull=False)
            ),
            models.Index(fields=["file", "actor_id"], name="disclosure_by_file", condition=Q(file__isnull=False)),
        ]
