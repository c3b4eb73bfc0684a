"""What is to be true in each LMS, and what is known of it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from matricula.connections.models import LmsConnection
from matricula.connectors.open_edx.statuses import DIFFERENCE_KINDS, ROW_STATES, RowState, Wanted


class LmsState(models.Model):
    """How a connection is: how far the journal was followed, when the next call may be made, what is wrong."""

    connection = models.OneToOneField(LmsConnection, on_delete=models.CASCADE, primary_key=True, related_name="+")
    followed_xact = models.BigIntegerField(null=True)
    followed_id = models.BigIntegerField(null=True)
    # the course runs whose enrollments have rows
    courses = ArrayField(models.BigIntegerField(), default=list)
    # seconds since 1970: the time that the next call gets
    next_call = models.FloatField(default=0.0)
    # problems one after the other, since the last good call
    failures = models.PositiveIntegerField(default=0)
    problem = models.TextField(null=True)
    # seconds since 1970: no call before
    paused_until = models.FloatField(null=True)
    last_good = models.DateTimeField(null=True)
    compared = models.DateTimeField(null=True)
    graded = models.DateTimeField(null=True)


class LmsRow(models.Model):
    """One person in one course run of an LMS: what is wanted, what was sent and confirmed, what was rejected."""

    connection = models.ForeignKey(LmsConnection, on_delete=models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: an address without an account, which is in email_key
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    email_key = models.TextField(default="", db_collation="C")
    email = models.TextField()
    wanted = models.TextField()
    mode = models.TextField(null=True)
    invite_email = models.TextField(null=True)
    invite_auto = models.BooleanField(null=True)
    # counts what was wanted, one after the other
    version = models.PositiveIntegerField(default=1)
    # the one that it follows
    operation = models.UUIDField(null=True)
    state = models.TextField()
    # of the LMS
    words = models.TextField(null=True)
    # seconds since 1970: a row whose call failed waits
    next_try = models.FloatField(default=0.0)
    tries = models.PositiveIntegerField(default=0)
    # a process has it in hand
    is_claimed = models.BooleanField(default=False)
    # a call may have gone out without an answer
    is_unsure = models.BooleanField(default=False)
    confirmed_mode = models.TextField(null=True)
    confirmed_active = models.BooleanField(null=True)
    sent_email = models.TextField(null=True)
    sent_auto = models.BooleanField(null=True)
    sent = models.DateTimeField(null=True)
    updated = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "account", "email_key"], name="lms_row_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(state__in=ROW_STATES), name="lms_row_state_known"),
            models.CheckConstraint(
                condition=Q(wanted__in=[word.value for word in Wanted]), name="lms_row_wanted_known"
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False, email_key="") | (Q(account__isnull=True) & ~Q(email_key="")),
                name="lms_row_names_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "next_try", "id"],
                name="lms_row_waiting",
                condition=Q(state=RowState.WAITING.value),
            ),
            models.Index(
                fields=["connection", "state", "id"],
                name="lms_row_not_confirmed",
                condition=~Q(state=RowState.CONFIRMED.value),
            ),
            models.Index(fields=["account"], name="lms_row_by_account", condition=Q(account__isnull=False)),
        ]


class LmsUsername(models.Model):
    """The username that an account has in an LMS."""

    connection = models.ForeignKey(LmsConnection, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    username = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "account"], name="lms_username_once"),
            models.CheckConstraint(condition=~Q(username=""), name="lms_username_not_empty"),
        ]


class LmsDifference(models.Model):
    """How an LMS differed from the record when they were last compared."""

    connection = models.ForeignKey(LmsConnection, on_delete=models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False)
    # the row here; None: no record of that person
    row = models.ForeignKey(LmsRow, on_delete=models.CASCADE, null=True, related_name="+")
    # in the LMS
    username = models.TextField()
    kind = models.TextField()
    # a mode, or null where there is no active enrollment
    here = models.TextField(null=True)
    there = models.TextField(null=True)
    # it was sent again
    is_sent = models.BooleanField(default=False)
    found = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "course", "username"], name="lms_difference_once"),
            models.CheckConstraint(condition=Q(kind__in=DIFFERENCE_KINDS), name="lms_difference_kind_known"),
        ]


class LmsMissingGrade(models.Model):
    """A learner whom the LMS left out when the grades of a course run were last fetched; the old grade was kept."""

    connection = models.ForeignKey(LmsConnection, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey("matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # the one that fetched them
    job = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "account"], name="lms_missing_grade_once")]
