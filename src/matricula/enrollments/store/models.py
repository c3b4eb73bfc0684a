"""Who is enrolled in which course run, and who is invited."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Lower

from matricula.enrollments.statuses import COURSE_STATUSES, ENROLLED, INACTIVE, PROGRAM_STATUSES


class CourseEnrollment(models.Model):
    """An account's enrollment in a course run; never deleted, only made inactive."""

    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    # the account's folded username, kept equal to it by the foreign key enrollment_roster_name (migration 0002)
    username_key = models.TextField(db_collation="C")
    mode = models.TextField()
    is_active = models.BooleanField()
    created = models.DateTimeField()

    class Meta:
        constraints = [
            # its index finds the enrollments of an account too
            models.UniqueConstraint(fields=["account", "course"], name="enrollment_once"),
            models.CheckConstraint(condition=~Q(mode=""), name="enrollment_has_a_mode"),
        ]
        indexes = [
            models.Index(fields=["course", "is_active", "username_key"], name="enrollment_roster"),
            models.Index(fields=["course", "is_active", "created", "id"], name="enrollment_by_date"),
        ]


class RosterBlock(models.Model):
    """Where a block of a course run's roster begins; the first one begins at "" and has no row.

    Written only by ``matricula.enrollments.course.counts``.
    """

    course = models.ForeignKey(
        "matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    start = models.TextField(db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "start"], name="roster_block_once")]


class RosterCount(models.Model):
    """So many seats more (or fewer) in a block of a roster; the sum over the rows is the count, at any moment.

    Added by triggers of the table of course enrollments (migration 0005), so that nothing can write past it.
    """

    # no constraint: each seat of the course run has one, and this is derived from the seats
    course = models.ForeignKey(
        "matricula.Course", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    block = models.TextField(db_collation="C")
    is_active = models.BooleanField()
    mode = models.TextField()
    seats = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["course"], name="roster_counts")]


class PreEnrollment(models.Model):
    """An invitation of an email address to a course run; bound to an account once one with the address is active."""

    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    email = models.TextField()
    email_key = models.GeneratedField(
        expression=Lower(Collate(F("email"), "C")), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    # the unique index of bound ones finds them; another of all accounts would be taken for those that are not bound
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
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
        # the pages of a course run, and their number, without a look at the rows
        indexes = [
            models.Index(fields=["course", "email_key", "id"], include=["account"], name="pre_enrollment_by_course")
        ]


class ProgramEnrollment(models.Model):
    """A student, known by the university's key, in a program; ``account`` None while the key is not linked."""

    program = models.ForeignKey("matricula.Program", on_delete=models.PROTECT, related_name="+", db_index=False)
    student_key = models.TextField()
    student_key_folded = models.GeneratedField(
        expression=Lower(Collate(F("student_key"), "C")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.TextField()
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "student_key_folded"], name="program_enrollment_once"),
            models.UniqueConstraint(
                fields=["account", "program"],
                condition=Q(account__isnull=False),
                name="program_enrollment_once_for_account",
            ),
            models.CheckConstraint(condition=Q(status__in=PROGRAM_STATUSES), name="program_enrollment_status_known"),
            models.CheckConstraint(condition=~Q(student_key=""), name="program_enrollment_has_a_key"),
        ]
        indexes = [
            models.Index(fields=["student_key_folded"], name="program_enrollment_by_key"),
            # few are anything but enrolled: it makes counting them fast, and costs the usual upload nothing
            models.Index(
                fields=["program", "status", "student_key_folded"],
                condition=~Q(status=ENROLLED),
                name="program_enrollment_by_status",
            ),
        ]


class ProgramCourseEnrollment(models.Model):
    """A student of a program in one of its course runs; the account's course enrollment once the key is linked."""

    program_enrollment = models.ForeignKey(
        ProgramEnrollment, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+", db_index=False)
    status = models.TextField()
    course_staff = models.BooleanField(default=False)
    # the program's organization and the folded key: what must not be active twice in one course run
    organization = models.ForeignKey(
        "matricula.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    student_key_folded = models.TextField(db_collation="C")
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program_enrollment", "course"], name="program_course_enrollment_once"),
            models.UniqueConstraint(
                fields=["course", "organization", "student_key_folded"],
                condition=Q(status="active"),
                name="program_course_enrollment_active_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=COURSE_STATUSES), name="program_course_enrollment_status_known"
            ),
        ]
        indexes = [
            # the active ones are walked by the index of program_course_enrollment_active_once
            models.Index(
                fields=["course", "organization", "student_key_folded"],
                condition=Q(status=INACTIVE),
                name="program_course_not_active",
            )
        ]


class StudentCount(models.Model):
    """So many rows more (or fewer) of a program with a status; the sum over the rows is the count, at any moment.

    ``course`` None: students of the program, ``is_linked`` with an account or without; else students in that course
    run, whether linked or not. Added by triggers of both tables (migration 0054), so that nothing can write past it.
    """

    program = models.ForeignKey(
        "matricula.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    course = models.ForeignKey(
        "matricula.Course", on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    status = models.TextField()
    is_linked = models.BooleanField(null=True)
    students = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["program", "course"], name="student_counts")]
