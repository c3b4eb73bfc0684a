"""The forms of who may do what: what is written in them is found here, or reported as wrong."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matricula.access.clients.redirects import is_redirect
from matricula.access.grants import CourseRoleRequest, FeatureRequest, GrantRequest, RoleRequest
from matricula.access.reads import group_ids
from matricula.access.statuses import READ_ALL_JOBS
from matricula.catalog.reads import course_ids, organization_ids, program_ids
from matricula.console.access.picking import (
    COURSE,
    GROUP,
    ORGANIZATION,
    PERSON,
    PROGRAM,
    SCOPE,
    Match,
    Picker,
    find_any,
)
from matricula.console.access.words import (
    SCOPE_WORDS,
    choices,
    described_course_roles,
    described_features,
    described_roles,
)
from matricula.foundation.folding import fold
from matricula.foundation.text import LONGEST_REASON_LINE, has_control_characters, reason_line, words
from matricula.learners.reads import find_confirmed

EVERYWHERE = "everywhere"
_NOTHING: Mapping[str, str | Promise] = {
    GROUP: _("There is no group with this name. Check the spelling."),
    COURSE: _("There is no course run with this key or title. Check the spelling."),
}
_PLACES = (
    (PROGRAM, _("on one program")),
    (ORGANIZATION, _("on all programs of an organization")),
    (EVERYWHERE, _("on all programs, everywhere")),
)


def _none(found: list[Match], nothing: str | Promise) -> ValidationError:
    offer = _("Choose one of the matches below, or correct what you entered.")
    return ValidationError(str(offer if found else nothing))


class AccountField(forms.CharField):
    """A username or an email address; cleaned: the id of its account, or None where nothing was written."""

    widget: Picker

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=255, widget=Picker(PERSON), **rest)

    def clean(self, value: Any) -> Any:
        """Errors: no account, or two of them."""
        written = super().clean(value)
        if not written:
            return None
        key = fold(written)
        found = find_confirmed([key]).get(key, [])
        if not found:
            self.widget.offered = find_any(PERSON, words(written))
            raise _none(
                self.widget.offered, _("There is no account with this username or email address. Check the spelling.")
            )
        if len(found) > 1:
            raise ValidationError(
                _("This matches two accounts: the username of one and the email address of the other.")
            )
        return found[0].id


class KeyField(forms.CharField):
    """The key of something that there is; cleaned: its id, or None where nothing was written."""

    widget: Picker

    def __init__(self, find: Any, what: str, **rest: Any) -> None:
        super().__init__(max_length=255, widget=Picker(what), **rest)
        self._find = find

    def clean(self, value: Any) -> Any:
        """Errors: there is no such thing."""
        written = super().clean(value)
        if not written:
            return None
        found = self._find([written])
        if not found:
            self.widget.offered = find_any(self.widget.what, words(written))
            raise _none(self.widget.offered, _NOTHING[self.widget.what])
        return found[written]


class ReasonForm(forms.Form):
    """Why something is done: it stays in the journal."""

    reason = forms.CharField(max_length=LONGEST_REASON_LINE, label=_("Reason"), help_text=_("Kept in the audit log."))
    field_order = [
        "who", "group", "name", "client_id", "role", "feature", "course", "place", "key", "scopes",
        "redirects", "is_public", "reason",
    ]  # fmt: skip

    def clean_reason(self) -> str:
        """One line, cleaned as on every other page."""
        reason = reason_line(self.cleaned_data["reason"])
        if not reason:
            raise ValidationError(self.fields["reason"].error_messages["required"], code="required")
        return reason


class CourseRoleForm(ReasonForm):
    """A role of someone in a course run."""

    who = AccountField(label=_("Person"), help_text=_("Name, username, or email address"))
    role = forms.ChoiceField(label=_("Role"), choices=lambda: choices(described_course_roles()))
    course = KeyField(course_ids, COURSE, label=_("Course"), help_text=_("A part of its title or key"))

    def request(self) -> GrantRequest:
        """What to give."""
        given = self.cleaned_data
        return CourseRoleRequest(given["role"], given["who"], given["course"])


class HolderForm(ReasonForm):
    """Something for a person or for a group."""

    who = AccountField(required=False, label=_("Person"), help_text=_("Name, username, or email address"))
    group = KeyField(group_ids, GROUP, required=False, label=_("… or group"), help_text=_("Name of the group"))

    def clean(self) -> dict[str, Any]:
        """Errors: neither or both."""
        given = super().clean() or {}
        if not self.has_error("who") and not self.has_error("group") and bool(given["who"]) == bool(given["group"]):
            self.add_error("who", _("Enter either a person or a group."))
        return given


class RoleForm(HolderForm):
    """A role on programs."""

    role = forms.ChoiceField(label=_("Role"), choices=lambda: choices(described_roles()))
    place = forms.ChoiceField(label=_("Where"), choices=_PLACES)
    key = forms.CharField(
        required=False,
        max_length=255,
        label=_("Program or organization"),
        help_text=_("A part of its title or key"),
        widget=Picker(SCOPE),
    )

    def clean(self) -> dict[str, Any]:
        """Errors: the place is not there; the role is not for one place."""
        given = super().clean()
        place, key = given.get("place"), given.get("key", "")
        given["organization_id"] = given["program_id"] = None
        if place == EVERYWHERE:
            if key:
                self.add_error(
                    "key",
                    _("For a role on all programs, leave this empty. Otherwise, choose a program or organization."),
                )
        elif given.get("role") == READ_ALL_JOBS:
            self.add_error("place", _("This role can only be granted on all programs."))
        elif place:
            ids = (program_ids if place == PROGRAM else organization_ids)([key])
            if not ids:
                self._offer(place, key)
            given[f"{place}_id"] = ids.get(key)
        return given

    def _offer(self, place: str, key: str) -> None:
        offered = find_any(place, words(key))
        self.fields["key"].widget.offered = offered
        self.add_error("key", _none(offered, _("Nothing has this key. Check the spelling.")))

    def request(self) -> GrantRequest:
        """What to give."""
        given = self.cleaned_data
        return RoleRequest(given["role"], given["who"], given["group"], given["organization_id"], given["program_id"])


class FeatureForm(HolderForm):
    """A feature."""

    feature = forms.ChoiceField(label=_("Feature"), choices=lambda: choices(described_features()))

    def request(self) -> GrantRequest:
        """What to switch on."""
        given = self.cleaned_data
        return FeatureRequest(given["feature"], given["who"], given["group"])


class MemberForm(ReasonForm):
    """Someone for a group; without an account they wait for it."""

    who = forms.CharField(
        max_length=255,
        widget=Picker(PERSON),
        label=_("Person"),
        help_text=_(
            "Username or email address. If the address has no account yet, the membership takes effect at sign-up."
        ),
    )


def _one_line(text: str) -> None:
    if has_control_characters(text):
        raise ValidationError(_("This must be one line of text."))


class GroupForm(ReasonForm):
    """A new group."""

    name = forms.CharField(max_length=255, label=_("Name"), validators=[_one_line])


class ScopesForm(forms.Form):
    """What a client may do."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=lambda: [*SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
        help_text=_("Only what the account itself can do"),
    )


class ClientForm(ScopesForm, ReasonForm):
    """A new API client."""

    client_id = forms.CharField(
        max_length=100,
        label=_("Client ID"),
        help_text=_("Letters, digits, dots, hyphens, and underscores"),
        # a colon would end it in HTTP's basic authentication
        validators=[RegexValidator(r"^[\w.-]+\Z", _("Use only letters, digits, dots, hyphens, and underscores."))],
    )
    who = AccountField(
        label=_("Acts as"),
        help_text=_("Username or email address. For an app with redirect addresses: the person responsible for it."),
    )
    redirects = forms.CharField(
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Redirect addresses"),
        help_text=_(
            "Only for an app that people allow to act for them: where it receives them afterwards, one address per "
            "line, for example https://app.example.org/callback"
        ),
    )
    is_public = forms.BooleanField(
        required=False,
        label=_("Runs in browsers or on people's devices"),
        help_text=_("Such an app can't keep a secret, and gets none."),
    )

    def clean_redirects(self) -> list[str]:
        """Errors: an address to which no codes are sent."""
        addresses: list[str] = self.cleaned_data["redirects"].split()
        for address in addresses:
            if not is_redirect(address):
                raise ValidationError(
                    _("%(address)s can't be used. Start it with https:// or http://127.0.0.1, and leave out “#”."),
                    params={"address": address[:200]},
                )
        return addresses

    def clean(self) -> dict[str, Any]:
        """Errors: an app without a secret that no one is asked about."""
        given = super().clean() or {}
        if given.get("is_public") and not given.get("redirects") and not self.has_error("redirects"):
            self.add_error("redirects", _("Enter at least one address for an app without a secret."))
        return given


class OwnClientForm(ScopesForm):
    """A new API client that acts as the reader."""

    field_order = ["name", "scopes"]
    name = forms.CharField(
        max_length=100, label=_("Purpose"), help_text=_("For example: grade upload script"), validators=[_one_line]
    )
