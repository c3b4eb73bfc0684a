"""People: accounts, and the keys under which universities know them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Collate, Concat, Lower

from matricula.foundation.folding import fold


def _folded(column: str) -> models.GeneratedField:
    # lower() under the collation "C" folds A to Z and nothing else, on every PostgreSQL
    return models.GeneratedField(
        expression=Lower(Collate(F(column), "C")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )


_LINE_FEED = Value("\n", output_field=models.TextField())


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts as logins and forms do: without the case of A to Z."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """The account with this username. Errors: ``Account.DoesNotExist``."""
        return self.get(username_key=fold(username or ""))


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing]  # a swappable model's relation
    """A person's account. Active means: confirmed, and entitled to be enrolled.

    Saved only through ``matricula.enrollments.accounts``, so that an account which becomes active is enrolled where it
    was invited.
    """

    username = models.TextField()
    email = models.TextField()
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default="", blank=True)
    # when it first became active: an account that has been active and is not any more was switched off by an operator,
    # and confirming the address does not switch it on again
    activated = models.DateTimeField(null=True, editable=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    username_key = _folded("username")
    email_key = _folded("email")
    search_text = models.GeneratedField(
        # a line feed parts the names, so that a search can't match across two of them
        expression=Lower(
            Concat(
                F("username"),
                _LINE_FEED,
                F("email"),
                _LINE_FEED,
                F("first_name"),
                _LINE_FEED,
                F("last_name"),
                _LINE_FEED,
                F("first_name"),
                Value(" ", output_field=models.TextField()),
                F("last_name"),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[AccountManager] = AccountManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            # checked at the end of a statement, so that one statement may hand a name on from one account to another
            models.UniqueConstraint(
                fields=["username_key"], name="account_username_unique", deferrable=models.Deferrable.IMMEDIATE
            ),
            models.UniqueConstraint(
                fields=["email_key"], name="account_email_unique", deferrable=models.Deferrable.IMMEDIATE
            ),
            # the target of the roster's foreign key, which keeps the roster in the order of current usernames
            models.UniqueConstraint(fields=["id", "username_key"], name="account_roster_name"),
            models.CheckConstraint(condition=~Q(username=""), name="account_has_a_username"),
            models.CheckConstraint(condition=Q(email__contains="@"), name="account_has_an_email"),
        ]
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="account_search"),
            models.Index(
                fields=["username_key"], name="account_named_as_address", condition=Q(username_key__contains="@")
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def has_perm(self, _permission: str, _object: object = None) -> bool:
        """What Django's admin asks: superusers may do everything there, others nothing."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, _app: str) -> bool:
        """As ``has_perm``."""
        return self.is_active and self.is_superuser

    def get_full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class StudentIdentity(models.Model):
    """The student key under which an organization knows an account."""

    organization = models.ForeignKey("matricula.Organization", on_delete=models.PROTECT, related_name="+")
    student_key = models.TextField()
    student_key_folded = _folded("student_key")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "student_key_folded"], name="student_key_unique"),
            models.UniqueConstraint(fields=["organization", "account"], name="student_key_one_for_account"),
            models.CheckConstraint(condition=~Q(student_key=""), name="student_key_not_empty"),
        ]
