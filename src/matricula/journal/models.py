"""The journal: what changed, for whom, from what to what, by whom, why, through which door."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower, Now

from matricula.foundation.database import TransactionIdField
from matricula.journal.statuses import ACCESS_SUBJECTS, NAMED_THINGS, NOT_ABOUT_ACCESS, SOURCES, OperationKind, Subject


class OperationRecord(models.Model):
    """One act that changed something: a request, a task, an upload, a load. Its entries point to it.

    Only ``ended`` is ever written again, once: when work of several transactions is over.
    """

    # the id of the request (X-Request-Id) or of the job
    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    source = models.TextField()
    # None: no one was signed in
    actor_id = models.BigIntegerField(null=True)
    # said once for all of it; an entry may have a reason of its own
    reason = models.TextField(null=True)
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    job_id = models.UUIDField(null=True)
    file = models.TextField(null=True)
    started = models.DateTimeField(db_default=Now())
    ended = models.DateTimeField(null=True)
    # the operation that this one takes back
    reverts = models.UUIDField(null=True)

    class Meta:
        db_table = "matricula_operation"
        constraints = [
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="operation_source_known"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in OperationKind]), name="operation_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["started", "id"], name="operation_by_start"),
            models.Index(
                fields=["course_id", "started"], name="operation_by_course", condition=Q(course_id__isnull=False)
            ),
            models.Index(
                fields=["program_id", "started"], name="operation_by_program", condition=Q(program_id__isnull=False)
            ),
            # of whom a replica may lack changes
            models.Index(
                fields=["actor_id", "started"], name="operation_by_actor", condition=Q(actor_id__isnull=False)
            ),
            models.Index(fields=["reverts"], name="operation_taken_back", condition=Q(reverts__isnull=False)),
        ]


class JournalEntry(models.Model):
    """One person's step in one operation. Rows are only ever added: a trigger rejects everything else.

    People and things are named by their ids without foreign keys: the journal is below every other table, and
    outlives what it describes.
    """

    at = models.DateTimeField()
    # without a foreign key, which would be looked up for each of a million rows; `check --deep` looks for all of them
    operation = models.UUIDField()
    # only in rows older than the table of operations
    source = models.TextField(null=True)
    # where it differs from that of the operation
    actor_id = models.BigIntegerField(null=True)
    # actor and reason are this row's own, also where they are null: an invitation that took effect repeats its own
    own = models.BooleanField(null=True)
    subject = models.TextField()
    account_id = models.BigIntegerField(null=True)
    # the address, where no account is behind it; under "C" lower() folds A to Z only
    email = models.TextField(null=True, db_collation="C")
    # the university's key, where the change was made by it
    student_key = models.TextField(null=True)
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    transition = models.TextField()
    before = models.JSONField()
    after = models.JSONField()
    # where it differs from that of the operation
    reason = models.TextField(null=True)
    # at least the transaction that wrote the row: a reader who waits for older ones to end misses nothing. Null in old
    # rows. See journal/records.py
    xact = TransactionIdField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="journal_source_known"),
            models.CheckConstraint(
                condition=Q(account_id__isnull=False)
                | Q(email__isnull=False)
                | Q(student_key__isnull=False)
                | Q(before__has_any_keys=NAMED_THINGS)
                | Q(after__has_any_keys=NAMED_THINGS)
                | Q(subject=Subject.CATALOG.value),
                name="journal_names_a_person",
            ),
            models.CheckConstraint(
                condition=Q(subject__in=[subject.value for subject in Subject]), name="journal_subject_known"
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
            # with the id, so that a page of few among many is read in order, whatever the planner takes them for
            models.Index(Lower("email"), "id", name="journal_of_address", condition=Q(email__isnull=False)),
            models.Index(fields=["operation", "id"], name="journal_of_operation"),
            models.Index(
                # folded, as everywhere
                models.Func("student_key", template='lower(%(expressions)s collate "C")'),
                models.F("program_id"),
                name="journal_by_student_key",
                condition=Q(student_key__isnull=False),
            ),
            models.Index(fields=["program_id", "id"], name="journal_by_program", condition=Q(program_id__isnull=False)),
            models.Index(
                fields=["id"],
                name="journal_about_access",
                condition=Q(subject__in=[subject.value for subject in ACCESS_SUBJECTS])
                & ~Q(transition__in=NOT_ABOUT_ACCESS),
            ),
            # the order of the feed; entries of before, which know no transaction, are read by themselves
            models.Index(fields=["xact", "id"], name="journal_in_order"),
            models.Index(KT("after__job_id"), name="journal_of_jobs", condition=Q(subject=Subject.JOB.value)),
        ]


class JournalRedaction(models.Model):
    """An entry from which a person's traces were removed, with the digest of what it was. Rows are only ever added.

    As the entry, without foreign keys.
    """

    entry_id = models.BigIntegerField(primary_key=True)
    digest = models.BinaryField()
    at = models.DateTimeField(db_default=Now())
    # what removed them
    operation = models.UUIDField()


class Change(models.Model):
    """An entry together with what its operation says once for all: how the journal is read. A view."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    operation = models.UUIDField()
    kind = models.TextField()
    source = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    subject = models.TextField()
    account_id = models.BigIntegerField(null=True)
    email = models.TextField(null=True)
    student_key = models.TextField(null=True)
    course_id = models.BigIntegerField(null=True)
    program_id = models.BigIntegerField(null=True)
    transition = models.TextField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "matricula_change"
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
