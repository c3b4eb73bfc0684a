"""Enrolling and unenrolling: the one road of every change to a course enrollment.

See docs/locking.md; enrollment-api: Enrolling.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from msgspec import Struct

from matricula.catalog.reads import CourseRun
from matricula.enrollments import statuses
from matricula.enrollments.course import rules
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.store.entries import course_entry
from matricula.enrollments.store.following import save_and_follow
from matricula.enrollments.store.standings import (
    NOWHERE,
    Place,
    find_places,
    in_one_transaction,
    lock_as_read,
    lock_standings,
    read_invitations,
)
from matricula.enrollments.store.values import Decision, Person, Standing
from matricula.enrollments.store.work import standing_text
from matricula.foundation.folding import fold
from matricula.journal.writes import Operation, journal_act
from matricula.learners.locks import lock_addresses
from matricula.learners.reads import Learner, get_learners
from matricula.notices.statuses import ALLOWED_ENROLL
from matricula.notices.writes import Notice, queue_notices


class EnrollmentRequest(Struct, frozen=True, gc=False):
    """What is asked for one identifier (email or username).

    ``expected``: only if the person is as a plan saw it (``store.work.standing_text``), and still ``account_id``.
    """

    identifier: str
    requested: Requested
    email_student: bool = False
    reason: str | None = None
    expected: str | None = None
    account_id: int | None = None


class EnrollmentOutcome(Struct, frozen=True, gc=False):
    """What became of one request; ``error`` says what the identifier turned out to be where nothing was done.

    ``is_stale``: nothing was done, since the person is not as the request expected; ``repeats``: since an earlier
    request, this one of them, asks for something else for the person.
    """

    identifier: str
    before: Standing
    after: Standing
    error: Person | None
    person: Person = Person.ACTIVE_ACCOUNT
    account_id: int | None = None
    is_stale: bool = False
    # as the audit log calls it; empty where nothing was done
    transition: str = ""
    repeats: int | None = None

    @property
    def changed(self) -> bool:
        """True if something was stored."""
        return self.before != self.after


def write_course_enrollments(
    operation: Operation,
    course: CourseRun,
    requests: Sequence[EnrollmentRequest],
    *,
    journal_unchanged: bool = True,
    once: bool = False,
) -> list[EnrollmentOutcome]:
    """Enrolls or unenrolls people in one course run, in order, in one transaction; one outcome for each request.

    ``once`` (files): only the first request counts of those that ask for different things for one person.
    ``journal_unchanged`` False (files, the console) leaves no audit row and no mail where nothing changed. A request's
    ``mode`` must be one of the course's: the caller has checked it. The number of statements doesn't grow with the
    number of requests.
    """
    tries = count()
    return in_one_transaction(
        lambda: _write(operation, course, requests, journal_unchanged, once=once, again=next(tries) > 0)
    )


def hold_course_enrollment(course_id: int, identifier: str) -> None:
    """Holds a person in a course run until the transaction ends, as writing does: no one else changes them."""
    asked = EnrollmentRequest(identifier, Requested(statuses.ENROLL))
    lock_standings(_distinct_places(_find_people(course_id, [asked], hold=True)))


def preview_course_enrollments(course: CourseRun, requests: Sequence[EnrollmentRequest]) -> list[EnrollmentOutcome]:
    """What ``write_course_enrollments`` would answer now: the same road without locks, and nothing is stored."""
    people = _find_people(course.id, requests, hold=False)
    read_invitations(course.id, _distinct_places(people))
    return [outcome for outcome, _ in _decide(course, requests, people)]


def _write(
    operation: Operation,
    course: CourseRun,
    requests: Sequence[EnrollmentRequest],
    journal_unchanged: bool,
    *,
    once: bool,
    again: bool,
) -> list[EnrollmentOutcome]:
    people = _find_people(course.id, requests, hold=True)
    places = _distinct_places(people)
    if again:
        # these people are fought for: reading them without locks would lose to someone faster, try after try
        lock_standings(places)
    else:
        read_invitations(course.id, places)
    outcomes, entries = [], []
    mails: list[tuple[str, Place, EnrollmentRequest]] = []
    decided = _decide(course, requests, people, once=once)
    for request, (_, place), (outcome, decision) in zip(requests, people, decided, strict=True):
        outcomes.append(outcome)
        if place is None or decision.error or outcome.is_stale or outcome.repeats is not None:
            continue
        if not (journal_unchanged or outcome.changed or len(place.invitation_ids) > 1):
            continue
        is_new = outcome.after.allowed and not outcome.before.allowed
        if is_new or decision.transition == statuses.FROM_UNENROLLED_TO_ALLOWED:
            place.actor_id, place.reason, place.invited_again = operation.actor_id, request.reason, True
        entries.append(course_entry(place, outcome.before, decision, request.reason, operation.actor_id))
        if request.email_student:
            mails += [(kind, place, request) for kind in decision.mails]
    stale = {place for (outcome, _), (_, place) in zip(decided, people, strict=True) if outcome.is_stale}
    changed = [p for p in places if p.changes and p not in stale]
    # what the journal says of the state before must be true when it is written
    if not again:
        lock_as_read(places if journal_unchanged else changed)
    save_and_follow(operation, changed)
    journal_act(operation, entries)
    queue_notices(operation.id, _notices(course, mails))
    return outcomes


def _decide(
    course: CourseRun,
    requests: Sequence[EnrollmentRequest],
    people: Sequence[tuple[Person, Place | None]],
    *,
    once: bool = False,
) -> list[tuple[EnrollmentOutcome, Decision]]:
    """What becomes of each request, in order; the places are moved to it."""
    decided = []
    asked: dict[Place, int] = {}
    for number, (request, (person, place)) in enumerate(zip(requests, people, strict=True)):
        first = asked.setdefault(place, number) if once and place else number
        repeats = first if requests[first].requested != request.requested else None
        before, account_id = (place.standing, place.account_id) if place else (NOWHERE, None)
        is_stale = request.expected is not None and (request.expected, request.account_id) != (
            standing_text(before, person),
            account_id,
        )
        decision = (
            Decision(before)
            if is_stale or repeats is not None
            else rules.decide(person, before, request.requested, course.default_mode)
        )
        if place:
            place.standing = decision.standing
        outcome = EnrollmentOutcome(
            request.identifier,
            before,
            decision.standing,
            decision.error,
            person,
            account_id,
            is_stale,
            decision.transition,
            repeats,
        )
        decided.append((outcome, decision))
    return decided


def _distinct_places(people: Sequence[tuple[Person, Place | None]]) -> Collection[Place]:
    return dict.fromkeys(place for _, place in people if place)


def _find_people(
    course_id: int, requests: Sequence[EnrollmentRequest], *, hold: bool
) -> list[tuple[Person, Place | None]]:
    """What each identifier is, and its place; identifiers of one person have one place.

    ``hold``: addresses without an active account are held until the transaction ends.
    """
    keys = [fold(r.identifier) for r in requests]
    identifiers = {key: r.identifier for key, r in zip(keys, requests, strict=True)}
    found = find_places(course_id, [k for k in identifiers if rules.may_be_stored(k)])
    # most are these
    people: dict[str, tuple[Person, Place | None]] = {
        key: (Person.ACTIVE_ACCOUNT, places[0])
        for key, places in found.items()
        if len(places) == 1 and places[0].is_active
    }
    others = {key: identifier for key, identifier in identifiers.items() if key not in people}
    waiting = {
        key: address
        for key, identifier in others.items()
        if hold and (address := _address_without_active_account(identifier, found.get(key, ())))
    }
    if waiting:
        # An account of such an address may be becoming active right now; once we hold the address, look again.
        lock_addresses(waiting.values())
        found = {key: places for key, places in found.items() if key not in waiting}
        found |= find_places(course_id, list(waiting))
    people |= {key: _person(course_id, identifier, found.get(key, ())) for key, identifier in others.items()}
    return [people[key] for key in keys]


def _address_without_active_account(identifier: str, places: Sequence[Place]) -> str | None:
    if not places:
        return fold(identifier) if rules.unknown_person(identifier) is Person.ADDRESS else None
    return places[0].email_key if len(places) == 1 and not places[0].is_active else None


def _person(course_id: int, identifier: str, places: Sequence[Place]) -> tuple[Person, Place | None]:
    if len(places) > 1:
        return Person.TWO_ACCOUNTS, None
    if places:
        return (Person.ACTIVE_ACCOUNT if places[0].is_active else Person.INACTIVE_ACCOUNT), places[0]
    person = rules.unknown_person(identifier)
    return person, Place(course_id, None, identifier, fold(identifier)) if person is Person.ADDRESS else None


@cache
def state(standing: Standing) -> Mapping[str, Any]:
    """A standing as the journal keeps it and as the API shows it (enrollment-api: Results)."""
    shown: dict[str, Any] = {"enrolled": standing.enrolled, "allowed": standing.allowed}
    if standing.seat and standing.enrolled:
        shown["mode"] = standing.seat.mode
    if standing.invitation:
        shown["auto_enroll"] = standing.invitation.auto_enroll
    return shown


def _notices(course: CourseRun, mails: Sequence[tuple[str, Place, EnrollmentRequest]]) -> list[Notice]:
    people = {person.id: person for person in get_learners({p.account_id for _, p, _ in mails if p.account_id})}
    notices = []
    for kind, place, request in mails:
        learner = people.get(place.account_id or 0)
        # who was switched off by an operator is not asked to activate the account
        if not (kind == ALLOWED_ENROLL and learner and learner.switched_off):
            notices.append(_notice(kind, course, place, learner, request))
    return notices


def _notice(kind: str, course: CourseRun, place: Place, learner: Learner | None, request: EnrollmentRequest) -> Notice:
    return Notice(
        kind=kind,
        to=place.email,
        language=learner.language if learner else "",
        context={
            "course_title": course.title,
            "course_url": course.url or settings.PUBLIC_URL,
            "full_name": learner.full_name if learner and not learner.unconfirmed else "",
            "reason": request.reason,
            "auto_enroll": request.requested.auto_enroll,
            "sign_up_url": f"{settings.PUBLIC_URL}/signup/",
            "activate_url": f"{settings.PUBLIC_URL}/account/activate/" if learner and not learner.is_active else "",
        },
        course_id=course.id,
    )
