"""Granting and withdrawing: each with a reason, and what would be lost is shown before it is."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    GrantRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    delete_group,
    save_groups,
    write_grants,
)
from matricula.access.holders import (
    COURSE_ROLE,
    FEATURE,
    MEMBER,
    PENDING,
    ROLE,
    Grant,
    GrantFilter,
    GroupFacts,
    find_grant,
    find_group,
    list_grants,
)
from matricula.access.reads import Caller, group_ids
from matricula.access.statuses import CourseRole, Feature, Role
from matricula.console import inputs
from matricula.console.access.forms import CourseRoleForm, FeatureForm, GroupForm, MemberForm, ReasonForm, RoleForm
from matricula.console.access.words import (
    Described,
    described_course_roles,
    described_features,
    described_roles,
)
from matricula.console.pages import operators
from matricula.identity.members import Joined, add_to_group
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import Operation, new_operation
from matricula.learners.reads import find_learner

_DESCRIBED: Mapping[str, Callable[[], list[Described]]] = {
    ROLE: described_roles,
    COURSE_ROLE: described_course_roles,
    FEATURE: described_features,
}
_FORMS: dict[str, Any] = {ROLE: RoleForm, COURSE_ROLE: CourseRoleForm, FEATURE: FeatureForm}
_LOST = 100


def _operation(caller: Caller, form: ReasonForm) -> Operation:
    return new_operation(caller.account_id, CONSOLE, form.cleaned_data["reason"])


def _form(made: Any, request: HttpRequest) -> Any:
    """The form as it was sent; not yet sent, it begins with what the address says."""
    if request.method == "POST":
        return made(request.POST)
    initial = inputs.initial(request.GET, made.base_fields)
    # by id: no name is in an address that a page links to
    learner = find_learner(inputs.entry_of(request, "account") or 0)
    return made(initial={**initial, "who": learner.username} if learner else initial)


def _show(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@operators
def grant(request: HttpRequest, caller: Caller, kind: str) -> HttpResponse:
    """Gives a role or a feature."""
    if kind not in _FORMS:
        raise Http404
    form = _form(_FORMS[kind], request)
    if not form.is_valid():
        return _show(request, "matricula/grant.html", form, kind=kind, described=_DESCRIBED[kind]())
    given = form.request()
    if write_grants(_operation(caller, form), [given], granted=True):
        messages.info(request, _("The access was granted."))
    else:
        messages.info(request, _("Nothing changed: this was already granted."))
    return redirect(_page_of(given))


@require_http_methods(["GET", "POST"])
@operators
def add_group(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Makes a group."""
    form = _form(GroupForm, request)
    if form.is_valid():
        name = form.cleaned_data["name"]
        if save_groups(_operation(caller, form), [name]):
            return redirect("access_group", group_ids([name])[name])
        form.add_error("name", _("A group with this name already exists. Choose another name."))
    return _show(request, "matricula/grant.html", form, kind="group")


@require_http_methods(["GET", "POST"])
@operators
def add_member(request: HttpRequest, caller: Caller, group_id: int) -> HttpResponse:
    """Puts someone into a group."""
    group = _group(group_id)
    form = _form(MemberForm, request)
    if form.is_valid():
        joined = add_to_group(_operation(caller, form), group_id, form.cleaned_data["who"])
        problem, word = _told(joined)
        if not problem:
            messages.info(request, word)
            return redirect("access_group", group_id)
        form.add_error("who", problem)
    return _show(request, "matricula/grant.html", form, kind="member", group=group)


def _told(joined: Joined) -> tuple[str, str]:
    """What is wrong, or what was done."""
    problems = {
        Joined.UNKNOWN: _("There is no account with this username, and it isn't an email address. Check the spelling."),
        Joined.TWO_ACCOUNTS: _("This matches two accounts: the username of one and the email address of the other."),
    }
    words = {
        Joined.MEMBER: _("The person was added to the group."),
        Joined.PENDING: _(
            "There is no active account with this address. The membership takes effect once there is one."
        ),
        Joined.BEFORE: _("Nothing changed: this membership already existed."),
    }
    return problems.get(joined, ""), words.get(joined, "")


def _group(group_id: int) -> GroupFacts:
    group = find_group(group_id)
    if group is None:
        raise Http404
    return group


@require_http_methods(["GET", "POST"])
@operators
def withdraw(request: HttpRequest, caller: Caller, kind: str, grant_id: int) -> HttpResponse:
    """Takes something away; first, what would be lost."""
    held = find_grant(kind, grant_id) if kind in _REQUESTS else None
    if held is None:
        raise Http404
    form = _form(ReasonForm, request)
    back = _page_of(held)
    if not form.is_valid():
        return _show(request, "matricula/withdraw.html", form, kind=kind, grant=held, back=back, **_loss(kind, held))
    if write_grants(_operation(caller, form), [_REQUESTS[kind](held)], granted=False):
        messages.info(request, _("The access was withdrawn."))
    return redirect(back)


def _page_of(held: Grant | GrantRequest) -> str:
    group_id = getattr(held, "group_id", None)
    if group_id:
        return reverse("access_group", args=[group_id])
    return reverse("access_person", args=[getattr(held, "account_id", None)])


def _course_role(held: Grant) -> GrantRequest:
    return CourseRoleRequest(CourseRole(held.what), held.account_id or 0, held.course_id or 0)


def _role(held: Grant) -> GrantRequest:
    return RoleRequest(Role(held.what), held.account_id, held.group_id, held.organization_id, held.program_id)


def _feature(held: Grant) -> GrantRequest:
    return FeatureRequest(Feature(held.what), held.account_id, held.group_id)


def _member(held: Grant) -> GrantRequest:
    return MembershipRequest(held.group_id or 0, held.account_id or 0)


def _pending(held: Grant) -> GrantRequest:
    return PendingMembershipRequest(held.group_id or 0, held.email or "")


_REQUESTS = {COURSE_ROLE: _course_role, ROLE: _role, FEATURE: _feature, MEMBER: _member, PENDING: _pending}


def _loss(kind: str, held: Grant) -> dict[str, Any]:
    """Whom it meets, or what the group gave."""
    if held.group_id is None:
        return {}
    group = find_group(held.group_id)
    if kind in {ROLE, FEATURE}:
        return {"group": group}
    return {"group": group, **_given_by(held.group_id)}


def _given_by(group_id: int) -> dict[str, Any]:
    wanted = GrantFilter(group_ids=[group_id])
    return {
        "roles": list_grants(ROLE, wanted, limit=_LOST),
        "features": list_grants(FEATURE, wanted, limit=_LOST),
    }


@require_http_methods(["GET", "POST"])
@operators
def remove_group(request: HttpRequest, caller: Caller, group_id: int) -> HttpResponse:
    """Deletes a group; first, what its members would lose."""
    group = _group(group_id)
    form = _form(ReasonForm, request)
    if not form.is_valid():
        back = reverse("access_group", args=[group_id])
        given = _given_by(group_id)
        return _show(request, "matricula/withdraw.html", form, kind="group", group=group, back=back, **given)
    delete_group(_operation(caller, form), group_id)
    messages.info(request, _("The group was deleted."))
    return redirect("access")
