"""People: accounts, and the keys under which universities know them."""

from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Collate, Concat, Lower
from django.utils.crypto import salted_hmac

from matricula.foundation.folding import fold


def _folded(column: str) -> models.GeneratedField:
    # lower() under the collation "C" folds A to Z and nothing else, on every PostgreSQL
    return models.GeneratedField(
        expression=Lower(Collate(F(column), "C")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )


_LINE_FEED = Value("\n", output_field=models.TextField())


class SavedWhole(Exception):
    """Some code wanted to save an account as it once read it; accounts change by ``enrollments.accounts`` only."""


class _Accounts(models.QuerySet["Account"]):
    """Accounts to look at: whatever library asks, it can't store the copy that it holds."""

    def bulk_create(self, *_args: Any, **_rest: Any) -> NoReturn:
        """Never."""
        raise SavedWhole

    def bulk_update(self, *_args: Any, **_rest: Any) -> NoReturn:
        """Never."""
        raise SavedWhole


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts as logins and forms do: without the case of A to Z."""

    def get_queryset(self) -> _Accounts:
        """Accounts to look at."""
        return _Accounts(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "Account":
        """The account with this username. Errors: ``Account.DoesNotExist``."""
        return self.get(username_key=fold(username or ""))


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing]  # a swappable model's relation
    """A person's account. Active means: confirmed, and entitled to be enrolled.

    Changed only through ``matricula.identity.accounts``: under a lock, and only in what is meant to change. An
    object of this class is a copy to look at; it can't be saved.
    """

    username = models.TextField()
    email = models.TextField()
    first_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default="", blank=True)
    # mails about plans that wait for an approval
    wants_plan_mail = models.BooleanField(default=True, db_default=True)
    # when it first became active: an account that has been active and is not any more was switched off by an operator,
    # and confirming the address does not switch it on again
    activated = models.DateTimeField(null=True, editable=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    # Django would save the whole object at each login to keep this; under another name it leaves it to us
    last_login = None
    logged_in = models.DateTimeField(null=True, editable=False)
    # counts what ends sessions, API tokens and links that were sent: another password or address, being switched off
    generation = models.IntegerField(default=0, db_default=0, editable=False)
    # made by a sign-up, and named by no operator and no file since: while it was never active, it blocks no one
    self_registered = models.BooleanField(default=False, db_default=False, editable=False)
    # the address that its owner asked for, until it is confirmed
    wanted_email = models.TextField(default="", db_default="", blank=True, editable=False)
    # the account of the same person that this one was merged into: look-ups of its names find that one. Accounts that
    # were ever active are never deleted, so the database need not watch
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
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
            # by words of them, without accents (migrations/0061)
            GinIndex(
                models.Func("username", "email", "first_name", "last_name", function="matricula_names"),
                name="account_names",
            ),
            models.Index(
                fields=["username_key"], name="account_named_as_address", condition=Q(username_key__contains="@")
            ),
            # few: the page of what someone may do names those who can give it
            models.Index(fields=["id"], name="account_superusers", condition=Q(is_superuser=True)),
            models.Index(fields=["merged_into"], name="account_merged_into", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def unconfirmed(self) -> bool:
        """True for a sign-up whose address no one has confirmed: it is no one yet."""
        return self.self_registered and self.activated is None and not self.is_active

    def save(self, *_args: Any, **_rest: Any) -> NoReturn:
        """Never, whatever library asks: what it read is old by now."""
        raise SavedWhole

    def delete(self, *_args: Any, **_rest: Any) -> NoReturn:
        """Never: accounts are switched off; unconfirmed sign-ups are deleted by ``learners.rows``."""
        raise SavedWhole

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is this one; an outdated hash is left as it is (``learners.writes.rehash_password``)."""
        return check_password(raw_password, self.password)

    def get_session_auth_hash(self) -> str:
        """What a session must repeat to stay good: it ends with the password, the address, and the account's use."""
        # sessions of before a second factor was required of the account end
        factor = " second factor" if self.needs_second_factor else ""
        return salted_hmac("matricula.session", f"{self.pk} {self.generation} {self.password}{factor}").hexdigest()

    @property
    def needs_second_factor(self) -> bool:
        """True where one is required for what the account itself is; roles are asked for at the login."""
        required = settings.ENVIRONMENT.second_factor
        return (
            "everyone" in required
            or (self.is_superuser and not required.isdisjoint(("superusers", "global_staff")))
            or (self.is_staff and "global_staff" in required)
        )

    @property
    def may_use_password(self) -> bool:
        """False where passwords are switched off, and the account isn't of the superusers who keep theirs."""
        kept = settings.ENVIRONMENT.password_superusers
        return settings.ENVIRONMENT.passwords or (self.is_superuser and fold(self.username) in kept)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """None: there is one key."""
        return iter(())

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
