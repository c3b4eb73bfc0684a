"""Outcomes of enrolling on the wire."""

from msgspec import UNSET

from matricula.batches.courses import CourseOutcome, CourseState
from matricula.enrollments.course.outcomes import error_text
from matricula.rest.contracts.enrollment_v2.schemas import EnrollmentResult, EnrollmentState


def to_result(identifier: str, outcome: CourseOutcome) -> EnrollmentResult:
    """One outcome, of a request or a task, in the active language."""
    return EnrollmentResult(
        identifier,
        _state(outcome.before),
        _state(outcome.after),
        error_text(outcome.error, identifier) if outcome.error else UNSET,
    )


def _state(state: CourseState) -> EnrollmentState:
    mode, auto_enroll = state.mode, state.auto_enroll
    return EnrollmentState(
        state.enrolled, state.allowed, UNSET if mode is None else mode, UNSET if auto_enroll is None else auto_enroll
    )
