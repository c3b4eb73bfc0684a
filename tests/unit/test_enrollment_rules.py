"""Enrolling and unenrolling, case by case, and what is true of every case.

See enrollment-api: What happens to each person.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.enrollments import statuses
from matricula.enrollments.course import rules
from matricula.enrollments.course.recipients import split_identifiers
from matricula.enrollments.course.rules import Requested, decide, decide_activation
from matricula.enrollments.store.values import Invitation, Person, Seat, Standing

NOBODY = Standing()
AUDIT = Standing(Seat("audit", True))
VERIFIED = Standing(Seat("verified", True))
ENDED = Standing(Seat("verified", False))
INVITED = Standing(None, Invitation("honor", True, bound=False))
INVITED_PLAINLY = Standing(None, Invitation(None, False, bound=False))
BOUND = Standing(None, Invitation(None, False, bound=True))
BOTH = Standing(Seat("audit", True), Invitation(None, True, bound=True))
ENDED_INVITED = Standing(Seat("verified", False), Invitation(None, False, bound=True))

ACTIVE, INACTIVE, ADDRESS = Person.ACTIVE_ACCOUNT, Person.INACTIVE_ACCOUNT, Person.ADDRESS


def enroll(mode: str | None = None, auto_enroll: bool = False) -> Requested:
    return Requested(statuses.ENROLL, mode, auto_enroll)


UNENROLL = Requested(statuses.UNENROLL)
UNINVITE = Requested(statuses.UNENROLL, invitation_only=True)


def invite(mode: str | None = None, auto_enroll: bool = False) -> Requested:
    return Requested(statuses.ENROLL, mode, auto_enroll, invitation_only=True)


TO_ALLOWED = "from unenrolled to allowed to enroll"
CASES = [
    # person, standing, requested → enrolled, allowed, mode, transition, mails
    (ACTIVE, NOBODY, enroll(), True, False, "audit", "from unenrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, NOBODY, enroll("honor"), True, False, "honor", "from unenrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, ENDED, enroll(), True, False, "audit", "from unenrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, ENDED, enroll("honor"), True, False, "honor", "from unenrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, VERIFIED, enroll(), True, False, "verified", "from enrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, VERIFIED, enroll("honor"), True, False, "honor", "from enrolled to enrolled", ("enrolled_enroll",)),
    (ACTIVE, INVITED, enroll(), True, True, "audit", "from allowed to enroll to enrolled", ("enrolled_enroll",)),
    (ACTIVE, BOUND, enroll("honor"), True, True, "honor", "from allowed to enroll to enrolled", ("enrolled_enroll",)),
    (ACTIVE, ENDED_INVITED, enroll(), True, True, "audit", "from allowed to enroll to enrolled", ("enrolled_enroll",)),
    (ACTIVE, BOTH, enroll(), True, True, "audit", "from enrolled to enrolled", ("enrolled_enroll",)),
    (INACTIVE, NOBODY, enroll(), False, True, None, TO_ALLOWED, ("allowed_enroll",)),
    (INACTIVE, ENDED, enroll(), False, True, None, TO_ALLOWED, ("allowed_enroll",)),
    (INACTIVE, VERIFIED, enroll(), True, False, "verified", "from enrolled to enrolled", ("enrolled_enroll",)),
    (ADDRESS, NOBODY, enroll("honor", True), False, True, None, TO_ALLOWED, ("allowed_enroll",)),
    (ADDRESS, INVITED, enroll(), False, True, None, TO_ALLOWED, ("allowed_enroll",)),
    (ACTIVE, VERIFIED, UNENROLL, False, False, None, "from enrolled to unenrolled", ("enrolled_unenroll",)),
    (ACTIVE, BOTH, UNENROLL, False, False, None, "from enrolled to unenrolled",
        ("enrolled_unenroll", "allowed_unenroll")),
    (ACTIVE, BOUND, UNENROLL, False, False, None, "from allowed to enroll to unenrolled", ("allowed_unenroll",)),
    (ADDRESS, INVITED, UNENROLL, False, False, None, "from allowed to enroll to unenrolled", ("allowed_unenroll",)),
    (ACTIVE, ENDED, UNENROLL, False, False, None, "from unenrolled to unenrolled", ()),
    (ADDRESS, NOBODY, UNENROLL, False, False, None, "from unenrolled to unenrolled", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("person", "standing", "requested", "enrolled", "allowed", "mode", "transition", "mails"), CASES
)
def test_table(
    person: Person, standing: Standing, requested: Requested, enrolled: bool, allowed: bool, mode: str | None,
    transition: str, mails: tuple[str, ...],
) -> None:  # fmt: skip
    decision = decide(person, standing, requested, "audit")
    assert decision.error is None
    assert (decision.standing.enrolled, decision.standing.allowed) == (enrolled, allowed)
    assert decision.transition == transition
    assert decision.mails == mails
    if mode is not None:
        assert decision.standing.seat is not None
        assert decision.standing.seat.mode == mode


@pytest.mark.parametrize(
    "person", [Person.UNKNOWN_USERNAME, Person.BAD_ADDRESS, Person.TOO_LONG, Person.INVISIBLE, Person.TWO_ACCOUNTS]
)
@pytest.mark.parametrize("requested", [enroll(), UNENROLL, invite(), UNINVITE])
def test_whoever_cannot_be_found_is_refused_and_nothing_happens(person: Person, requested: Requested) -> None:
    decision = decide(person, NOBODY, requested, "audit")
    assert (decision.error, decision.standing, decision.transition, decision.mails) == (person, NOBODY, "", ())


def test_the_newest_invitation_overwrites_the_older_one() -> None:
    decision = decide(ADDRESS, INVITED, enroll("verified", auto_enroll=False), "audit")
    assert decision.standing.invitation == Invitation("verified", False, bound=False)


def test_enrolling_binds_the_invitation_and_keeps_it() -> None:
    decision = decide(ACTIVE, INVITED, enroll(), "audit")
    assert decision.standing.invitation == Invitation("honor", True, bound=True)


@pytest.mark.parametrize(
    ("standing", "expected", "transition"),
    [
        (NOBODY, NOBODY, ""),
        (INVITED, Standing(Seat("honor", True), Invitation("honor", True, True)), "from allowed to enroll to enrolled"),
        (INVITED_PLAINLY, Standing(None, Invitation(None, False, True)), "linked"),
        (
            Standing(None, Invitation(None, True, False)),
            Standing(Seat("audit", True), Invitation(None, True, True)),
            "from allowed to enroll to enrolled",
        ),
        (
            Standing(Seat("verified", True), Invitation("audit", True, False)),
            Standing(Seat("verified", True), Invitation("audit", True, True)),
            "linked",
        ),
        (
            Standing(Seat("verified", False), Invitation("audit", True, False)),
            Standing(Seat("audit", True), Invitation("audit", True, True)),
            "from allowed to enroll to enrolled",
        ),
    ],
)
def test_activation(standing: Standing, expected: Standing, transition: str) -> None:
    decision = decide_activation(standing, "audit")
    assert (decision.standing, decision.transition, decision.mails) == (expected, transition, ())


TO_ENROLLED, STAYS = "from unenrolled to enrolled", "from enrolled to enrolled"
INVITATIONS = [
    # person, standing, requested → seat, invitation, transition
    (ADDRESS, NOBODY, invite("honor", True), None, Invitation("honor", True, False), TO_ALLOWED),
    (INACTIVE, NOBODY, invite(None, True), None, Invitation(None, True, False), TO_ALLOWED),
    (INACTIVE, ENDED, invite(), ENDED.seat, Invitation(None, False, False), TO_ALLOWED),
    (ACTIVE, NOBODY, invite(), None, Invitation(None, False, True), TO_ALLOWED),
    (ACTIVE, NOBODY, invite(None, True), Seat("audit", True), Invitation(None, True, True), TO_ENROLLED),
    (ACTIVE, ENDED, invite("honor", True), Seat("honor", True), Invitation("honor", True, True), TO_ENROLLED),
    (ACTIVE, VERIFIED, invite("audit", True), VERIFIED.seat, Invitation("audit", True, True), STAYS),
    (ACTIVE, BOUND, invite("honor", True), None, BOUND.invitation, TO_ALLOWED),
    (ADDRESS, INVITED, invite("audit", False), None, INVITED.invitation, TO_ALLOWED),
    (ACTIVE, BOTH, invite(), BOTH.seat, BOTH.invitation, STAYS),
    (ACTIVE, BOTH, UNINVITE, BOTH.seat, None, STAYS),
    (ADDRESS, INVITED, UNINVITE, None, None, "from allowed to enroll to unenrolled"),
    (ACTIVE, ENDED_INVITED, UNINVITE, ENDED_INVITED.seat, None, "from allowed to enroll to unenrolled"),
    (ACTIVE, VERIFIED, UNINVITE, VERIFIED.seat, None, STAYS),
    (ADDRESS, NOBODY, UNINVITE, None, None, "from unenrolled to unenrolled"),
]


@pytest.mark.parametrize(("person", "standing", "requested", "seat", "invitation", "transition"), INVITATIONS)
def test_invitations_alone(
    person: Person, standing: Standing, requested: Requested, seat: Seat | None, invitation: Invitation | None,
    transition: str,
) -> None:  # fmt: skip
    decision = decide(person, standing, requested, "audit")
    assert (decision.standing, decision.transition) == (Standing(seat, invitation), transition)
    assert (decision.error, decision.mails) == (None, ())


modes = st.sampled_from(["audit", "honor", "verified"])
seats = st.none() | st.builds(Seat, modes, st.booleans())
invitations = st.none() | st.builds(Invitation, st.none() | modes, st.booleans(), st.booleans())
standings = st.builds(Standing, seats, invitations)
wishes = st.builds(Requested, st.sampled_from([statuses.ENROLL, statuses.UNENROLL]), st.none() | modes, st.booleans())
found = st.sampled_from([ACTIVE, INACTIVE, ADDRESS])


@given(found, standings, wishes)
def test_deciding_twice_is_deciding_once(person: Person, standing: Standing, requested: Requested) -> None:
    once = decide(person, standing, requested, "audit").standing
    assert decide(person, once, requested, "audit").standing == once


@given(found, standings, wishes)
def test_a_seat_is_never_lost(person: Person, standing: Standing, requested: Requested) -> None:
    decision = decide(person, standing, requested, "audit")
    assert (standing.seat is None) or (decision.standing.seat is not None)
    if requested == UNENROLL and standing.seat:
        assert decision.standing.seat == Seat(standing.seat.mode, False)


@given(found, standings, wishes)
def test_the_audit_row_says_what_happened(person: Person, standing: Standing, requested: Requested) -> None:
    decision = decide(person, standing, requested, "audit")
    assert decision.transition.endswith(
        "to enrolled" if decision.standing.enrolled else
        "to unenrolled" if requested.action == statuses.UNENROLL else "to allowed to enroll"
    )  # fmt: skip
    assert decision.transition.startswith("from enrolled") == standing.enrolled


@given(standings)
def test_activation_never_ends_an_enrollment_and_binds_every_invitation(standing: Standing) -> None:
    after = decide_activation(standing, "audit").standing
    assert after.enrolled >= standing.enrolled
    assert after.allowed == standing.allowed
    assert after.invitation is None or after.invitation.bound


@pytest.mark.parametrize(
    ("identifier", "person"),
    [
        ("sam", Person.UNKNOWN_USERNAME),
        ("sam@example.org", Person.ADDRESS),
        ("o'brien+x@example.org", Person.ADDRESS),
        ("josé@ejemplo.es", Person.ADDRESS),
        ("sam@", Person.BAD_ADDRESS),
        ("@example.org", Person.BAD_ADDRESS),
        ("a@b@c", Person.BAD_ADDRESS),
        ("a\x00@b.org", Person.BAD_ADDRESS),
        ("a\r\nBcc:x@b.org", Person.BAD_ADDRESS),
        ("sam@localhost", Person.ADDRESS),
        ("sam@example", Person.BAD_ADDRESS),
        ("sam@-example.org", Person.BAD_ADDRESS),
        (".sam@example.org", Person.BAD_ADDRESS),
        ("sam..x@example.org", Person.BAD_ADDRESS),
        ("sam@example..org", Person.BAD_ADDRESS),
        ("sam@example.org.", Person.BAD_ADDRESS),
        ("x" * 256, Person.TOO_LONG),
        ("x" * 250 + "@b.org", Person.TOO_LONG),
        ("sa\u200bm", Person.INVISIBLE),
        ("sam\u2060@example.org", Person.INVISIBLE),
        ("\u202esam@example.org", Person.INVISIBLE),
    ],
)
def test_strangers(identifier: str, person: Person) -> None:
    assert rules.unknown_person(identifier) is person


@pytest.mark.parametrize(
    ("texts", "identifiers"),
    [
        (["sam, kim\nlee"], ["sam", "kim", "lee"]),
        (["Sam", "sam", " SAM "], ["Sam"]),
        (["", " , ,"], []),
        (["a;b"], ["a", "b"]),
        (["ß", "ẞ"], ["ß", "ẞ"]),
        (["K", "\N{KELVIN SIGN}"], ["K", "\N{KELVIN SIGN}"]),
    ],
)
def test_splitting(texts: list[str], identifiers: list[str]) -> None:
    assert split_identifiers(texts) == identifiers


@given(st.lists(st.text(alphabet="aAbB@., \n\t", max_size=8)))
def test_splitting_is_stable(texts: list[str]) -> None:
    once = split_identifiers(texts)
    assert split_identifiers([",".join(once)]) == once
