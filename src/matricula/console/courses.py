"""A course run: its roster, its history, its people."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller, readable_programs
from matricula.catalog.reads import CourseRun
from matricula.console import inputs
from matricula.console.acts import show_history, shown_acts, with_merged
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.history.rosters import picker
from matricula.console.inputs import page_of
from matricula.console.lms import lms_states, lms_states_of_invited
from matricula.console.pages import by_replica, of_course, show_curve
from matricula.console.paging import PAGE, pages_of
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.enrollments.course.invitations import count_invitations, list_invitations
from matricula.enrollments.course.reads import find_enrollment_of
from matricula.enrollments.course.rosters import SORTS, RosterFilter, count_roster, count_rosters, list_roster_sorted
from matricula.foundation.paging import Page
from matricula.history.curves import course_curve
from matricula.journal.acts import ActFilter, Scope, list_acts
from matricula.journal.operations import Someone
from matricula.journal.reads import list_history
from matricula.learners.reads import find_learner
from matricula.listings.exports import Listed, ListedHistory, ListedInvitations, ListedRoster, export_list

_ACTS, _LATEST = 50, 8
_HUGE = 20_000
INVITED = "invited"
_STATES = {"": True, "ended": False, "all": None}


def _roster_file(request: HttpRequest, caller: Caller, course: CourseRun) -> ListFile:
    asked = _asked(request, course)
    if asked.state == INVITED:
        listed: Listed = ListedInvitations(asked.search)
        content, filters = "invitations", {"state": INVITED}
    else:
        listed, content = ListedRoster(asked.wanted, asked.sort), "roster"
        filters = {name: asked.given[name] for name in ("mode", "state", "beta") if asked.given[name]}
    filters |= {"searched": "yes"} if asked.search else {}
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
        return render(request, "matricula/_roster.html", context)
    beta = RosterFilter(is_active=True, is_beta_tester=True)
    context |= {
        "enrolled": count_rosters([course.id]).get(course.id, 0),
        "ended": count_roster(course.id, RosterFilter(is_active=False)),
        "beta_testers": count_roster(course.id, beta),
        "invited": count_invitations(course.id),
        "latest": list_history(course_id=course.id, programs=readable_programs(caller), limit=_LATEST),
        **picker(request, course),
    }
    return render(request, "matricula/course.html", context)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address of a roster says: as it was given, and as it is understood."""

    given: dict[str, str]
    search: str
    too_short: bool
    wanted: RosterFilter
    sort: str

    @property
    def state(self) -> str:
        return self.given["state"]


def _asked(request: HttpRequest, course: CourseRun) -> _Asked:
    given = {name: inputs.word(request.GET, name) for name in ("q", "mode", "state", "beta", "sort")}
    search = inputs.search_words(request.GET)
    too_short = _is_too_short(search, course)
    if too_short:
        search = ""
    wanted = RosterFilter(
        is_active=_STATES.get(given["state"], True),
        search=search or None,
        mode=given["mode"] or None,
        is_beta_tester={"yes": True, "no": False}.get(given["beta"]),
    )
    return _Asked(given, search, too_short, wanted, given["sort"] if given["sort"] in SORTS else "username")


def _table(request: HttpRequest, course: CourseRun) -> dict[str, Any]:
    asked = _asked(request, course)
    given, search, too_short, wanted, sort = asked.given, asked.search, asked.too_short, asked.wanted, asked.sort
    page = page_of(request)
    kept = urlencode({name: value for name, value in given.items() if value})
    if asked.state == INVITED:
        pages = pages_of(page, count_invitations(course.id, search=search), kept, PAGE)
        rows: Any = list_invitations(course.id, search=search, limit=PAGE, offset=pages.offset)
        states = lms_states_of_invited(course.id, [row.email for row in rows])
        return {**given, "is_invited": True, "rows": rows, "pages": pages, "too_short": too_short, "lms": states}
    found = list_roster_sorted(course.id, wanted, sort, limit=PAGE, offset=Page(page, PAGE).offset)
    pages = pages_of(page, found.count, kept, PAGE)
    if pages.page < page:
        found = list_roster_sorted(course.id, wanted, sort, limit=PAGE, offset=pages.offset)
    return {
        **given,
        "sort": sort,
        "rows": found.rows,
        "pages": pages,
        "filtered": bool(search or given["mode"] or given["state"] or given["beta"]),
        "too_short": too_short,
        "lms": lms_states(course.id, [row.account_id for row in found.rows if row.account_id is not None]),
    }


def _is_too_short(search: str, course: CourseRun) -> bool:
    """Two letters fit so many people of a huge course run that looking for them takes seconds, at each key pressed.

    In scripts where two signs are a name they fit few.
    """
    return 0 < len(search) < 3 and search.isascii() and count_rosters([course.id]).get(course.id, 0) > _HUGE


def _history_file(request: HttpRequest, caller: Caller, course: CourseRun) -> ListFile:
    programs = readable_programs(caller)
    listed = ListedHistory(None if programs is None else [*programs], names=True)
    contents = Contents(DisclosureKind.JOURNAL, course.id)
    return ListFile(stem_for(course.key, "history"), contents, export_list(listed, course.id, None), listed)


@reads
@of_course
@by_replica
@with_file(_history_file)
def history(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """What happened in a course run, the latest first."""
    scope = Scope(course_id=course.id, programs=readable_programs(caller))
    return show_history(request, caller, scope, {"course": course})


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
    scope = Scope(course_id=course.id, programs=readable_programs(caller))
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
