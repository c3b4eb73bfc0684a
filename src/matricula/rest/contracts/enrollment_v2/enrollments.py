"""Listing, enrolling, getting and unenrolling (enrollment-api: Addresses)."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from msgspec import UNSET

from matricula.batches.courses import CourseOptions, CourseRow, course_outcome
from matricula.batches.kinds import COURSE_ENROLLMENTS
from matricula.batches.runs import start_batch
from matricula.enrollments import statuses
from matricula.enrollments.course.reads import EnrollmentRow, IdentifierFitsTwoAccounts, find_enrollment
from matricula.enrollments.course.recipients import split_identifiers
from matricula.enrollments.course.rosters import RosterFilter, UnknownCursor, list_roster
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import (
    EnrollmentRequest,
    hold_course_enrollment,
    write_course_enrollments,
)
from matricula.foundation.paging import Page, last_page
from matricula.foundation.text import boolean, holds_nul, key_problem, reason_problem, trim
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest import errors
from matricula.rest.conditions import answer_tagged
from matricula.rest.contracts.enrollment_v2.guard import course_url
from matricula.rest.contracts.enrollment_v2.outcomes import to_result
from matricula.rest.contracts.enrollment_v2.schemas import (
    AsyncOperationResult,
    EnrollBody,
    Enrollment,
    EnrollmentList,
    EnrollmentOperationResult,
    GetQuery,
    ListQuery,
    UnenrollQuery,
)
from matricula.rest.endpoint import AnyCall, Call, answer_json
from matricula.rest.errors import (
    FITS_TWO_ACCOUNTS,
    BrokenRequest,
    Message,
    invalid_field,
    invalid_fields,
    text_message,
    unknown_cursor,
)
from matricula.rest.headers import IF_MATCH
from matricula.rest.pictures import plain_picture

REQUESTABLE = ("beta_tester", "profile_image")
# the base on which every row of the list also shows who tests beta features
INSTRUCTOR_BASE = "/api/instructor/v2"
MOST_ROWS = 100
"""Of a page; one base rejects larger pages before this."""


def list_enrollments(call: Call[ListQuery, None]) -> HttpResponse:
    """200 EnrollmentList."""
    query = call.query
    page_size = min(query.page_size, MOST_ROWS)
    requested = _requested_fields(query.requested_fields)
    wanted = RosterFilter(
        is_active=boolean(query.is_active),
        search=query.search,
        mode=query.mode,
        is_beta_tester=boolean(query.is_beta_tester or ""),
    )
    try:
        found = list_roster(
            call.course.id,
            wanted,
            # one more than asked for says whether there is a next page, also if someone left during a walk
            limit=page_size + 1,
            offset=Page(query.page, page_size).offset,
            after=query.cursor,
        )
    except UnknownCursor:
        raise unknown_cursor() from None
    num_pages = last_page(found.count, page_size)
    if query.page > num_pages and query.cursor is None:
        raise BrokenRequest(
            errors.RESOURCE_NOT_FOUND,
            Message(
                "There is no page %(page)s. The last page is %(last)s.",
                {"page": call.request.GET["page"][:20], "last": num_pages},
            ),
        )
    rows, more = found.rows[:page_size], found.rows[page_size:]
    following = rows[-1].id if more else None
    with_beta = call.base == INSTRUCTOR_BASE
    return answer_json(
        EnrollmentList(
            found.count,
            num_pages,
            _page_link(call, query.page + 1, following) if following else None,
            _page_link(call, query.page - 1, None) if query.page > 1 else None,
            [_shown(call, row, requested, with_beta) for row in rows],
        )
    )


def get_enrollment(call: Call[GetQuery, None]) -> HttpResponse:
    """200 Enrollment: an enrollment, also an ended one, or a pre-enrollment."""
    requested = _requested_fields(call.query.requested_fields)
    row = _found(call)
    return answer_tagged(call, _shown(call, row, requested, with_beta=False), state=row)


def hold_enrollment(call: AnyCall) -> object:
    """The enrollment of the address, held until the transaction ends; None if there is none."""
    return _held(call, _identifier(call))


def hold_enrolled(call: Call[None, EnrollBody]) -> object:
    """As ``hold_enrollment``, of the one person whom the body names. Errors: 400 for several."""
    identifiers = split_identifiers(call.body.identifiers)
    if len(identifiers) != 1 or any(map(holds_nul, call.body.identifiers)):
        raise invalid_field("identifiers", "With %(header)s, name one person.", header=IF_MATCH)
    return _held(call, identifiers[0])


def _held(call: AnyCall, identifier: str) -> object:
    hold_course_enrollment(call.course.id, identifier)
    try:
        return find_enrollment(call.course.id, identifier)
    except IdentifierFitsTwoAccounts:
        raise invalid_fields({"email_or_username": FITS_TWO_ACCOUNTS}) from None


def enroll(call: Call[None, EnrollBody]) -> HttpResponse:
    """One distinct identifier: 200 EnrollmentOperationResult. Several: 202 AsyncOperationResult."""
    body = call.body
    identifiers = split_identifiers(body.identifiers)
    limit = settings.ENVIRONMENT.identifier_limit
    if any(map(holds_nul, body.identifiers)):
        raise invalid_field("identifiers", "This text can't contain control characters.")
    if not identifiers:
        raise invalid_field("identifiers", "Enter at least one email address or username.")
    if len(identifiers) > limit:
        raise invalid_field(
            "identifiers",
            "A request can name at most %(limit)s people. Send these %(count)s in parts.",
            limit=limit,
            count=len(identifiers),
        )
    mode, reason = _mode(call, body.mode), _reason(body.reason)
    assert call.caller is not None  # noqa: S101  the guard's promise
    if len(identifiers) == 1:
        requested = Requested(statuses.ENROLL, mode, body.auto_enroll)
        return _write_one(call, EnrollmentRequest(identifiers[0], requested, body.email_students, reason))
    task_id = start_batch(
        COURSE_ENROLLMENTS,
        call.course,
        map(CourseRow, identifiers),
        CourseOptions(mode=mode, auto_enroll=body.auto_enroll, email_student=body.email_students, reason=reason),
        actor_id=call.caller.account_id,
        source=API,
    )
    status_url = f"{course_url(call)}/tasks/{task_id}"
    return answer_json(AsyncOperationResult(str(task_id), status_url, statuses.ENROLL, len(identifiers)), 202)


def unenroll(call: Call[UnenrollQuery, None]) -> HttpResponse:
    """200 EnrollmentOperationResult, for exactly those whom GET finds."""
    query = call.query
    reason = _reason(query.reason)
    _found(call)
    email = any(boolean(asked or "") for asked in (query.email_student, query.email_students))
    requested = Requested(statuses.UNENROLL)
    return _write_one(call, EnrollmentRequest(_identifier(call), requested, email, reason))


def _write_one(call: AnyCall, request: EnrollmentRequest) -> HttpResponse:
    assert call.caller is not None  # noqa: S101  the guard's promise
    operation = Operation(call.id, call.caller.account_id, API, course_id=call.course.id)
    outcomes = write_course_enrollments(operation, call.course, [request])
    results = [to_result(o.identifier, course_outcome(o)) for o in outcomes]
    return answer_json(EnrollmentOperationResult(request.requested.action, results))


def _identifier(call: AnyCall) -> str:
    identifier = trim(call.path["email_or_username"])
    if problem := key_problem(identifier):
        raise invalid_fields({"email_or_username": text_message(problem)})
    return identifier


def _found(call: AnyCall) -> EnrollmentRow:
    try:
        row = find_enrollment(call.course.id, _identifier(call))
    except IdentifierFitsTwoAccounts:
        raise invalid_fields({"email_or_username": FITS_TWO_ACCOUNTS}) from None
    if row is None:
        raise BrokenRequest(
            errors.RESOURCE_NOT_FOUND, Message("This person is neither enrolled in nor invited to this course run.")
        )
    return row


def _mode(call: AnyCall, mode: str | None) -> str | None:
    if mode is not None and mode not in call.course.modes:
        raise invalid_field(
            "mode", "This course run doesn't have this mode. It has: %(modes)s.", modes=", ".join(call.course.modes)
        )
    return mode


def _reason(reason: str | None) -> str | None:
    if reason and (problem := reason_problem(reason)):
        raise invalid_fields({"reason": text_message(problem)})
    return reason or None


def _requested_fields(text: str | None) -> frozenset[str]:
    names = frozenset(name.strip() for name in (text or "").split(",") if name.strip())
    if unknown := names.difference(REQUESTABLE):
        raise invalid_field(
            "requested_fields",
            "Unknown fields: %(unknown)s. Allowed: %(known)s.",
            unknown=", ".join(sorted(unknown))[:200],
            known=", ".join(REQUESTABLE),
        )
    return names


def _shown(call: AnyCall, row: EnrollmentRow, requested: Iterable[str], with_beta: bool) -> Enrollment:
    return Enrollment(
        username=row.username,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        full_name=f"{row.first_name} {row.last_name}".strip(),
        mode=row.mode,
        is_active=row.is_active,
        created=row.created,
        enrollment_allowed=row.enrollment_allowed,
        auto_enroll=row.auto_enroll,
        beta_tester=row.beta_tester if "beta_tester" in requested else UNSET,
        profile_image=plain_picture(call.request) if "profile_image" in requested else UNSET,
        is_beta_tester=row.beta_tester if with_beta else UNSET,
    )


def _page_link(call: AnyCall, page: int, cursor: int | None) -> str:
    parameters = [
        (k, v) for k, values in call.request.GET.lists() for v in values if k not in {"page", "cursor", "access_token"}
    ]
    parameters.append(("page", str(page)))
    if cursor is not None:
        parameters.append(("cursor", str(cursor)))
    return f"{course_url(call)}/enrollments?{urlencode(parameters)}"
