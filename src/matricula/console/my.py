"""What the record says about the reader: the first page of those who only learn, and "My courses" of the others."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller
from matricula.console.account.pages import ProfileForm
from matricula.console.inputs import entry_of, page_of
from matricula.console.pages import signed_in
from matricula.console.paging import PAGE, pages_of
from matricula.history.own import (
    count_own_courses,
    list_own_courses,
    list_own_invitations,
    list_own_programs,
    list_own_steps,
)

# of invitations and of programs; of changes on the first page, and on one of the history
_MOST, _LATEST, _HISTORY = 100, 8, 50
# in the session: what the navigation leaves out. It is no permission
_ONLY_LEARNS = "only_learns"


@require_GET
@signed_in
def my(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The reader's own courses, invitations and programs, with what changed last."""
    return show_own(request, caller)


@require_GET
@signed_in
def history(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Everything that changed for the reader, the latest first."""
    steps = list_own_steps(caller.account_id, limit=_HISTORY + 1, before=entry_of(request, "before"))
    older = steps[_HISTORY - 1].id if len(steps) > _HISTORY else None
    return render(request, "matricula/my_history.html", {"steps": steps[:_HISTORY], "older": older})


def show_own(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The page ``my``, also where it is the first one."""
    mine = caller.account_id
    pages = pages_of(page_of(request), count_own_courses(mine), "", PAGE)
    invitations = list_own_invitations(mine, limit=_MOST + 1)
    programs = list_own_programs(mine, limit=_MOST + 1)
    steps = list_own_steps(mine, limit=_LATEST + 1)
    context = {
        "courses": list_own_courses(mine, limit=PAGE, offset=pages.offset),
        "pages": pages,
        "invitations": invitations[:_MOST],
        "programs": programs[:_MOST],
        "most": _MOST,
        "more_invitations": len(invitations) > _MOST,
        "more_programs": len(programs) > _MOST,
        "steps": steps[:_LATEST],
        "more_steps": len(steps) > _LATEST,
        "form": _language_form(request.user),
    }
    return render(request, "matricula/my.html", context)


def remember_work(request: HttpRequest, *, works: bool) -> None:
    """Keep in the session whether the navigation shows the pages of those who work with enrollments."""
    if request.session.get(_ONLY_LEARNS, False) is works:
        request.session[_ONLY_LEARNS] = not works


def _language_form(user: object) -> ProfileForm:
    """The form of the account page, of which this page shows the language only."""
    return ProfileForm(initial={name: getattr(user, name) for name in ProfileForm.base_fields})
