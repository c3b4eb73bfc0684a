"""Long work: what was asked, how far it is, what came out."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from matricula.jobs.statuses import COMPLETED, EXCLUSIVE_KINDS, FAILED, JOB_STATES, READ_KINDS, UNFINISHED

# ended without all that was asked: an internal error, or rows that were rejected
TROUBLED = Q(state=FAILED.value) | Q(state=COMPLETED.value) & (Q(text__in=("207", "422")) | Q(counts__has_key="error"))


class Job(models.Model):
    """One piece of long work, done in chunks; ``done`` moves in the transaction of each chunk."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField()
    state = models.TextField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.TextField()
    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, null=True, related_name="+")
    program = models.ForeignKey("matricula.Program", on_delete=models.PROTECT, null=True, related_name="+")
    options = models.JSONField(default=dict)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    # how many ended how: {"enrolled": 3, "error": 1}
    counts = models.JSONField(default=dict)
    error = models.TextField(null=True)
    # the name of the result file in the file storage
    result = models.TextField(null=True)
    # the word for the whole result, as the Registrar API has it: 200, 207, 422, 204
    text = models.TextField(null=True)
    created = models.DateTimeField()
    # when a worker last took it up: callers take turns by it
    started = models.DateTimeField(null=True)
    # of the result file, kept or being written: they count towards the quota of the file storage
    file_bytes = models.PositiveBigIntegerField(default=0)
    updated = models.DateTimeField()
    # of a job that the command which reads the file does itself: when that command last said that it lives
    heartbeat = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JOB_STATES), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=F("total")), name="job_done_within_total"
            ),
            models.CheckConstraint(
                condition=Q(state="failed", error__isnull=False) | (~Q(state="failed") & Q(error__isnull=True)),
                name="job_error_when_failed",
            ),
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(kind__in=EXCLUSIVE_KINDS, state__in=UNFINISHED, program__isnull=False),
                name="job_one_unfinished_write_for_program",
            ),
            models.UniqueConstraint(
                fields=["actor", "kind", "program", "course", "options"],
                condition=Q(kind__in=READ_KINDS, state__in=UNFINISHED, actor__isnull=False),
                nulls_distinct=False,
                name="job_one_unfinished_download_alike",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "created"], name="job_by_course"),
            models.Index(fields=["-created", "id"], name="job_by_time"),
            models.Index(
                fields=["actor", "created"], name="job_unfinished_by_actor", condition=Q(state__in=UNFINISHED)
            ),
            models.Index(fields=["created"], name="job_troubled", condition=TROUBLED),
            models.Index(fields=["actor", "started"], name="job_turns", condition=Q(started__isnull=False)),
            models.Index(
                fields=["actor"], include=["file_bytes", "kind"], name="job_files", condition=Q(file_bytes__gt=0)
            ),
        ]


class JobChunk(models.Model):
    """Some thousand rows of a job in their order, and what became of them: arrays with one element for each row.

    Written and read by ``matricula.batches.stored`` alone, which says what the elements are.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    # the form of the arrays; null for rows of before there were any, which have ``input`` and ``results``
    version = models.SmallIntegerField(null=True)
    keys = ArrayField(models.TextField(), null=True)
    asks = ArrayField(models.TextField(null=True), null=True)
    reasons = ArrayField(models.TextField(null=True), null=True)
    numbers = ArrayField(models.IntegerField(), null=True)
    rejected = models.JSONField(null=True)
    outcomes = models.JSONField(null=True)
    codes = ArrayField(models.IntegerField(null=True), null=True)
    counts = models.JSONField(null=True)
    # of plans: how many rows would do what, the accounts that the rows name, which rows are excluded
    effects = models.JSONField(null=True)
    people = ArrayField(models.BigIntegerField(null=True), null=True)
    excluded = ArrayField(models.BooleanField(), null=True)
    input = models.JSONField(null=True)
    results = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_chunk_once")]
        indexes = [
            # whom rejected rows name (migration 0036); most chunks have none
            GinIndex(
                Func("keys", "outcomes", "codes", "rejected", function="matricula_rejected_keys"),
                name="job_chunk_rejected",
            )
        ]


class JobSlice(models.Model):
    """One transaction's share of a large job while it runs: people who are in no other slice of it.

    From 1: people who can be written as a set; from -1 down: those who are written one by one; 0: rows that were
    rejected before. Arrays have one element for each row (``enrollments/store/work.py``); ``codes`` are places in
    ``outcomes``, null until the slice is written.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    rows = models.PositiveIntegerField()
    numbers = ArrayField(models.IntegerField())
    keys = ArrayField(models.TextField())
    held = ArrayField(models.BigIntegerField(null=True))
    generations = ArrayField(models.IntegerField(null=True), null=True)
    reasons = ArrayField(models.TextField(null=True), null=True)
    # of plans: the rows in the file; and of what applies them, the accounts that they named
    lines = ArrayField(models.IntegerField(null=True), null=True)
    people = ArrayField(models.BigIntegerField(null=True), null=True)
    cases = ArrayField(models.TextField())
    outcomes = models.JSONField(null=True)
    codes = ArrayField(models.IntegerField(), null=True)
    counts = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_slice_once")]
