"""What the connector asks of an LMS next, and what an answer means: tables of cases."""

from dataclasses import replace
from typing import Any

import pytest

from matricula.connectors.open_edx.rules import (
    Answer,
    Call,
    Done,
    Invitation,
    Known,
    Problem,
    Rejected,
    Seat,
    Standing,
    Target,
    decide_break,
    decide_call,
    decide_target,
    learn,
    pause_after,
)
from matricula.connectors.open_edx.statuses import Do, ProblemKind, RowState, Wanted

A = "Sam@example.org"
SAM = Known(username="sam")
ENROLLED = Target(Wanted.ENROLLED, "honor", None, A)
ENDED = Target(Wanted.ENDED, None, None, A)
INVITED = Target(Wanted.NONE, None, Invitation(A, True), A)
WITHDRAWN = Target(Wanted.NONE, None, None, A)
NO_ONES = "retired-x@retired.invalid"
RETIRED = Target(Wanted.NONE, None, None, NO_ONES)
CONFIRMED, ABSENT = Done(RowState.CONFIRMED), Done(RowState.ABSENT)
GONE = Known(looked_up=(A, A.lower()))


@pytest.mark.parametrize(
    ("standing", "target"),
    [
        (Standing(A, True, Seat("honor", True), None), ENROLLED),
        (Standing(A, True, Seat("honor", True), Invitation(A, False)), ENROLLED),
        (Standing(A, True, Seat("honor", False), None), ENDED),
        (Standing(A, False, Seat("honor", True), None), INVITED),
        # retired
        (Standing(NO_ONES, False, Seat("honor", True), None), RETIRED),
        (Standing(A, False, None, Invitation(A, True)), INVITED),
        (Standing(A, True, None, None), WITHDRAWN),
    ],
)
def test_what_is_wanted(standing: Standing, target: Target) -> None:
    assert decide_target(standing) == target


@pytest.mark.parametrize(
    ("target", "known", "call"),
    [
        # names first: as the address is written, then in small letters
        (ENROLLED, Known(), Call(Do.LOOK_UP, email=A)),
        (RETIRED, replace(SAM, confirmed=Seat("honor", True)), CONFIRMED),
        (ENROLLED, Known(looked_up=(A,)), Call(Do.LOOK_UP, email=A.lower())),
        (ENROLLED, GONE, Call(Do.INVITE, email=A, auto_enroll=True)),
        (ENROLLED, replace(GONE, invitation=Invitation(A, True)), ABSENT),
        (ENDED, GONE, CONFIRMED),
        (ENDED, replace(GONE, invitation=Invitation(A, True)), Call(Do.WITHDRAW, email=A)),
        (ENDED, replace(GONE, is_unsure=True), Call(Do.WITHDRAW, email=A)),
        # enrollments
        (ENROLLED, SAM, Call(Do.ENROLL, "sam", mode="honor")),
        (ENROLLED, replace(SAM, confirmed=Seat("honor", True)), CONFIRMED),
        (ENROLLED, replace(SAM, confirmed=Seat("audit", True)), Call(Do.ENROLL, "sam", mode="honor")),
        (ENROLLED, replace(SAM, confirmed=Seat("honor", True), is_unsure=True), Call(Do.READ, "sam")),
        (ENROLLED, replace(SAM, is_unsure=True), Call(Do.READ, "sam")),
        (ENROLLED, replace(SAM, is_unsure=True, is_read=True), Call(Do.ENROLL, "sam", mode="honor")),
        (ENROLLED, replace(SAM, is_read=True, seat=Seat("honor", True)), CONFIRMED),
        (ENDED, SAM, Call(Do.READ, "sam")),
        (ENDED, replace(SAM, is_read=True), CONFIRMED),
        (ENDED, replace(SAM, is_read=True, seat=Seat("honor", False)), CONFIRMED),
        (ENDED, replace(SAM, is_read=True, seat=Seat("honor", True)), Call(Do.END, "sam")),
        (ENDED, replace(SAM, confirmed=Seat("honor", False)), CONFIRMED),
        # an invitation of before would enroll again
        (ENDED, replace(SAM, is_read=True, invitation=Invitation(A, True)), Call(Do.WITHDRAW, email=A)),
        # invitations
        (INVITED, Known(), Call(Do.INVITE, email=A, auto_enroll=True)),
        (INVITED, Known(invitation=Invitation(A, True)), CONFIRMED),
        (INVITED, Known(invitation=Invitation(A, False)), Call(Do.WITHDRAW, email=A)),
        (INVITED, Known(invitation=Invitation("old@example.org", True)), Call(Do.WITHDRAW, email="old@example.org")),
        (WITHDRAWN, Known(), Call(Do.WITHDRAW, email=A)),
        (WITHDRAWN, Known(is_withdrawn=True), CONFIRMED),
    ],
)
def test_the_next_call(target: Target, known: Known, call: Call | Done) -> None:
    assert decide_call(target, known) == call


def body(**values: Any) -> Answer:
    return Answer(200, values, has_json=True)


def said(status: int, words: str) -> Answer:
    return Answer(status, {"message": words}, has_json=True)


LOOK_UP, READ = Call(Do.LOOK_UP, email=A), Call(Do.READ, "sam")
ENROLL, END = Call(Do.ENROLL, "sam", mode="honor"), Call(Do.END, "sam")
INVITE, WITHDRAW = Call(Do.INVITE, email=A, auto_enroll=True), Call(Do.WITHDRAW, email=A)


@pytest.mark.parametrize(
    ("call", "answer", "result"),
    [
        (LOOK_UP, Answer(200, [{"username": "s4m"}], has_json=True), replace(SAM, username="s4m", is_kept=False)),
        (LOOK_UP, Answer(404), replace(SAM, looked_up=(A,))),
        (READ, Answer(200, None, has_json=True), replace(SAM, is_read=True)),
        (READ, body(mode="audit", is_active=True), replace(SAM, is_read=True, seat=Seat("audit", True))),
        (ENROLL, body(mode="honor", is_active=True), replace(SAM, is_read=True, seat=Seat("honor", True))),
        # an answer 200 that says something else
        (ENROLL, body(mode="audit", is_active=True), Rejected("the LMS answered mode audit")),
        (ENROLL, body(mode="honor", is_active=False), Rejected("the LMS answered that the enrollment isn't active")),
        (END, body(mode="honor", is_active=True), Rejected("the LMS answered that the enrollment is still active")),
        (END, body(mode="honor", is_active=False), replace(SAM, is_read=True, seat=Seat("honor", False))),
        (ENROLL, said(400, "No course\nfound"), Rejected("No course found")),
        (ENROLL, said(403, "Embargo"), Rejected("Embargo")),
        (ENROLL, Answer(400, None), Rejected("the LMS answered 400")),
        # a name of before is looked up once more
        (ENROLL, said(406, "unknown"), Known(is_kept=False)),
        (INVITE, Answer(201, {}, has_json=True), replace(SAM, invitation=Invitation(A, True))),
        (INVITE, said(409, "there"), replace(SAM, invitation=Invitation(A, False))),
        (WITHDRAW, Answer(204), replace(SAM, is_withdrawn=True)),
        (WITHDRAW, said(404, "none"), replace(SAM, is_withdrawn=True)),
    ],
)
def test_what_an_answer_adds(call: Call, answer: Answer, result: object) -> None:
    assert learn(SAM, call, answer) == result


def test_a_name_that_was_just_found_and_is_unknown_is_rejected() -> None:
    assert learn(replace(SAM, is_kept=False), ENROLL, said(406, "unknown")) == Rejected("unknown")


@pytest.mark.parametrize(
    ("call", "answer", "kind"),
    [
        (ENROLL, Answer(problem=ProblemKind.UNREACHABLE, words="no route"), ProblemKind.UNREACHABLE),
        (ENROLL, Answer(429, retry_after=30.0), ProblemKind.THROTTLED),
        (ENROLL, Answer(401), ProblemKind.CREDENTIALS),
        (ENROLL, Answer(503), ProblemKind.BROKEN),
        (ENROLL, Answer(404), ProblemKind.CREDENTIALS),
        (WITHDRAW, Answer(404), ProblemKind.CREDENTIALS),
        (LOOK_UP, Answer(403), ProblemKind.CREDENTIALS),
        (READ, Answer(200), ProblemKind.BROKEN),
        (LOOK_UP, Answer(200, {"x": 1}, has_json=True), ProblemKind.BROKEN),
    ],
)
def test_what_says_nothing_about_the_person_rejects_no_row(call: Call, answer: Answer, kind: ProblemKind) -> None:
    found = learn(SAM, call, answer)
    assert isinstance(found, Problem) and found.kind is kind


def test_pauses_grow() -> None:
    assert [pause_after(n) for n in (1, 2, 3, 8, 200)] == [5, 10, 20, 600, 600]


@pytest.mark.parametrize(
    ("kind", "failures", "asked", "pause"),
    [
        (ProblemKind.BROKEN, 1, None, None),
        (ProblemKind.BROKEN, 3, None, 20),
        (ProblemKind.UNREACHABLE, 1, None, 5),
        (ProblemKind.THROTTLED, 4, 34.0, 34),
        (ProblemKind.THROTTLED, 1, None, 5),
        (ProblemKind.CREDENTIALS, 9, None, 600),
    ],
)
def test_when_a_connection_pauses(kind: ProblemKind, failures: int, asked: float | None, pause: float | None) -> None:
    assert decide_break(kind, failures, asked) == pause
