"""The tour of the demo: five steps through real pages, for those who try Matricula with ``matricula up --demo``.

Each step is a link, so it works without scripts. A cookie keeps how far someone is: it outlives a logout, for visitors
of the demo try several of its people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, list_courses_of, list_programs_of
from matricula.console.demo import is_demo
from matricula.console.pages import signed_in

COOKIE, ENDED = "tour", "ended"
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where the steps lead: the pages of a program, or of a course run, with which the reader works."""

    kind: str
    key: str

    def page(self, name: str) -> str:
        """The address of one of its pages."""
        return reverse(f"{self.kind}_{name}", args=[self.key])


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, what to do there, and its page."""

    name: Promise
    words: Promise
    page: Callable[[Place, Caller], str]


def _changes(place: Place, _caller: Caller) -> str:
    return place.page("upload" if place.kind == "program" else "enroll")


STEPS: tuple[Step, ...] = (
    Step(
        gettext_lazy("Search for a person"),
        gettext_lazy(
            "Type parts of a name in any order, an address, or a student key. Accents and capital letters don't matter."
        ),
        lambda _place, _caller: f"{reverse('search')}?{urlencode({'q': 'an'})}",
    ),
    Step(
        gettext_lazy("Ask why"),
        gettext_lazy(
            "Enter one of the people that you found. Matricula answers why they are here, or why not, with each change "
            "that led to it."
        ),
        lambda place, _caller: place.page("why"),
    ),
    Step(
        gettext_lazy("Preview a change"),
        gettext_lazy(
            "Give a list or file, and select “Review changes”. Each row says what it would do; nothing is changed yet."
        ),
        _changes,
    ),
    Step(
        gettext_lazy("Apply it, and undo it"),
        gettext_lazy(
            "Apply the plan that you made. It appears here as an operation: open it and undo it, as a whole or one "
            "change of it."
        ),
        lambda _place, caller: f"{reverse('operations')}?{urlencode({'actor': caller.username})}",
    ),
    Step(
        gettext_lazy("Look at the past"),
        gettext_lazy(
            "Compare two moments: who joined, who left, who changed. The past is computed from the audit log, to the "
            "second."
        ),
        lambda place, _caller: place.page("comparison"),
    ),
)


@require_GET
@signed_in
def go(request: HttpRequest, caller: Caller, step: int) -> HttpResponse:
    """Leads to the page of a step, and keeps that the reader is there."""
    if not (is_demo() and 1 <= step <= len(STEPS)):
        raise Http404
    place = _place_of(caller)
    return _keep(redirect(STEPS[step - 1].page(place, caller)) if place else redirect("home"), str(step))


@require_GET
@signed_in
def end(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Ends the tour; the first page of the demo still has a link to it."""
    if not is_demo():
        raise Http404
    return _keep(redirect("home"), ENDED)


def _keep(answer: HttpResponse, state: str) -> HttpResponse:
    answer.set_cookie(COOKIE, state, max_age=_DAYS * 24 * 3600, httponly=True, samesite="Lax")
    return answer


def _place_of(caller: Caller) -> Place | None:
    """A program whose students the reader may change, or else a course run that the reader manages."""
    for access in list_programs_of(caller, WRITE_ENROLLMENTS):
        return Place("program", access.program.key)
    for course in list_courses_of(caller, limit=1):
        return Place("course", course.key)
    return None


def tour(request: HttpRequest) -> Mapping[str, Any]:
    """For templates: how far the reader is on the tour; empty where there is none (not the demo, or a learner's page).

    ``step`` None: not begun.
    """
    user = getattr(request, "user", None)
    session = getattr(request, "session", {})
    if not (is_demo() and user is not None and user.is_authenticated and not session.get("only_learns")):
        return {}
    state = request.COOKIES.get(COOKIE, "")
    number = int(state) if state in {str(n) for n in range(1, len(STEPS) + 1)} else None
    found: dict[str, Any] = {"steps": STEPS, "is_ended": state == ENDED, "number": number}
    if number:
        found |= {"step": STEPS[number - 1], "before": number - 1, "next": number + 1 if number < len(STEPS) else None}
        found["next_step"] = STEPS[number] if number < len(STEPS) else None
    return {"tour": found}
