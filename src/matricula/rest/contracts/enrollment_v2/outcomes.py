"""Outcomes of enrolling on the wire."""

from typing import Any

import msgspec
from msgspec import UNSET

from matricula.batches.tasks import stored_error, to_stored
from matricula.enrollments.course.outcomes import error_text
from matricula.enrollments.course.writes import EnrollmentOutcome
from matricula.rest.contracts.enrollment_v2.schemas import EnrollmentResult, EnrollmentState


def to_result(outcome: EnrollmentOutcome) -> EnrollmentResult:
    """One outcome, in the active language."""
    return stored_result(to_stored(outcome))


def stored_result(stored: list[Any]) -> EnrollmentResult:
    """One stored outcome of a task, in the active language."""
    identifier, before, after, name = stored
    error = stored_error(name)
    return EnrollmentResult(
        identifier,
        msgspec.convert(before, EnrollmentState),
        msgspec.convert(after, EnrollmentState),
        error_text(error, identifier) if error else UNSET,
    )
