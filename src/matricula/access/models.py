"""Who may do what: roles, groups, features, memberships that wait, and API clients."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Lower
from oauth2_provider.models import AbstractApplication

from matricula.access.statuses import COURSE_ROLES, FEATURES, ROLES, Role

# of a client that can't keep a secret: nothing fits it (``clients.oauth.ClientSecretHasher``)
NO_SECRET = "client_secret_sha256$none$"  # noqa: S105


class CourseRole(models.Model):
    """A role of an account in one course run."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course = models.ForeignKey("matricula.Course", on_delete=models.PROTECT, related_name="+")
    role = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "course", "role"], name="course_role_once"),
            models.CheckConstraint(condition=Q(role__in=COURSE_ROLES), name="course_role_known"),
        ]
        indexes = [models.Index(fields=["course", "role"], name="course_role_by_course")]


class Group(models.Model):
    """People who share roles and features."""

    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="group_name_unique")]


class Membership(models.Model):
    """An account in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "account"], name="membership_once")]


class PendingMember(models.Model):
    """A membership that waits until an account with this address becomes active."""

    email = models.TextField()
    email_key = models.GeneratedField(
        expression=Lower(Collate(F("email"), "C")), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email_key", "group"], name="pending_member_once")]


class RoleGrant(models.Model):
    """A role of an account or a group: on an organization, on a program, or (neither) everywhere."""

    role = models.TextField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")
    organization = models.ForeignKey("matricula.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    program = models.ForeignKey("matricula.Program", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "account", "group", "organization", "program"],
                nulls_distinct=False,
                name="role_grant_once",
            ),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="role_grant_known"),
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(group__isnull=True), name="role_grant_to_account_or_group"
            ),
            models.CheckConstraint(
                condition=Q(organization__isnull=True) | Q(program__isnull=True), name="role_grant_on_one_thing"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.READ_ALL_JOBS) | Q(organization__isnull=True, program__isnull=True),
                name="role_grant_all_jobs_is_global",
            ),
        ]


class FeatureGrant(models.Model):
    """A feature switched on for an account or a group."""

    feature = models.TextField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feature", "account", "group"], nulls_distinct=False, name="feature_grant_once"
            ),
            models.CheckConstraint(condition=Q(feature__in=FEATURES), name="feature_grant_known"),
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(group__isnull=True), name="feature_grant_to_account_or_group"
            ),
        ]


class Client(AbstractApplication):  # type: ignore[misc]
    """An OAuth2 client that acts as a user, within ``scopes``."""

    scopes = ArrayField(models.TextField(), default=list)

    class Meta(AbstractApplication.Meta):  # type: ignore[misc]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(scopes__contained_by=["read", "write"]), name="client_scopes_known"),
            # it acts as its account, or for people who allowed it to, who are sent back to one of these addresses
            models.CheckConstraint(
                condition=Q(authorization_grant_type__in=["", "client-credentials"], redirect_uris="")
                | Q(authorization_grant_type="authorization-code") & ~Q(redirect_uris=""),
                name="client_grant_known",
            ),
            models.CheckConstraint(
                condition=Q(client_type__in=["", "confidential"])
                | Q(client_type="public", authorization_grant_type="authorization-code"),
                name="client_public_by_consent",
            ),
        ]
