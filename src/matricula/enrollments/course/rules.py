"""What enrolling and unenrolling do to one person in one course run (enrollment-api: What happens to each person).

Values in, decision out: no database, no Django. Each function is a table of cases, and is remembered case by case, so
that a million rows of the same few cases are decided a few times.
"""

import re
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from matricula.enrollments import statuses
from matricula.enrollments.store.values import Decision, Invitation, Person, Seat, Standing
from matricula.foundation.text import has_control_characters, holds_nul, invisible_character
from matricula.journal.statuses import LINKED

MAX_IDENTIFIER = 255
_ATOM = r"[^\s@,;:<>()\[\]\\\".]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:localhost|{_LABEL}(?:\.{_LABEL})+)")


class Requested(Struct, frozen=True, gc=False):
    """What is asked for one person; ``mode`` None is the course's default.

    ``invitation_only``: the pre-enrollment alone is made or removed. An active account is bound to it, and gets a seat
    with ``auto_enroll`` only; an enrollment stays as it is.
    """

    action: statuses.Action
    mode: str | None = None
    auto_enroll: bool = False
    invitation_only: bool = False


def looks_like_address(identifier: str) -> bool:
    """True if ``identifier`` has the form of an email address that mail can be sent to."""
    return (
        _ADDRESS.fullmatch(identifier) is not None
        and not has_control_characters(identifier)
        and not invisible_character(identifier)
    )


def may_be_stored(identifier: str) -> bool:
    """True if there may be an account or an invitation of this name: no use looking for others."""
    # PostgreSQL's text holds no NUL
    return len(identifier) <= MAX_IDENTIFIER and not holds_nul(identifier) and not invisible_character(identifier)


def unknown_person(identifier: str) -> Person:
    """What an identifier is that belongs to no account."""
    if len(identifier) > MAX_IDENTIFIER:
        return Person.TOO_LONG
    if invisible_character(identifier):
        return Person.INVISIBLE
    if "@" not in identifier:
        return Person.UNKNOWN_USERNAME
    return Person.ADDRESS if looks_like_address(identifier) else Person.BAD_ADDRESS


REJECTED = {
    Person.UNKNOWN_USERNAME,
    Person.BAD_ADDRESS,
    Person.TOO_LONG,
    Person.INVISIBLE,
    Person.TWO_ACCOUNTS,
}


@cache
def decide(person: Person, standing: Standing, requested: Requested, default_mode: str) -> Decision:
    """Return what a request does to a ``person`` of that ``standing``."""
    if person in REJECTED:
        return Decision(standing, error=person)
    if requested.invitation_only:
        return _decide_invitation(person, standing, requested, default_mode)
    if requested.action == statuses.UNENROLL:
        return _decide_unenroll(standing)
    if person is Person.ACTIVE_ACCOUNT or standing.enrolled:
        return _decide_enroll(standing, requested, default_mode)
    return Decision(
        # not bound, even where it was: binding is what happens when the account becomes active
        replace(standing, invitation=Invitation(requested.mode, requested.auto_enroll, bound=False)),
        statuses.FROM_UNENROLLED_TO_ALLOWED,
        ("allowed_enroll",),
    )


def _decide_enroll(standing: Standing, requested: Requested, default_mode: str) -> Decision:
    invitation = standing.invitation and replace(standing.invitation, bound=True)
    if standing.seat is not None and standing.seat.is_active:
        seat = replace(standing.seat, mode=requested.mode or standing.seat.mode)
        transition = statuses.FROM_ENROLLED_TO_ENROLLED
    else:
        seat = Seat(requested.mode or default_mode, is_active=True)
        transition = statuses.FROM_ALLOWED_TO_ENROLLED if invitation else statuses.FROM_UNENROLLED_TO_ENROLLED
    return Decision(Standing(seat, invitation), transition, ("enrolled_enroll",))


def _decide_unenroll(standing: Standing) -> Decision:
    ended = Standing(standing.seat and replace(standing.seat, is_active=False), None)
    mails = ("enrolled_unenroll",) * standing.enrolled + ("allowed_unenroll",) * standing.allowed
    if standing.enrolled:
        return Decision(ended, statuses.FROM_ENROLLED_TO_UNENROLLED, mails)
    if standing.allowed:
        return Decision(ended, statuses.FROM_ALLOWED_TO_UNENROLLED, mails)
    return Decision(ended, statuses.FROM_UNENROLLED_TO_UNENROLLED)


def _decide_invitation(person: Person, standing: Standing, requested: Requested, default_mode: str) -> Decision:
    """An invitation that is there already stays as it is; no mails."""
    if requested.action == statuses.UNENROLL:
        after, without = replace(standing, invitation=None), statuses.FROM_UNENROLLED_TO_UNENROLLED
        transition = statuses.FROM_ALLOWED_TO_UNENROLLED if standing.allowed else without
    else:
        invitation = standing.invitation or Invitation(
            requested.mode, requested.auto_enroll, bound=person is Person.ACTIVE_ACCOUNT
        )
        seats = invitation.bound and invitation.auto_enroll and not standing.allowed and not standing.enrolled
        seat = Seat(requested.mode or default_mode, is_active=True) if seats else standing.seat
        after = Standing(seat, invitation)
        transition = statuses.FROM_UNENROLLED_TO_ENROLLED if seats else statuses.FROM_UNENROLLED_TO_ALLOWED
    return Decision(after, statuses.FROM_ENROLLED_TO_ENROLLED if standing.enrolled else transition)


@cache
def decide_activation(standing: Standing, default_mode: str) -> Decision:
    """What a pre-enrollment turns into when its address gets an active account: bound, and with auto_enroll a seat."""
    if standing.invitation is None:
        return Decision(standing)
    bound = replace(standing.invitation, bound=True)
    if not bound.auto_enroll or standing.enrolled:
        return Decision(Standing(standing.seat, bound), LINKED)
    seat = Seat(bound.mode or default_mode, is_active=True)
    return Decision(Standing(seat, bound), statuses.FROM_ALLOWED_TO_ENROLLED)
