"""The audit rows of program enrollments and of course enrollments in programs."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from matricula.enrollments.statuses import PROGRAM_COURSE_ENROLLMENT, PROGRAM_ENROLLMENT
from matricula.journal.writes import Entry, Operation


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
