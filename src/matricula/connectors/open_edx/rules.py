"""What to ask of the LMS next about one person in one course run, and what an answer means. Plain Python.

``decide_call`` and ``learn`` take turns: a call, what its answer adds to what is known, the next call. It ends when
nothing is left to ask (``Done``), when the LMS rejects a call (``Rejected``), and when an answer says nothing about the
person (``Problem``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from matricula.connectors.open_edx.statuses import Do, ProblemKind, RowState, Wanted

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
"""Seconds until a call that failed is repeated; each pause is twice the one before."""
# problems with the same connection one after the other, until no more calls are made for a while
_TOLERATED = 3
_WORDS = 500
# RFC 2606
_NOWHERE = ".invalid"


class Invitation(NamedTuple):
    """An address that is invited to a course run."""

    email: str
    auto_enroll: bool


class Seat(NamedTuple):
    """An enrollment as the LMS shows it."""

    mode: str | None
    is_active: bool


class Standing(NamedTuple):
    """A person's part in a course run as it is recorded; ``email``: of the account, or the one that is invited."""

    email: str
    has_active_account: bool
    seat: Seat | None
    invitation: Invitation | None


class Target(NamedTuple):
    """What is to be true in the LMS."""

    wanted: Wanted
    mode: str | None
    invitation: Invitation | None
    email: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a person and a course run in the LMS."""

    # the account's username there; ``is_kept``: found some time ago, and perhaps no longer right
    username: str | None = None
    is_kept: bool = True
    # addresses that were looked up in vain
    looked_up: tuple[str, ...] = ()
    # what was confirmed last
    confirmed: Seat | None = None
    # the invitation that was sent last
    invitation: Invitation | None = None
    is_withdrawn: bool = False
    # a call may have gone out without an answer
    is_unsure: bool = False
    # what was read just now; None: no enrollment
    is_read: bool = False
    seat: Seat | None = None


class Call(NamedTuple):
    """One call; what it needs of the rest depends on ``do``."""

    do: Do
    username: str | None = None
    email: str | None = None
    mode: str | None = None
    auto_enroll: bool = False


class Answer(NamedTuple):
    """What came back: a status and the JSON of the body, or why nothing came. ``retry_after`` in seconds."""

    status: int = 0
    body: Any = None
    has_json: bool = False
    retry_after: float | None = None
    problem: ProblemKind | None = None
    words: str = ""


class Done(NamedTuple):
    """Nothing is left to ask: confirmed, or absent."""

    state: RowState


class Rejected(NamedTuple):
    """The LMS did not do it, and says why."""

    words: str


class Problem(NamedTuple):
    """The call failed for a reason that says nothing about the person; ``pause``: seconds that the LMS asks for."""

    kind: ProblemKind
    words: str
    pause: float | None = None


def decide_target(standing: Standing) -> Target:
    """Return what is to be true in the LMS of a person whose record is this."""
    seat, invitation, email = standing.seat, standing.invitation, standing.email
    if seat is None:
        return Target(Wanted.NONE, None, invitation, email)
    if not seat.is_active:
        return Target(Wanted.ENDED, None, invitation, email)
    if not standing.has_active_account:
        # someone who was retired has an address that can't be anyone's
        invited = None if email.endswith(_NOWHERE) else Invitation(email, True)
        return Target(Wanted.NONE, None, invited, email)
    return Target(Wanted.ENROLLED, seat.mode, None, email)


def decide_call(target: Target, known: Known) -> Call | Done:
    """Return the next call, or how it ended."""
    if target.wanted is Wanted.NONE:
        return _decide_invitation(target.invitation, target, known) or Done(RowState.CONFIRMED)
    if _is_confirmed(target, known):
        return _decide_other_invitation(target, known)
    if known.username is None:
        address = next((a for a in _addresses(target.email) if a not in known.looked_up), None)
        return Call(Do.LOOK_UP, email=address) if address else _decide_absent(target, known)
    return _decide_seat(target, known) or _decide_other_invitation(target, known)


def _addresses(email: str) -> list[str]:
    return list(dict.fromkeys((email, email.lower())))


def _is_confirmed(target: Target, known: Known) -> bool:
    """Whether what is wanted is what was confirmed last: what came and went meanwhile needs no call."""
    if known.confirmed is None or known.is_unsure or known.is_read:
        return False
    return known.confirmed == (target.mode, True) if target.wanted is Wanted.ENROLLED else not known.confirmed.is_active


def _decide_absent(target: Target, known: Known) -> Call | Done:
    """Of a person who has no account there: an invitation instead of the enrollment."""
    is_enrolled = target.wanted is Wanted.ENROLLED
    wanted = Invitation(target.email, True) if is_enrolled else target.invitation
    call = _decide_invitation(wanted, target, known)
    return call or Done(RowState.ABSENT if is_enrolled else RowState.CONFIRMED)


def _decide_seat(target: Target, known: Known) -> Call | None:
    username = known.username
    if target.wanted is Wanted.ENDED:
        if not known.is_read:
            return Call(Do.READ, username)
        return Call(Do.END, username) if known.seat and known.seat.is_active else None
    if known.is_unsure and not known.is_read:
        return Call(Do.READ, username)
    if known.is_read and known.seat == (target.mode, True):
        return None
    return Call(Do.ENROLL, username, mode=target.mode)


def _decide_other_invitation(target: Target, known: Known) -> Call | Done:
    """With an enrollment, an invitation matters once the enrollment ended: one that was sent would enroll again."""
    if target.wanted is Wanted.ENDED and (target.invitation or known.invitation):
        return _decide_invitation(target.invitation, target, known) or Done(RowState.CONFIRMED)
    return Done(RowState.CONFIRMED)


def _decide_invitation(wanted: Invitation | None, target: Target, known: Known) -> Call | None:
    sent = known.invitation
    if wanted is not None and sent == wanted:
        return None
    if sent is not None:
        return Call(Do.WITHDRAW, email=sent.email)
    if wanted is not None:
        return Call(Do.INVITE, email=wanted.email, auto_enroll=wanted.auto_enroll)
    is_needed = (target.wanted is Wanted.NONE or known.is_unsure) and not target.email.endswith(_NOWHERE)
    return Call(Do.WITHDRAW, email=target.email) if is_needed and not known.is_withdrawn else None


def learn(known: Known, call: Call, answer: Answer) -> Known | Rejected | Problem:
    """Return what an answer adds to what is known, or how it ended."""
    return find_problem(call.do, answer) or _LEARN[call.do](known, call, answer)


def find_problem(do: Do | None, answer: Answer) -> Problem | None:
    """Return why an answer says nothing about what was asked, or None. ``do``: None where no person is asked about."""
    status = answer.status
    if answer.problem is not None:
        return Problem(answer.problem, answer.words)
    if status == 429:
        return Problem(ProblemKind.THROTTLED, "the LMS asked for fewer calls", answer.retry_after)
    if status >= 500:
        return Problem(ProblemKind.BROKEN, f"the LMS answered {status}", answer.retry_after)
    if status == 200 and not answer.has_json:
        return Problem(ProblemKind.BROKEN, "the LMS answered with something that isn't JSON")
    words = _misconfigured(do, answer)
    return Problem(ProblemKind.CREDENTIALS, words) if words else None


def _misconfigured(do: Do | None, answer: Answer) -> str | None:
    """Return what is wrong with the connection itself, or None."""
    if answer.status == 401:
        return "the LMS answered 401 to a new token"
    if 300 <= answer.status < 400:
        return "the LMS redirects to another address: correct the url"
    if answer.status == 404 and do is not Do.LOOK_UP and not answer.has_json:
        return "the LMS answered 404 without a message: its address or the service account's permissions are wrong"
    if answer.status == 403 and do is Do.LOOK_UP:
        return "the service account may not look up accounts: is it global staff?"
    return None


def _learn_username(known: Known, call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status == 404:
        return replace(known, looked_up=(*known.looked_up, call.email or ""))
    first = answer.body[0] if isinstance(answer.body, list) and answer.body else None
    username = first.get("username") if isinstance(first, dict) else None
    if answer.status != 200 or not isinstance(username, str) or not username:
        return Problem(ProblemKind.BROKEN, f"the LMS answered {answer.status} without a username")
    return replace(known, username=username, is_kept=False)


def _learn_seat(known: Known, _call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status == 200:
        return replace(known, is_read=True, seat=_seat(answer.body))
    return _again_or_rejected(known, answer)


def _learn_enrolled(known: Known, call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status != 200:
        return _again_or_rejected(known, answer)
    seat = _seat(answer.body)
    if seat is None or not seat.is_active:
        return Rejected("the LMS answered that the enrollment isn't active")
    if seat.mode != call.mode:
        return Rejected(f"the LMS answered mode {seat.mode}")
    return replace(known, is_read=True, seat=seat)


def _learn_ended(known: Known, _call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status != 200:
        return _again_or_rejected(known, answer)
    seat = _seat(answer.body)
    if seat is None or seat.is_active:
        return Rejected("the LMS answered that the enrollment is still active")
    return replace(known, is_read=True, seat=seat)


def _learn_invited(known: Known, call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status == 201:
        return replace(known, invitation=Invitation(call.email or "", call.auto_enroll))
    if answer.status == 409:
        # there with a flag that can't be read or changed: it is deleted next
        return replace(known, invitation=Invitation(call.email or "", not call.auto_enroll))
    return Rejected(_words(answer))


def _learn_withdrawn(known: Known, _call: Call, answer: Answer) -> Known | Rejected | Problem:
    if answer.status in (200, 204, 404):
        return replace(known, invitation=None, is_withdrawn=True)
    return Rejected(_words(answer))


_LEARN: dict[Do, Callable[[Known, Call, Answer], Known | Rejected | Problem]] = {
    Do.LOOK_UP: _learn_username,
    Do.READ: _learn_seat,
    Do.ENROLL: _learn_enrolled,
    Do.END: _learn_ended,
    Do.INVITE: _learn_invited,
    Do.WITHDRAW: _learn_withdrawn,
}


def _again_or_rejected(known: Known, answer: Answer) -> Known | Rejected:
    if answer.status == 406 and known.is_kept:
        # the person may have another name there by now
        return replace(known, username=None, is_kept=False, confirmed=None, is_read=False, seat=None)
    return Rejected(_words(answer))


def _seat(body: Any) -> Seat | None:
    if not isinstance(body, dict):
        return None
    return Seat(body.get("mode"), body.get("is_active") is True)


def _words(answer: Answer) -> str:
    """Return what the LMS said, in one line, or at least the status."""
    said = answer.body if isinstance(answer.body, dict) else {}
    words = next((said[name] for name in ("message", "detail", "developer_message") if said.get(name)), None)
    text = " ".join(str(words).split())[:_WORDS] if words else ""
    return text or f"the LMS answered {answer.status}"


def pause_after(failures: int) -> float:
    """Return how many seconds to wait after so many failures, one after the other."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(max(failures - 1, 0), 20))


def decide_break(kind: ProblemKind, failures: int, asked: float | None) -> float | None:
    """Return for how many seconds a connection makes no calls after a problem, the ``failures``-th without a success
    in between; None: other people's calls go on.
    """
    if kind is ProblemKind.THROTTLED:
        return max(asked or 0.0, 1.0) if asked is not None else pause_after(failures)
    if kind is ProblemKind.BROKEN and failures < _TOLERATED:
        return None
    return max(asked or 0.0, pause_after(failures))
