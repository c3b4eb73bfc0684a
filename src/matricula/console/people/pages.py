"""One page for a person, as far as the reader may see: an account, a student key without one, or an invited address.

What can be changed is changed where it was before: in the course run, in the program, in the permissions.
"""

from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from matricula.access.holders import FEATURE, MEMBER, ROLE, GrantFilter, list_grants
from matricula.access.reads import Caller, list_courses_of
from matricula.catalog.reads import find_course
from matricula.console import enrolling, inputs
from matricula.console.acts import history_file, show_history, shown_acts
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.pages import signed_in
from matricula.console.people.recent import remember_person
from matricula.history.people import person as facts
from matricula.history.people.person import PersonAccount, PersonInvitation, PersonKey, PersonProgram, PersonSeat
from matricula.history.people.sight import Sight, sight_of
from matricula.journal.acts import ActFilter, ActPage, Scope, list_acts

# of each kind, until all of them are asked for
_SHOWN = 25
_ACTS = 10
_GRANTS = 100
# course runs to choose from; others are found by their key
_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as the reader sees them. ``account`` None: a student key or an address."""

    account: PersonAccount | None = None
    student_key: str = ""
    email: str = ""
    programs: list[PersonProgram] = field(default_factory=list)
    seats: list[PersonSeat] = field(default_factory=list)
    seat_count: int = 0
    invitations: list[PersonInvitation] = field(default_factory=list)
    keys: list[PersonKey] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What to call them."""
        if self.account is None:
            return self.student_key or self.email
        return self.account.full_name or self.account.username

    @property
    def hidden_seats(self) -> int:
        """How many course enrollments aren't shown yet."""
        return self.seat_count - len(self.seats)


@require_GET
@signed_in
def person(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """All about an account; one that was merged away leads to the one that was kept."""
    sight = sight_of(caller)
    account = facts.find_account(account_id)
    kept = account and account.merged_into and facts.find_account(account.merged_into)
    limit = facts.MOST if inputs.is_given(request.GET, "all") else _SHOWN
    found, scope = _person(sight, kept or _there(account), limit)
    page = list_acts(scope, ActFilter(), limit=_ACTS)
    if not _sees(sight, found, page):
        raise Http404
    if account and kept:
        messages.info(request, _("The account %(name)s was merged into this one.") % {"name": account.username})
        return redirect("person", account_id=kept.id)
    remember_person(request, account_id)
    context = {
        "person": found,
        "acts": shown_acts(caller, scope, page),
        "access": _access(account_id) if caller.is_superuser else None,
        "offered": list_courses_of(caller, limit=_OFFERED),
    }
    return render(request, "matricula/people/person.html", context)


def _history_file(request: HttpRequest, caller: Caller, account_id: int) -> ListFile:
    _found, scope = _seen_person(sight_of(caller), account_id)
    # files are known by ids: names are personal data
    return history_file(request, scope, f"person-{account_id}")


@reads
@signed_in
@with_file(_history_file)
def history(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """All that happened to an account, page by page."""
    found, scope = _seen_person(sight_of(caller), account_id)
    return show_history(request, caller, scope, {"person_shown": found, "alone": True})


def _there(account: PersonAccount | None) -> PersonAccount:
    if account is None:
        raise Http404
    return account


def _person(sight: Sight, account: PersonAccount, limit: int) -> tuple[Person, Scope]:
    """What the reader sees of an account, and which part of its history."""
    seats, count = facts.list_seats(sight, account.id, limit=limit)
    found = Person(
        account,
        programs=facts.list_programs_of_account(sight, account.id, limit=limit),
        seats=seats,
        seat_count=count,
        invitations=facts.list_invitations(sight, account_id=account.id, email_key=account.email_key, limit=limit),
        keys=facts.list_keys(sight, account.id),
    )
    scope = Scope(
        account_ids=[account.id, *(id_ for id_, _ in account.merged)],
        keys=[(one.program.id, one.student_key) for one in found.programs],
        emails=[account.email_key],
        **_seen(sight),
    )
    return found, scope


def _seen_person(sight: Sight, account_id: int) -> tuple[Person, Scope]:
    """Little of an account, and its history; it isn't there unless the reader sees something of it."""
    found, scope = _person(sight, _there(facts.find_account(account_id)), 1)
    if not _sees(sight, found, list_acts(scope, ActFilter(), limit=1)):
        raise Http404
    return found, scope


def _seen(sight: Sight) -> dict[str, Any]:
    """What the reader sees of anyone's history."""
    return {
        "programs": None if sight.everything else sight.named,
        "courses": sight.courses,
        "organizations": sight.organizations,
    }


def _sees(sight: Sight, found: Person, page: ActPage) -> bool:
    """True if the person is one of the reader's."""
    return sight.courses is None or bool(found.programs or found.seats or found.invitations or page.acts)


def _access(account_id: int) -> dict[str, Any]:
    """What someone holds by themselves; what groups give is on the page of permissions."""
    own = GrantFilter(account_id=account_id)
    return {kind: list_grants(kind, own, limit=_GRANTS) for kind in (ROLE, FEATURE, MEMBER)}


def _student_file(request: HttpRequest, caller: Caller, student_id: int) -> ListFile:
    sight = sight_of(caller)
    _found, scope = _of_key(sight, _student_row(sight, student_id))
    return history_file(request, scope, f"student-{student_id}")


@reads
@signed_in
@with_file(_student_file)
def student(request: HttpRequest, caller: Caller, student_id: int) -> HttpResponse:
    """All about a student key, for those who may not know whose it is, or where it is no one's yet."""
    sight = sight_of(caller)
    row = _student_row(sight, student_id)
    if row.account_id is not None and sight.names:
        return redirect("person", account_id=row.account_id)
    return _page(request, caller, *_of_key(sight, row))


def _student_row(sight: Sight, student_id: int) -> facts.StudentRow:
    row = facts.find_student_row(sight, student_id)
    if row is None:
        raise Http404
    return row


def _of_key(sight: Sight, row: facts.StudentRow) -> tuple[Person, Scope]:
    programs = facts.list_programs_of_key(sight, row.organization_id, row.folded, limit=_SHOWN)
    keys = [(one.program.id, row.folded) for one in programs]
    scope = Scope(keys=keys, programs=sight.readable, names=sight.names)
    return Person(student_key=row.student_key, programs=programs), scope


def _invited_file(request: HttpRequest, caller: Caller, invitation_id: int) -> ListFile:
    sight = sight_of(caller)
    _found, scope = _of_address(sight, _invitation(sight, invitation_id))
    return history_file(request, scope, f"invitation-{invitation_id}")


@reads
@signed_in
@with_file(_invited_file)
def invited(request: HttpRequest, caller: Caller, invitation_id: int) -> HttpResponse:
    """All about an address that is invited, and has no account."""
    sight = sight_of(caller)
    invitation = _invitation(sight, invitation_id)
    if invitation.account_id is not None:
        return redirect("person", account_id=invitation.account_id)
    return _page(request, caller, *_of_address(sight, invitation))


def _invitation(sight: Sight, invitation_id: int) -> facts.InvitationRow:
    found = facts.find_invitation(sight, invitation_id)
    if found is None:
        raise Http404
    return found


def _of_address(sight: Sight, row: facts.InvitationRow) -> tuple[Person, Scope]:
    invitations = facts.list_invitations(sight, account_id=None, email_key=row.email_key, limit=_SHOWN)
    return Person(email=row.email, invitations=invitations), Scope(emails=[row.email_key], **_seen(sight))


def _page(request: HttpRequest, caller: Caller, found: Person, scope: Scope) -> HttpResponse:
    acts = shown_acts(caller, scope, list_acts(scope, ActFilter(), limit=_SHOWN))
    context = {"person": found, "acts": acts}
    return render(request, "matricula/people/person.html", context)


@require_POST
@signed_in
def enroll(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """Leads to the plan that would enroll someone in the course run of the form."""
    sight = sight_of(caller)
    _seen_person(sight, account_id)
    course = find_course(inputs.word(request.POST, "course"))
    if course is None or not sight.manages(course.id):
        messages.error(request, _("Choose one of your course runs."))
        return redirect("person", account_id=account_id)
    return cast(HttpResponse, enrolling.change(request, key=course.key))
