"""Django's admin for operators: superusers only. Accounts are saved by the one road; the journal is read only."""

from functools import partial, wraps
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.sites import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from matricula import models
from matricula.access.permits import Permit
from matricula.batches.rights import may_cancel
from matricula.console import inputs
from matricula.foundation.folding import fold
from matricula.foundation.transactions import RightLost, acting, one_transaction
from matricula.identity.accounts import change_account, save_accounts
from matricula.jobs.canceling import CancelRejected, cancel_job
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.learners.usernames import username_validators
from matricula.learners.writes import EMAIL_TAKEN, MERGED_AWAY, NO_OPERATOR, USERNAME_REFUSED, AccountRequest


class MergedMeanwhile(Exception):
    """The account that was to be activated was merged into another one."""


class TakenMeanwhile(Exception):
    """Someone else got the address between the form's check and the save."""


class OperatorsSite(AdminSite):
    """The admin, for superusers."""

    site_header = "Matricula"
    site_title = "Matricula"

    def login(self, request: HttpRequest, _extra_context: Any = None) -> HttpResponse:
        """The one login page, which limits guessing, and then back here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(inputs.as_typed(request.GET, REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def password_change(self, _request: HttpRequest, _extra_context: Any = None) -> Any:
        """The one page for it."""
        return redirect("account_change_password")

    def has_permission(self, request: HttpRequest) -> bool:
        """Superusers only: ``is_staff`` means global course staff here, not operator."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A form that is sent is one transaction, undone where its sender is no longer an operator at its end."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **rest: Any) -> Any:
            if request.method != "POST" or not self.has_permission(request):
                return view(request, *args, **rest)
            user: Any = request.user
            # without the password: operators may give themselves a new one here
            permit = Permit(user.pk, is_operator=True)
            try:
                with acting(permit.hold), one_transaction():
                    return view(request, *args, **rest)
            except RightLost as lost:
                raise PermissionDenied from lost

        return super().admin_view(checked, cacheable)


admin_site = OperatorsSite()


# unconfirmed sign-ups block no one
_UNCONFIRMED = {"self_registered": True, "activated": None, "is_active": False}


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account, with a new password if one is given."""

    username = forms.CharField(max_length=255, validators=username_validators, label=_("Username"))
    email = forms.EmailField(max_length=255, label=_("Email address"))
    new_password = forms.CharField(widget=forms.PasswordInput, required=False, label=_("New password"))

    class Meta:
        model = models.Account
        fields = ("username", "email", "first_name", "last_name", "language", "is_active", "is_staff", "is_superuser")
        labels = {
            "username": _("Username"),  # where it is only shown
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "language": _("Language"),
            "is_active": _("Active"),
            "is_staff": _("Global staff"),
            "is_superuser": _("Administrator"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # each field says what it showed: what the operator left as it was may be another by now, and stays so
        shown = any(name.startswith("initial-") for name in self.data)
        for field in self.fields.values():
            field.show_hidden_initial = shown or not self.is_bound

    def clean_username(self) -> str:
        """Usernames are unique without the case of A to Z."""
        username = str(self.cleaned_data["username"])
        if self._others().filter(username_key=fold(username)).exclude(**_UNCONFIRMED).exists():
            raise forms.ValidationError(_("This username is taken. Choose another one."))
        return username

    def clean_email(self) -> str:
        """As usernames."""
        email = str(self.cleaned_data["email"])
        if self._others().filter(email_key=fold(email)).exclude(**_UNCONFIRMED).exists():
            raise forms.ValidationError(_("This email address belongs to another account. Use a different one."))
        return email

    def _others(self) -> "QuerySet[models.Account]":
        return models.Account.objects.exclude(pk=self.instance.pk)


@admin.register(models.Account, site=admin_site)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts; never deleted, only made inactive."""

    form = AccountForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email", "last_name")
    show_full_result_count = False

    def get_readonly_fields(self, _request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """An account is known by its username: it is given once."""
        return ("username",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the one road for accounts, which also enrolls the invited; only what the operator changed."""
        operation = new_operation(request.user.pk, CONSOLE)
        password = form.cleaned_data["new_password"] or None
        if change:
            wanted = {name: form.cleaned_data[name] for name in form.changed_data if name in AccountForm.Meta.fields}
            word = change_account(operation, obj.pk, wanted, password, operator_id=request.user.pk)
        else:
            wanted = {name: getattr(obj, name) for name in AccountForm.Meta.fields}
            [outcome] = save_accounts(operation, [AccountRequest(**wanted, password=password)])
            word, obj.pk = outcome.word, outcome.account_id
        if word in {None, NO_OPERATOR}:
            raise PermissionDenied
        if word == MERGED_AWAY:
            raise MergedMeanwhile
        if word in {EMAIL_TAKEN, USERNAME_REFUSED}:
            # someone took it between the form's check and now
            raise TakenMeanwhile

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; where its address was taken meanwhile, it is shown again."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except MergedMeanwhile:
            text = _("This account was merged into another one and can't be activated. Undo the merge instead.")
            self.message_user(request, text, messages.ERROR)
            return redirect(request.path)
        except TakenMeanwhile:
            text = _("This username or email address was taken in the meantime. Choose another one.")
            self.message_user(request, text, messages.ERROR)
            return redirect(request.path)

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Never: a record of enrollment outlives the account's use."""
        return False


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at, not to change: these rows have their own road."""

    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """No."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """No."""
        return False


@admin.register(models.Change, site=admin_site)
class JournalAdmin(ReadOnlyAdmin):
    """The journal."""

    list_display = ("at", "transition", "source", "actor_id", "account_id", "email", "course_id", "reason")
    list_filter = ("source", "transition")


@admin.register(models.Job, site=admin_site)
class JobAdmin(ReadOnlyAdmin):
    """Jobs."""

    list_display = ("id", "kind", "state", "program_id", "done", "total", "created")
    list_filter = ("state", "kind")
    actions = ("cancel",)

    @admin.action(description=_("Cancel the selected jobs"))
    def cancel(self, request: HttpRequest, chosen: "QuerySet[models.Job]") -> None:
        """Ends them where they are: what is written stays."""
        operator = cast(int, request.user.pk)
        operation, canceled = new_operation(operator, CONSOLE), 0
        for job_id in chosen.values_list("pk", flat=True):
            try:
                canceled += cancel_job(job_id, operation, may=partial(may_cancel, operator))
            except CancelRejected:
                raise PermissionDenied from None
        text = ngettext("%(n)d job was canceled.", "%(n)d jobs were canceled.", canceled) % {"n": canceled}
        self.message_user(request, text)


@admin.register(models.OutgoingMail, site=admin_site)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Mail, sent and waiting; how it reads, its page says, without the links in it that let its reader in."""

    exclude = ("context",)
    list_display = ("id", "kind", "to", "queued", "sent", "attempts", "last_error")
    list_filter = ("kind",)


@admin.register(models.CourseEnrollment, site=admin_site)
class CourseEnrollmentAdmin(ReadOnlyAdmin):
    """Course enrollments."""

    list_display = ("id", "course_id", "account_id", "mode", "is_active", "created")
    list_filter = ("is_active", "mode")


# the institution file sets these, and the pages of the console about access: each change has its entry in the journal
for _model in (
    models.Organization,
    models.Course,
    models.Program,
    models.Group,
    models.CourseRole,
    models.RoleGrant,
):
    admin_site.register(_model, ReadOnlyAdmin)
