"""Who offers what: organizations, course runs with their modes, programs and the course runs in them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Organization(models.Model):
    """A university or department that offers courses and programs."""

    key = models.TextField()
    name = models.TextField()
    # what holds a plan (``batches.plans.limits``), as far as it differs from the settings; of programs and course runs,
    # from their organization
    limits = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="organization_key_unique"),
            models.CheckConstraint(condition=Q(key__regex=r"^[^\s/+,]+$"), name="organization_key_form"),
        ]


class Course(models.Model):
    """One course run, known by its ``course-v1:`` key; ``modes[0]`` is the mode of who is enrolled without one."""

    key = models.TextField()
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    title = models.TextField()
    url = models.TextField(null=True)
    modes = ArrayField(models.TextField(), default=list)
    enrollment_start = models.DateTimeField(null=True)
    enrollment_end = models.DateTimeField(null=True)
    capacity = models.PositiveIntegerField(null=True)
    invitation_only = models.BooleanField(default=False)
    limits = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="course_key_unique"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^course-v1:[^/+]+\+[^/+]+\+[^/]+$"), name="course_key_form"
            ),
            models.CheckConstraint(condition=Q(modes__len__gt=0), name="course_has_a_mode"),
        ]


class Program(models.Model):
    """A program of an organization; ``manages_enrollments`` says whether its enrollments are kept here."""

    key = models.TextField()
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    title = models.TextField()
    type = models.TextField(null=True)
    url = models.TextField(null=True)
    manages_enrollments = models.BooleanField(default=False)
    limits = models.JSONField(null=True)
    # uploads are plans: one that exceeds a limit waits for an approval
    hold_uploads = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="program_key_unique"),
            models.CheckConstraint(condition=Q(key__regex=r"^[A-Za-z0-9_-]+$"), name="program_key_form"),
        ]


class ProgramCourse(models.Model):
    """A course run in a program, with the key that the university itself uses for it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="program_courses")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    external_key = models.TextField(null=True)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "course"], name="program_course_once"),
            models.UniqueConstraint(fields=["program", "external_key"], name="program_external_key_unique"),
        ]
