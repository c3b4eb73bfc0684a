"""Enrolling and unenrolling at once: up to a thousand people in one transaction."""

from collections.abc import Sequence

from django.http import HttpResponse

from matricula.catalog.reads import CourseRun
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentOutcome, EnrollmentRequest, write_course_enrollments
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest.contracts.dashboard.asked import identifiers_of, is_on, reason_of
from matricula.rest.contracts.dashboard.results import modify_result, update_result
from matricula.rest.contracts.dashboard.schemas import (
    Enrolling,
    ModifyBody,
    ModifyResults,
    UpdateBody,
    UpdateResults,
)
from matricula.rest.endpoint import PlainCall, answer_json
from matricula.rest.forms import parse_body_or_form


def modify_enrollments(call: PlainCall) -> HttpResponse:
    """200 ModifyResults."""
    body = parse_body_or_form(call.request, ModifyBody)
    outcomes = _write(call, body, identifiers_of("identifier", body.identifier))
    return answer_json(ModifyResults(body.action, is_on(body.auto_enroll), [*map(modify_result, outcomes)]))


def students_update_enrollment(call: PlainCall) -> HttpResponse:
    """200 UpdateResults."""
    body = parse_body_or_form(call.request, UpdateBody)
    outcomes = _write(call, body, identifiers_of("identifiers", body.identifiers))
    return answer_json(UpdateResults(body.action, is_on(body.auto_enroll), [*map(update_result, outcomes)]))


def _write(call: PlainCall, body: Enrolling, identifiers: Sequence[str]) -> list[EnrollmentOutcome]:
    operation = Operation(call.id, call.account_id, API, course_id=call.course.id)
    return write_asked(operation, call.course, body, identifiers)


def write_asked(
    operation: Operation,
    course: CourseRun,
    body: Enrolling,
    identifiers: Sequence[str],
) -> list[EnrollmentOutcome]:
    """Does what a body asks for, as a request of one learner does. Errors: 400."""
    requested = Requested(body.action, auto_enroll=is_on(body.auto_enroll))
    email, reason = is_on(body.email_students), reason_of(body.reason)
    requests = [EnrollmentRequest(identifier, requested, email, reason) for identifier in identifiers]
    return write_course_enrollments(operation, course, requests)
