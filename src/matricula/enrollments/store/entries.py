"""The journal entries of course enrollments, of program enrollments, and of course enrollments in programs."""

from collections.abc import Sequence
from functools import cache

from msgspec import UNSET

from matricula.enrollments.store.standings import Place
from matricula.enrollments.store.values import Decision, Invitation, Seat, Standing
from matricula.journal.states import CourseState, InvitationState, SeatState, StudentCourseState, StudentState
from matricula.journal.statuses import LINKED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about


@cache
def student_state(status: str | None) -> StudentState | None:
    """Return a row of a program as the journal keeps it, None for none; one object for all who share it."""
    return StudentState(status=status) if status else None


@cache
def student_course_state(status: str, course_staff: bool) -> StudentCourseState:
    """Return a row of a course run in a program as the journal keeps it; one object for all who share it."""
    return StudentCourseState(status=status, course_staff=course_staff)


def program_entry(
    operation: Operation,
    program_id: int,
    student_key: str,
    account_id: int | None,
    before: StudentState | StudentCourseState | None,
    after: StudentState | StudentCourseState | None,
    *,
    course_id: int | None = None,
    transition: str | None = None,
) -> Entry:
    """Return one student's step in a program, or in a course run of it; ``before`` and ``after`` are the row.

    Without a ``transition`` it is made from the two statuses.
    """
    if transition is None:
        transition = f"from {before.status if before else 'none'} to {after.status if after else 'none'}"
    return entry_about(
        operation,
        Subject.PROGRAM_ENROLLMENT if course_id is None else Subject.PROGRAM_COURSE_ENROLLMENT,
        transition,
        before,
        after,
        account_id=account_id,
        course_id=course_id,
        program_id=program_id,
        student_key=student_key,
    )


@cache
def course_state(standing: Standing) -> CourseState | None:
    """Return a standing as the journal keeps it, with all that an undo needs: also the mode of an ended enrollment
    and of an invitation.
    """
    seat, invitation = standing.seat, standing.invitation
    if seat is None and invitation is None:
        return None
    return CourseState(
        enrollment=SeatState(seat.mode, seat.is_active) if seat else UNSET,
        pre_enrollment=InvitationState(invitation.mode, invitation.auto_enroll, invitation.bound)
        if invitation
        else UNSET,
    )


def standing_in(state: CourseState | None) -> Standing:
    """Return the standing that the journal kept as this state."""
    seat = state.enrollment if state else UNSET
    invitation = state.pre_enrollment if state else UNSET
    return Standing(
        Seat(seat.mode, seat.is_active) if seat is not UNSET else None,
        Invitation(invitation.mode, invitation.auto_enroll, invitation.bound) if invitation is not UNSET else None,
    )


def course_entry(place: Place, before: Standing, decision: Decision, reason: str | None, actor_id: int | None) -> Entry:
    """Return one person's step in a course run, from ``before`` to what was decided.

    An invitation that waits is known by its address: the entry names it beside the account, which connects both.
    """
    after = decision.standing
    alone = before.seat is None and after.seat is None and (before.invitation or after.invitation)
    waits = place.waited or (after.invitation is not None and not after.invitation.bound)
    return Entry(
        subject=Subject.PRE_ENROLLMENT if alone else Subject.COURSE_ENROLLMENT,
        account_id=place.account_id,
        email=place.email if waits or not place.account_id else None,
        course_id=place.course_id,
        transition=decision.transition,
        before=course_state(before),
        after=course_state(after),
        reason=reason,
        actor_id=actor_id,
    )


def journal_activation(operation: Operation, activated: Sequence[tuple[Place, Decision]]) -> None:
    """Adds an entry for each invitation that came to an account.

    Where it turned into an enrollment, actor and reason are those of the invitation; where it was only linked to the
    account, those of who made the account active.
    """
    add_entries(
        operation,
        [
            course_entry(p, p.stored, decision, operation.reason, operation.actor_id)
            if decision.transition == LINKED
            else course_entry(p, p.stored, decision, p.reason, p.actor_id)
            for p, decision in activated
            if p.changes
        ],
    )


def journal_seats(operation: Operation, written: Sequence[tuple[Place, Decision]]) -> None:
    """Adds the entries of course enrollments that were written through a program."""
    add_entries(operation, [course_entry(p, p.stored, d, operation.reason, operation.actor_id) for p, d in written])
