"""One page for a person, as far as the reader may see: an account, a student key without one, or an invited address.

What can be changed is changed where it was before: in the course run, in the program, in the permissions.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from matricula.access.holders import FEATURE, MEMBER, ROLE, GrantFilter, list_grants
from matricula.access.reads import Caller, list_courses_of
from matricula.console import inputs
from matricula.console.acts import history_file, show_history, shown_acts
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.pages import signed_in
from matricula.console.people.recent import remember_person
from matricula.console.people.seen import Person, find_seen, is_seen, see_person, seen_of_anyone
from matricula.history.people import person as facts
from matricula.history.people.person import PersonAccount
from matricula.history.people.sight import Sight, sight_of
from matricula.journal.acts import ActFilter, Scope, list_acts

# of each kind, until all of them are asked for
_SHOWN = 25
_ACTS = 10
_GRANTS = 100
# course runs and programs to choose from; others are found by their key
_OFFERED = 200


@require_GET
@signed_in
def person(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """All about an account; one that was merged away leads to the one that was kept."""
    sight = sight_of(caller)
    account = facts.find_account(account_id)
    kept = account and account.merged_into and facts.find_account(account.merged_into)
    limit = facts.MOST if inputs.is_given(request.GET, "all") else _SHOWN
    found, scope = see_person(sight, kept or _there(account), limit)
    page = list_acts(scope, ActFilter(), limit=_ACTS)
    if not is_seen(sight, found, page):
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
        "linkable": _writable(sight) if sight.names else [],
        "names": sight.names,
    }
    return render(request, "matricula/people/person.html", context)


def _writable(sight: Sight) -> list[Any]:
    """The first of the programs whose students the reader may change."""
    return [access.program for id_, access in sight.programs.items() if sight.writes(id_)][:_OFFERED]


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


def _seen_person(sight: Sight, account_id: int) -> tuple[Person, Scope]:
    found = find_seen(sight, account_id)
    if found is None:
        raise Http404
    return found


def _there(account: PersonAccount | None) -> PersonAccount:
    if account is None:
        raise Http404
    return account


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


def _student_row(sight: Sight, student_id: int) -> facts.StudentKey:
    row = facts.find_student_row(sight, student_id)
    if row is None:
        raise Http404
    return row


def _of_key(sight: Sight, row: facts.StudentKey) -> tuple[Person, Scope]:
    programs = facts.list_programs_of_key(sight, row.program.organization_id, row.folded)
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
    found = Person(email=row.email, invitations=invitations)
    return found, Scope(emails=[row.email_key], **seen_of_anyone(sight))


def _page(request: HttpRequest, caller: Caller, found: Person, scope: Scope) -> HttpResponse:
    acts = shown_acts(caller, scope, list_acts(scope, ActFilter(), limit=_SHOWN))
    return render(request, "matricula/people/person.html", {"person": found, "acts": acts, "names": caller.sees_names})
