"""Invitations of addresses: listing, making and removing them."""

from django.http import HttpResponse

from matricula.catalog.reads import CourseRun, find_course
from matricula.enrollments import statuses
from matricula.enrollments.course.invitations import AddressInvitation, list_invitations_of
from matricula.enrollments.course.rules import Requested, looks_like_address
from matricula.enrollments.course.writes import EnrollmentOutcome, EnrollmentRequest, write_course_enrollments
from matricula.enrollments.store.values import Person
from matricula.foundation.folding import fold
from matricula.foundation.text import trim
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.learners.reads import find_learner
from matricula.rest import errors
from matricula.rest.checks import checked_course_key
from matricula.rest.contracts.v1_enrollment.schemas import AllowedBody, AllowedKey, AllowedQuery, EnrollmentAllowed
from matricula.rest.contracts.v1_enrollment.shown import unknown_course
from matricula.rest.endpoint import AnyCall, Call, answer_json
from matricula.rest.errors import FITS_TWO_ACCOUNTS, BrokenRequest, Message, invalid_field, invalid_fields


def list_allowed(call: Call[AllowedQuery, None]) -> HttpResponse:
    """200: the invitations of an address, an empty array for none."""
    if call.query.email is not None:
        key = fold(trim(call.query.email))
    else:
        own = find_learner(call.account_id)
        key = own.email_key if own else ""
    return answer_json([_shown(invitation) for invitation in list_invitations_of(key)])


def allow(call: Call[None, AllowedBody]) -> HttpResponse:
    """201: the invitation, bound to the active account of the address; with ``auto_enroll`` that is enrolled, too."""
    body = call.body
    course = _course(body.course_id)
    requested = Requested(statuses.ENROLL, auto_enroll=body.auto_enroll, invitation_only=True)
    outcome = _write(call, course, body.email, requested)
    if outcome.before.allowed:
        raise BrokenRequest(errors.CONFLICT, Message("This address is already invited to this course run."))
    made = list_invitations_of(fold(trim(body.email)), course_id=course.id)
    return answer_json(_shown(made[-1]) if made else None, 201)


def disallow(call: Call[None, AllowedKey]) -> HttpResponse:
    """204; an enrollment stays as it is."""
    course = _course(call.body.course_id)
    requested = Requested(statuses.UNENROLL, invitation_only=True)
    if not _write(call, course, call.body.email, requested).before.allowed:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("This address isn't invited to this course run."))
    response = HttpResponse(status=204)
    del response.headers["Content-Type"]
    return response


def _course(key: str) -> CourseRun:
    course = find_course(checked_course_key(key))
    if course is None:
        raise unknown_course()
    return course


def _write(call: AnyCall, course: CourseRun, email: str, requested: Requested) -> EnrollmentOutcome:
    identifier = trim(email)
    if not looks_like_address(identifier):
        raise invalid_field("email", "This email address isn't valid. Correct it and try again.")
    operation = Operation(call.id, call.account_id, API, course_id=course.id)
    [outcome] = write_course_enrollments(
        operation, course, [EnrollmentRequest(identifier, requested)], journal_unchanged=False
    )
    if outcome.error is Person.TWO_ACCOUNTS:
        raise invalid_fields({"email": FITS_TWO_ACCOUNTS})
    if outcome.error is not None:
        raise invalid_field("email", "This email address isn't valid. Correct it and try again.")
    return outcome


def _shown(invitation: AddressInvitation) -> EnrollmentAllowed:
    return EnrollmentAllowed(
        invitation.email, invitation.course_key, invitation.auto_enroll, invitation.username, invitation.created
    )
