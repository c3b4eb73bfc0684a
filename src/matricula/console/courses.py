"""A course run: its roster, its history, its people."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller, readable_programs
from matricula.catalog.reads import CourseRun
from matricula.console import inputs
from matricula.console.acts import history_file, show_history, shown_acts, with_merged
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.filters import INVITED, OF, ORDERS, ROSTER_FIELDS, learners_of
from matricula.console.history.rosters import picker
from matricula.console.inputs import page_of
from matricula.console.lms import lms_states, lms_states_of_invited
from matricula.console.pages import by_replica, of_course, show_curve
from matricula.console.paging import PAGE, SIZES, pages_of, size_of, sorting_of
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.enrollments.course.invitations import count_invitations, list_invitations
from matricula.enrollments.course.reads import find_enrollment_of
from matricula.enrollments.course.rosters import (
    SORTS,
    RosterFilter,
    count_roster,
    count_rosters,
    list_modes_present,
    list_roster_sorted,
)
from matricula.foundation.paging import Page
from matricula.history.curves import course_curve
from matricula.journal.acts import ActFilter, Scope, list_acts
from matricula.journal.operations import Someone
from matricula.journal.reads import list_history
from matricula.learners.reads import find_learner
from matricula.listings.exports import Listed, ListedInvitations, ListedRoster, export_list

_ACTS, _LATEST = 50, 8
_HUGE = 20_000


def _roster_file(request: HttpRequest, caller: Caller, course: CourseRun) -> ListFile:
    given, wanted, _is_short = _asked(request, course)
    search = wanted.search or ""
    if given.get("state") == INVITED:
        listed: Listed = ListedInvitations(search)
        content, filters = "invitations", {"state": INVITED}
    else:
        listed, content = ListedRoster(wanted, inputs.choice(request.GET, "sort", SORTS, "username")), "roster"
        filters = {name: given[name] for name in ("mode", "state", "beta") if name in given}
    filters |= {"searched": "yes"} if search else {}
    contents = Contents(DisclosureKind.ENROLLMENTS, course.id, filters=filters)
    return ListFile(stem_for(course.key, content), contents, export_list(listed, course.id, None), listed)


@reads
@of_course
@by_replica
@with_file(_roster_file)
def roster(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """Who is enrolled, page by page; the table alone where htmx asks for it."""
    context = {"course": course, **_table(request, course)}
    if request.headers.get("HX-Target") == "roster":
        return render(request, "matricula/_roster.html", {**context, "is_part": True})
    beta = RosterFilter(is_active=True, is_beta_tester=True)
    context |= {
        "enrolled": count_rosters([course.id]).get(course.id, 0),
        "ended": count_roster(course.id, RosterFilter(is_active=False)),
        "beta_testers": count_roster(course.id, beta),
        "invited": count_invitations(course.id),
        "latest": list_history(course_id=course.id, programs=readable_programs(caller), limit=_LATEST),
        "modes": list(dict.fromkeys([*course.modes, *list_modes_present(course.id)])),
        **picker(request, course),
    }
    return render(request, "matricula/course.html", context)


def _asked(request: HttpRequest, course: CourseRun) -> tuple[dict[str, str], RosterFilter, bool]:
    """What the address of a roster says: as it was given, as it is understood, and whether its search is too short."""
    given, wanted = learners_of(request.GET)
    too_short = _is_too_short(wanted.search or "", course)
    return given, replace(wanted, search=None) if too_short else wanted, too_short


def _table(request: HttpRequest, course: CourseRun) -> dict[str, Any]:
    given, wanted, too_short = _asked(request, course)
    sort = inputs.choice(request.GET, "sort", SORTS, "username")
    page, size = page_of(request), size_of(request, PAGE)
    kept = urlencode(
        given | ({"sort": sort} if sort != "username" else {}) | ({"size": str(size)} if size != PAGE else {})
    )
    shown = {
        **{name: given.get(name, "") for name in ROSTER_FIELDS},
        "filter": [(f"{OF}{name}", value) for name, value in given.items()],
        "sort": sort,
        "orders": [(order, ORDERS[order]) for order in SORTS],
        "sorting": sorting_of(sort, sort, given, SORTS),
        "too_short": too_short,
    }
    if given.get("state") == INVITED:
        search = wanted.search or ""
        pages = pages_of(page, count_invitations(course.id, search=search), kept, size, SIZES)
        rows = list_invitations(course.id, search=search, limit=size, offset=pages.offset)
        states = lms_states_of_invited(course.id, [row.email for row in rows])
        return {**shown, "is_invited": True, "rows": rows, "pages": pages, "lms": states}
    found = list_roster_sorted(course.id, wanted, sort, limit=size, offset=Page(page, size).offset)
    pages = pages_of(page, found.count, kept, size, SIZES)
    if pages.page < page:
        found = list_roster_sorted(course.id, wanted, sort, limit=size, offset=pages.offset)
    return {
        **shown,
        "rows": found.rows,
        "pages": pages,
        "filtered": bool(given),
        "lms": lms_states(course.id, [row.account_id for row in found.rows if row.account_id is not None]),
    }


def _is_too_short(search: str, course: CourseRun) -> bool:
    """Two letters fit so many people of a huge course run that looking for them takes seconds, at each key pressed.

    In scripts where two signs are a name they fit few.
    """
    return 0 < len(search) < 3 and search.isascii() and count_rosters([course.id]).get(course.id, 0) > _HUGE


def _scope(caller: Caller, course: CourseRun) -> Scope:
    return Scope(course_id=course.id, programs=readable_programs(caller))


def _history_file(request: HttpRequest, caller: Caller, course: CourseRun) -> ListFile:
    return history_file(request, _scope(caller, course), course.key)


@reads
@of_course
@by_replica
@with_file(_history_file)
def history(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """What happened in a course run, the latest first."""
    return show_history(request, caller, _scope(caller, course), {"course": course})


@require_GET
@of_course
@by_replica
def curve(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """How many were enrolled over time."""
    return show_curve(request, course_curve(course.id), of="course")


@require_GET
@of_course
def person(request: HttpRequest, caller: Caller, course: CourseRun, account_id: int) -> HttpResponse:
    """One person in a course run: their status, what may be changed, and all that happened."""
    learner = find_learner(account_id)
    if learner is None:
        raise Http404
    scope = _scope(caller, course)
    # under the address, before there was an account, and under accounts that were merged into this one
    of_one = Someone(with_merged([account_id]), emails=[learner.email_key])
    page = list_acts(scope, ActFilter(person=of_one), limit=_ACTS)
    enrollment = find_enrollment_of(course.id, learner.id, learner.email_key)
    # people of other courses are none of this course's business
    if enrollment is None and not any(act.latest.account_id for act in page.acts):
        raise Http404
    context = {
        "course": course,
        "learner": learner,
        "enrollment": enrollment,
        "acts": shown_acts(caller, scope, page),
    }
    return render(request, "matricula/person.html", context)
