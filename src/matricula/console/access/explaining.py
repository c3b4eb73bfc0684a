"""What someone can do and why: the page of an account, of an API client, and one's own; a question about one thing.

Administrators see everything, and everyone their own; those who manage a course run or a program see what is so there,
of those who were given something that reaches it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from matricula.access.explaining.actions import NEEDS, Action, On
from matricula.access.explaining.answers import Answer, Holdings, Place, Reason, Row, answer, read_holdings, rows_at
from matricula.access.explaining.givers import Giver, Key, find_givers, key_of, key_of_flag, list_operators
from matricula.access.holders import MEMBER, ClientFacts, Grant, find_client
from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, Reach, reach_of
from matricula.catalog.reads import (
    find_course,
    find_organization,
    find_program,
    get_courses,
    get_organizations,
    get_programs,
)
from matricula.console import inputs
from matricula.console.access.picking import Match, find_matches
from matricula.console.access.words import ACTION_WORDS
from matricula.console.pages import signed_in
from matricula.foundation.text import holds_nul
from matricula.foundation.text import words as search_of
from matricula.learners.reads import Learner, find_learner

_EVERYTHING = Reach(None, None)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason with who gave it: the grant itself, and the membership through which it reaches the account."""

    reason: Reason
    giver: Giver | None
    # who added the account to the group
    adder: Giver | None

    @property
    def flag(self) -> str:
        """The mark of the account, if it is one."""
        return self.reason.flag.value if self.reason.flag else ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A place, and what may be done there, in words, with the reasons."""

    place: Place
    may: Sequence[tuple[str, Sequence[ShownReason]]]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and the answer; ``problem``: why there is none."""

    words: str
    place: Place
    answer: Answer | None
    reasons: Sequence[ShownReason] = ()
    problem: str = ""
    # of what was written, where nothing has that key
    matches: Sequence[Match] = ()


@require_GET
@signed_in
def own(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What the reader can do, and why."""
    learner = find_learner(caller.account_id)
    assert learner is not None  # noqa: S101  who is signed in has an account
    return _page(request, caller, learner, _EVERYTHING)


@require_GET
@signed_in
def person(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """What someone can do, and why, as far as the reader may know."""
    learner = find_learner(account_id)
    if learner is None:
        raise Http404
    everything = caller.is_superuser or account_id == caller.account_id
    return _page(request, caller, learner, _EVERYTHING if everything else reach_of(caller, WRITE_ENROLLMENTS))


@require_GET
@signed_in
def client(request: HttpRequest, caller: Caller, client_id: int) -> HttpResponse:
    """What an API client can do, and why: what its account can, within its scopes."""
    facts = find_client(client_id)
    if facts is None or not (caller.is_superuser or facts.account_id == caller.account_id):
        raise Http404
    # an app acts for those who allow it, and not as the account that is responsible
    learner = find_learner(facts.account_id) if facts.account_id is not None and not facts.redirects else None
    if learner is None:
        return render(request, "matricula/can.html", {"client": facts, "learner": None, "is_own": False})
    return _page(request, caller, learner, _EVERYTHING, facts)


def _page(
    request: HttpRequest, caller: Caller, learner: Learner, reach: Reach, client: ClientFacts | None = None
) -> HttpResponse:
    held = read_holdings(learner.id, client.id if client else None)
    rows = rows_at(held, _places(held, reach))
    if reach is not _EVERYTHING and not any(_by_grants(row) for row in rows):
        raise Http404
    givers = find_givers(learner.id, [grant.group_id for grant in held.members if grant.group_id])
    question = _question(request, caller, held, reach, givers)
    context = {
        "learner": learner,
        "client": client,
        "is_own": learner.id == caller.account_id,
        "sees_everything": reach is _EVERYTHING,
        "held": held,
        "rows": [_shown(row, held, givers) for row in rows],
        "question": question,
        "action": inputs.word(request.GET, "action"),
        "on": inputs.word(request.GET, "on"),
        "actions": [(action.value, words) for action, words in ACTION_WORDS.items() if _is_asked(action, reach)],
        "operators": list_operators(limit=_NAMED + 1) if caller.is_superuser else [],
        "may_grant": caller.is_superuser,
    }
    return render(request, "matricula/can.html", context)


def _by_grants(row: Row) -> bool:
    return any(reason.grant is not None for _action, reasons in row.may for reason in reasons)


def _places(held: Holdings, reach: Reach) -> list[Place]:
    """Where the account was given something; to those who manage some places, those."""
    roles = held.roles
    if reach is _EVERYTHING:
        organizations = get_organizations({grant.organization_id for grant in roles if grant.organization_id})
        programs: set[int] | Sequence[int] = {grant.program_id for grant in roles if grant.program_id}
        everywhere = [Place(), *(Place(organization=one) for _id, one in sorted(organizations.items()))]
    else:
        programs, everywhere = reach.programs or (), []
    found_programs = sorted(get_programs(programs).values(), key=lambda program: program.key)
    courses = {grant.course_id for grant in held.course_roles if grant.course_id}
    found_courses = sorted(get_courses(courses).values(), key=lambda course: course.key)
    return [
        *everywhere,
        *(Place(program=program) for program in found_programs),
        *(Place(course=course) for course in found_courses if _is_within(Place(course=course), reach)),
    ]


def _is_within(place: Place, reach: Reach) -> bool:
    if reach is _EVERYTHING:
        return True
    if place.course is not None:
        return reach.courses is None or place.course.id in reach.courses
    return place.program is not None and (reach.programs is None or place.program.id in reach.programs)


def _is_asked(action: Action, reach: Reach) -> bool:
    return reach is _EVERYTHING or NEEDS[action].on in {On.COURSE, On.PROGRAM}


def _shown(row: Row, held: Holdings, givers: Mapping[Key, Giver]) -> ShownRow:
    may = [(str(ACTION_WORDS[action]), _reasons(reasons, held, givers)) for action, reasons in row.may]
    return ShownRow(row.place, may)


def _reasons(reasons: Sequence[Reason], held: Holdings, givers: Mapping[Key, Giver]) -> list[ShownReason]:
    members = {grant.group_id: grant for grant in held.members}
    return [_reason(reason, members, givers) for reason in reasons]


def _reason(reason: Reason, members: Mapping[int | None, Grant], givers: Mapping[Key, Giver]) -> ShownReason:
    if reason.flag is not None:
        return ShownReason(reason, givers.get(key_of_flag(reason.flag)), None)
    grant = reason.grant
    assert grant is not None  # noqa: S101  a reason is a flag or a grant
    member = members.get(grant.group_id) if grant.group_id else None
    return ShownReason(
        reason, givers.get(key_of(reason.kind, grant)), givers.get(key_of(MEMBER, member)) if member else None
    )


def _question(
    request: HttpRequest, caller: Caller, held: Holdings, reach: Reach, givers: Mapping[Key, Giver]
) -> Question | None:
    """The answer to what the address asks; None if it asks nothing."""
    asked = inputs.choice(request.GET, "action", [*Action])
    if not asked or not _is_asked(Action(asked), reach):
        return None
    action, key = Action(asked), inputs.word(request.GET, "on")
    words, place = str(ACTION_WORDS[action]), _find(NEEDS[action].on, key)
    if place is None:
        on = NEEDS[action].on
        matches = [] if on is On.ORGANIZATION and not caller.is_superuser else find_matches(on, search_of(key), caller)
        return Question(words, Place(), None, problem=_missing_key(on, key), matches=matches)
    if not _is_within(place, reach):
        return Question(words, place, None, problem=_("You can ask only about what you manage."))
    found = answer(held, action, place)
    return Question(words, place, found, _reasons(found.reasons, held, givers))


def _find(on: On, key: str) -> Place | None:
    if on is On.EVERYWHERE:
        return Place()
    if not key or holds_nul(key):
        return None
    if on is On.ORGANIZATION:
        organization = find_organization(key)
        return Place(organization=organization) if organization else None
    if on is On.PROGRAM:
        program = find_program(key)
        return Place(program=program) if program else None
    course = find_course(key)
    return Place(course=course) if course else None


def _missing_key(on: On, key: str) -> str:
    words = {
        On.ORGANIZATION: (_("Choose an organization."), _("No organization has this key.")),
        On.PROGRAM: (_("Choose a program."), _("No program has this key.")),
        On.COURSE: (_("Choose a course run."), _("No course run has this key.")),
    }
    return words[on][bool(key)]
