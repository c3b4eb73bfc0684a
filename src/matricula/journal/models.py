"""The journal: what changed, for whom, from what to what, by whom, why, through which door."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from matricula.journal.statuses import ACCESS_SUBJECTS, JOB, NAMED_THINGS, SOURCES


class JournalEntry(models.Model):
    """One person's step in one operation. Rows are only ever added: a trigger refuses everything else.

    People and things are named by their ids without foreign keys: the journal stands below every other table, and
    outlives what it tells of.
    """

    at = models.DateTimeField()
    # the request or the job that this row belongs to
    operation = models.UUIDField()
    source = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    subject = models.TextField()
    account_id = models.BigIntegerField(null=True)
    # the address, where no account stands behind it; under "C" lower() folds A to Z only
    email = models.TextField(null=True, db_collation="C")
    # the university's key, where the change was made by it
    student_key = models.TextField(null=True)
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    transition = models.TextField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="journal_source_known"),
            models.CheckConstraint(
                condition=Q(account_id__isnull=False)
                | Q(email__isnull=False)
                | Q(student_key__isnull=False)
                | Q(before__has_any_keys=NAMED_THINGS)
                | Q(after__has_any_keys=NAMED_THINGS),
                name="journal_names_a_person",
            ),
        ]
        indexes = [
            # two, so that the latest entries of a course run come soon for those who may not read its programs, too
            models.Index(
                fields=["course_id", "id"],
                name="journal_by_course_alone",
                condition=Q(course_id__isnull=False, program_id__isnull=True),
            ),
            models.Index(
                fields=["course_id", "id"],
                name="journal_by_course_in_program",
                condition=Q(course_id__isnull=False, program_id__isnull=False),
            ),
            models.Index(fields=["account_id", "id"], name="journal_by_account", condition=Q(account_id__isnull=False)),
            models.Index(Lower("email"), name="journal_by_email", condition=Q(email__isnull=False)),
            models.Index(fields=["operation"], name="journal_by_operation"),
            models.Index(fields=["program_id", "id"], name="journal_by_program", condition=Q(program_id__isnull=False)),
            models.Index(fields=["id"], name="journal_of_access", condition=Q(subject__in=ACCESS_SUBJECTS)),
            models.Index(KT("after__job_id"), name="journal_of_jobs", condition=Q(subject=JOB)),
        ]
