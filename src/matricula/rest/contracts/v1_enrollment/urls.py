"""The address table of the Enrollment API v1, for clients that exist; each address with and without a slash."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from matricula.rest.checks import guard_open
from matricula.rest.contracts.v1_enrollment import enrolling, invitations, listing, reading, schemas
from matricula.rest.contracts.v1_enrollment.errors import ERROR
from matricula.rest.contracts.v1_enrollment.guard import (
    GLOBAL_STAFF,
    LOGGED_IN,
    OPEN,
    OWN_OR_MANAGED,
    STAFF_FOR_ANYONE,
    guard_caller,
    guard_course,
    guard_staff,
)
from matricula.rest.endpoint import (
    COURSE_KEY,
    NOTHING,
    Address,
    AnyCall,
    AnyEndpoint,
    Contract,
    Endpoint,
    in_body,
    in_query,
)

TAG = "Enrollment API v1"
BASE = "/api/enrollment/v1"
# 2026-11-27, as RFC 9745 writes it
DEPRECATED = "@1795737600"
SUCCESSOR = '</api/enrollment/v2/courses>; rel="successor-version"'
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "course_key": COURSE_KEY,
    "user": {
        "schema": {"type": "string", "pattern": "^[^,]+$"},
        "description": "The username.",
        "example": "sam",
    },
}


def _address(rest: str, pattern: str, guard: Callable[[AnyCall], None], methods: Mapping[str, AnyEndpoint]) -> Address:
    return Address(
        template=BASE + rest,
        pattern=re.compile(f"(?P<base>{BASE}){pattern}/?", re.DOTALL),
        guard=guard,
        methods=methods,
        tag=TAG,
        error=ERROR,
        parameters={name: about for name, about in _PARAMETERS.items() if f"{{{name}}}" in rest},
    )


_RECORD = {200: schemas.EnrollmentRecord | None}
V1_ADDRESSES: tuple[Address, ...] = (
    _address(
        "/enrollment",
        "/enrollment",
        guard_caller,
        {
            "GET": Endpoint(
                reading.list_records,
                in_query(schemas.UserQuery),
                "List the active enrollments of one person",
                LOGGED_IN,
                {200: list[schemas.EnrollmentRecord]},
                errors=(400, 401, 403, 405, 429),
                description="Of other people only those in course runs that the caller manages.",
            ),
            "POST": Endpoint(
                enrolling.save_record,
                NOTHING,
                "Enroll or unenroll one person, or change the mode",
                STAFF_FOR_ANYONE,
                _RECORD,
                late_body=schemas.RecordBody,
                errors=(400, 401, 403, 404, 405, 406, 409, 413, 415, 429),
                without_body=(404,),
                held_state=enrolling.hold_record,
                description="Where someone is to be unenrolled who never was enrolled, the answer is null.",
            ),
        },
    ),
    _address(
        "/enrollment/{user},{course_key}",
        # a key of a course run may have a comma, too
        "/enrollment/(?P<user>(?!course-v1:)[^,]+),(?P<course_key>.+?)",
        guard_course,
        {
            "GET": Endpoint(
                reading.get_record,
                NOTHING,
                "Get one person's enrollment, also an ended one; null for none",
                OWN_OR_MANAGED,
                _RECORD,
                errors=(400, 401, 403, 404, 405, 429),
                without_body=(404,),
                has_etag=True,
            )
        },
    ),
    _address(
        "/enrollment/{course_key}",
        "/enrollment/(?P<course_key>.+?)",
        guard_course,
        {
            "GET": Endpoint(
                reading.get_own_record,
                NOTHING,
                "Get one's own enrollment, also an ended one; null for none",
                LOGGED_IN,
                _RECORD,
                errors=(400, 401, 403, 405, 429),
                has_etag=True,
            )
        },
    ),
    _address(
        "/course/{course_key}",
        "/course/(?P<course_key>.+?)",
        guard_open,
        {
            "GET": Endpoint(
                reading.get_course,
                NOTHING,
                "Get a course run with its modes",
                OPEN,
                {200: schemas.CourseDetails},
                errors=(400, 405),
            )
        },
    ),
    _address(
        "/enrollments",
        "/enrollments",
        guard_staff,
        {
            "GET": Endpoint(
                listing.list_all_records,
                in_query(schemas.RecordsQuery),
                "List all enrollments, active and ended",
                GLOBAL_STAFF,
                {200: schemas.ListedEnrollments},
                errors=(400, 401, 403, 405, 429),
                description="Walk with next, until it is null.",
                by_replica=True,
            )
        },
    ),
    _address(
        "/enrollment_allowed",
        "/enrollment_allowed",
        guard_staff,
        {
            "GET": Endpoint(
                invitations.list_allowed,
                in_query(schemas.AllowedQuery),
                "List the invitations of an email address",
                GLOBAL_STAFF,
                {200: list[schemas.EnrollmentAllowed]},
                errors=(400, 401, 403, 405, 429),
            ),
            "POST": Endpoint(
                invitations.allow,
                in_body(schemas.AllowedBody),
                "Invite an email address to a course run",
                GLOBAL_STAFF,
                {201: schemas.EnrollmentAllowed},
                errors=(400, 401, 403, 405, 409, 413, 415, 429),
            ),
            "DELETE": Endpoint(
                invitations.disallow,
                in_body(schemas.AllowedKey),
                "Remove the invitation of an email address to a course run",
                GLOBAL_STAFF,
                {204: None},
                errors=(400, 401, 403, 404, 405, 413, 415, 429),
                without_body=(204,),
            ),
        },
    ),
)
CONTRACT = Contract(
    bases=re.compile(rf"{BASE}(/.*)?", re.DOTALL),
    error=ERROR,
    addresses=V1_ADDRESSES,
    about="The Enrollment API v1 is for clients that exist; new ones use the Enrollment API v2.",
    headers={"Deprecation": DEPRECATED, "Link": SUCCESSOR},
)
