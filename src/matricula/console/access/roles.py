"""Who may do what: looked at by kind, by person, by group, by API client."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.history import list_access_history
from matricula.access.holders import (
    COURSE_ROLE,
    FEATURE,
    MEMBER,
    PENDING,
    ROLE,
    GrantFilter,
    count_clients,
    count_grants,
    count_groups,
    find_client,
    find_group,
    list_clients,
    list_grants,
    list_groups,
)
from matricula.access.reads import Caller, find_caller_by_account
from matricula.console import inputs
from matricula.console.access.files import export_clients, export_grants, export_groups
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import page_of
from matricula.console.pages import operators
from matricula.console.paging import PAGE, pages_of
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.learners.reads import find_learner

GROUPS, CLIENTS = "groups", "clients"
_SHOWN = (ROLE, COURSE_ROLE, FEATURE, GROUPS, CLIENTS)
# of what one person or one group holds
_ALL, _LATEST = 500, 20


def _access_file(request: HttpRequest, caller: Caller) -> ListFile:
    show, q = _shown(request), inputs.search_words(request.GET)
    if show == GROUPS:
        export = export_groups(q)
    elif show == CLIENTS:
        export = export_clients(q)
    else:
        export = export_grants(show, GrantFilter(search=q or None))
    filters = {"list": f"access: {show}"} | ({"searched": "yes"} if q else {})
    return ListFile(stem_for("access", show), Contents(DisclosureKind.USERS, filters=filters), export)


def _shown(request: HttpRequest) -> str:
    show = inputs.word(request.GET, "show", ROLE)
    if show not in _SHOWN:
        raise Http404
    return show


@reads
@operators
@with_file(_access_file)
def access(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Who holds which role where, one kind at a time; the groups; the API clients; what changed last."""
    show, q = _shown(request), inputs.search_words(request.GET)
    counts = {kind: count_grants(kind, GrantFilter()) for kind in (ROLE, COURSE_ROLE, FEATURE)}
    counts |= {GROUPS: count_groups(), CLIENTS: count_clients()}
    context = {
        "show": show,
        "q": q,
        "counts": counts,
        "course_roles": counts[COURSE_ROLE],
        **_rows(show, q, page_of(request)),
        "history": list_access_history(limit=_LATEST),
    }
    return render(request, "matricula/access.html", context)


def _rows(show: str, q: str, page: int) -> dict[str, Any]:
    """A page of what is shown, and where it is among others."""
    query = urlencode({"show": show, "q": q})
    wanted = GrantFilter(search=q or None)
    if show == GROUPS:
        pages = pages_of(page, count_groups(q), query, PAGE)
        rows: Any = list_groups(search=q, limit=PAGE, offset=pages.offset)
    elif show == CLIENTS:
        pages = pages_of(page, count_clients(search=q), query, PAGE)
        rows = list_clients(search=q, limit=PAGE, offset=pages.offset)
    else:
        pages = pages_of(page, count_grants(show, wanted), query, PAGE)
        rows = list_grants(show, wanted, limit=PAGE, offset=pages.offset)
    return {"rows": rows, "pages": pages}


@require_GET
@operators
def person(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """All that someone holds, by themselves and through groups, and how it came about."""
    learner = find_learner(account_id)
    if learner is None:
        raise Http404
    own = GrantFilter(account_id=account_id)
    groups = [grant.group_id for grant in list_grants(MEMBER, own, limit=_ALL) if grant.group_id]
    through = GrantFilter(group_ids=groups)
    found = find_caller_by_account(account_id, None)
    context = {
        "learner": learner,
        "account": found[0] if found else None,
        "roles": list_grants(ROLE, own, limit=_ALL) + list_grants(ROLE, through, limit=_ALL),
        "features": list_grants(FEATURE, own, limit=_ALL) + list_grants(FEATURE, through, limit=_ALL),
        "course_roles": list_grants(COURSE_ROLE, own, limit=_ALL),
        "members": list_grants(MEMBER, own, limit=_ALL),
        "clients": list_clients(account_id=account_id, limit=_ALL),
        "history": list_access_history(account_id=account_id, limit=_LATEST),
    }
    return render(request, "matricula/access_person.html", context)


def _members_file(request: HttpRequest, caller: Caller, group_id: int) -> ListFile:
    facts = find_group(group_id)
    if facts is None:
        raise Http404
    found = GrantFilter(group_ids=[group_id], person=inputs.search_words(request.GET) or None)
    contents = Contents(DisclosureKind.USERS, filters={"list": "members of a group", "group": facts.name})
    return ListFile(stem_for(facts.name, "members"), contents, export_grants(MEMBER, found))


@reads
@operators
@with_file(_members_file)
def group(request: HttpRequest, caller: Caller, group_id: int) -> HttpResponse:
    """What a group gives, and to whom."""
    facts = find_group(group_id)
    if facts is None:
        raise Http404
    q = inputs.search_words(request.GET)
    all_of_it = GrantFilter(group_ids=[group_id])
    # a group's own name fits every member: here the words are about people
    found = GrantFilter(group_ids=[group_id], person=q or None)
    pages = pages_of(page_of(request), count_grants(MEMBER, found), urlencode({"q": q}), PAGE)
    context = {
        "group": facts,
        "q": q,
        "roles": list_grants(ROLE, all_of_it, limit=_ALL),
        "features": list_grants(FEATURE, all_of_it, limit=_ALL),
        "members": list_grants(MEMBER, found, limit=PAGE, offset=pages.offset),
        "pages": pages,
        "waiting": list_grants(PENDING, all_of_it, limit=_ALL),
        "history": list_access_history(group_id=group_id, limit=_LATEST),
    }
    return render(request, "matricula/group.html", context)


@require_GET
@operators
def client(request: HttpRequest, caller: Caller, client_id: int) -> HttpResponse:
    """An API client."""
    facts = find_client(client_id)
    if facts is None:
        raise Http404
    return render(request, "matricula/client.html", {"client": facts})
