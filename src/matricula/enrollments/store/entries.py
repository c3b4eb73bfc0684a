"""The journal entries of course enrollments, of program enrollments, and of course enrollments in programs."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from matricula.enrollments import statuses
from matricula.enrollments.statuses import PROGRAM_COURSE_ENROLLMENT, PROGRAM_ENROLLMENT
from matricula.enrollments.store.standings import Place
from matricula.enrollments.store.values import Decision, Standing
from matricula.journal.writes import Entry, Operation, add_entries


@cache
def program_state(status: str | None) -> Mapping[str, Any]:
    """A row of a program as the journal keeps it, {} for none; one object for all who share it."""
    return {"status": status} if status else {}


def program_entry(
    operation: Operation,
    program_id: int,
    student_key: str,
    account_id: int | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    course_id: int | None = None,
    transition: str | None = None,
) -> Entry:
    """One student's step in a program, or in a course run of it: ``before`` and ``after`` are the row, {} for none.

    Without a ``transition`` it is told from the two statuses.
    """
    return Entry(
        subject=PROGRAM_ENROLLMENT if course_id is None else PROGRAM_COURSE_ENROLLMENT,
        account_id=account_id,
        email=None,
        course_id=course_id,
        transition=transition or f"from {before.get('status', 'none')} to {after['status']}",
        before=before,
        after=after,
        reason=operation.reason,
        actor_id=operation.actor_id,
        program_id=program_id,
        student_key=student_key,
    )


@cache
def _full_state(standing: Standing) -> Mapping[str, Any]:
    """A standing with all that an undo would need: also the mode of an ended enrollment and of an invitation."""
    kept: dict[str, Any] = {}
    if standing.seat:
        kept["enrollment"] = {"mode": standing.seat.mode, "is_active": standing.seat.is_active}
    if standing.invitation:
        kept["pre_enrollment"] = {
            "mode": standing.invitation.mode,
            "auto_enroll": standing.invitation.auto_enroll,
            "bound": standing.invitation.bound,
        }
    return kept


def course_entry(place: Place, before: Standing, decision: Decision, reason: str | None, actor_id: int | None) -> Entry:
    """One person's step in a course run, from ``before`` to what was decided."""
    return Entry(
        subject=statuses.COURSE_ENROLLMENT,
        account_id=place.account_id,
        email=None if place.account_id else place.email,
        course_id=place.course_id,
        transition=decision.transition,
        before=_full_state(before),
        after=_full_state(decision.standing),
        reason=reason,
        actor_id=actor_id,
    )


def journal_activation(operation: Operation, settled: Sequence[tuple[Place, Decision]]) -> None:
    """The audit rows of enrollments that invitations turned into: actor and reason are those of the invitation."""
    add_entries(
        operation,
        [course_entry(p, p.stored, decision, p.reason, p.actor_id) for p, decision in settled if decision.transition],
    )


def journal_seats(operation: Operation, written: Sequence[tuple[Place, Decision]]) -> None:
    """The audit rows of course enrollments that were written through a program."""
    add_entries(operation, [course_entry(p, p.stored, d, operation.reason, operation.actor_id) for p, d in written])
