"""The address table of the Enrollment API, under both its bases (enrollment-api: Addresses)."""

import re
from collections.abc import Mapping
from typing import Any

from matricula.rest.contracts.enrollment_v2 import enrollments, exports, schemas, tasks
from matricula.rest.contracts.enrollment_v2.guard import guard_course, guard_signed_link
from matricula.rest.endpoint import (
    COURSE_KEY,
    EMAIL_OR_USERNAME,
    NOTHING,
    Address,
    AnyEndpoint,
    Contract,
    Endpoint,
    Link,
    in_body,
    in_query,
)
from matricula.rest.errors import ERROR

TAG = "Enrollment API v2"
_BASES = r"(?P<base>/api/(?:enrollment|instructor)/v2)"
# .+? because a key or an identifier with an encoded slash is a bad key or an unknown person, not an unknown address
_COURSE = rf"{_BASES}/courses/(?P<course_key>.+?)"
_COURSE_TEMPLATE = "/api/enrollment/v2/courses/{course_key}"

MANAGES_COURSE = "manages the course"
SIGNED_LINK = "signed link"
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "course_key": COURSE_KEY,
    "email_or_username": EMAIL_OR_USERNAME,
    "task_id": {"schema": {"type": "string", "format": "uuid"}},
}
_TASK = Link("task", "get_task", {"course_key": "$request.path.course_key", "task_id": "$response.body#/task_id"})


def _course_address(rest: str, pattern: str, methods: Mapping[str, AnyEndpoint]) -> Address:
    return Address(
        template=_COURSE_TEMPLATE + rest,
        pattern=re.compile(_COURSE + pattern + "/?", re.DOTALL),
        guard=guard_course,
        methods=methods,
        tag=TAG,
        error=ERROR,
        parameters=_PARAMETERS,
    )


ENROLLMENT_ADDRESSES: tuple[Address, ...] = (
    _course_address(
        "/enrollments",
        "/enrollments",
        {
            "GET": Endpoint(
                enrollments.list_enrollments,
                in_query(schemas.ListQuery),
                "List the learners of a course run",
                MANAGES_COURSE,
                {200: schemas.EnrollmentList},
                queries={enrollments.INSTRUCTOR_BASE: schemas.InstructorListQuery},
                by_replica=True,
            ),
            "POST": Endpoint(
                enrollments.enroll,
                in_body(schemas.EnrollBody),
                "Enroll one learner at once (200), or several as a task (202)",
                MANAGES_COURSE,
                {200: schemas.EnrollmentOperationResult, 202: schemas.AsyncOperationResult},
                errors=(400, 401, 403, 404, 405, 413, 415, 429),
                link=_TASK,
                held_state=enrollments.hold_enrolled,
            ),
        },
    ),
    _course_address(
        "/export",
        "/export",
        {
            "GET": Endpoint(
                exports.export_roster,
                in_query(schemas.ExportQuery),
                "Download the roster as one file, active and ended enrollments",
                MANAGES_COURSE,
                {200: None},
                description="The file can be imported again. It is compressed with gzip if Accept-Encoding allows it.",
                answer_media={200: "application/jsonl"},
                has_csv=True,
                by_replica=True,
            )
        },
    ),
    _course_address(
        "/enrollments/{email_or_username}",
        r"/enrollments/(?P<email_or_username>.+?)",
        {
            "GET": Endpoint(
                enrollments.get_enrollment,
                in_query(schemas.GetQuery),
                "Get one learner's enrollment or pre-enrollment",
                MANAGES_COURSE,
                {200: schemas.Enrollment},
                has_etag=True,
            ),
            "DELETE": Endpoint(
                enrollments.unenroll,
                in_query(schemas.UnenrollQuery),
                "Unenroll one learner",
                MANAGES_COURSE,
                {200: schemas.EnrollmentOperationResult},
                held_state=enrollments.hold_enrollment,
            ),
        },
    ),
    Address(
        template=_COURSE_TEMPLATE + "/tasks/{task_id}/results",
        pattern=re.compile(_COURSE + r"/tasks/(?P<task_id>[^/]+)/results/?", re.DOTALL),
        guard=guard_signed_link,
        methods={
            "GET": Endpoint(
                tasks.get_results,
                in_query(schemas.ResultsQuery),
                "All results of a task, by the signed link from its status",
                SIGNED_LINK,
                {200: schemas.EnrollmentOperationResult},
                errors=(400, 403, 404, 405),
                has_csv=True,
            )
        },
        tag=TAG,
        error=ERROR,
        parameters=_PARAMETERS,
    ),
    _course_address(
        "/tasks/{task_id}",
        r"/tasks/(?P<task_id>[^/]+)",
        {
            "GET": Endpoint(
                tasks.get_task,
                NOTHING,
                "Get the state of a task, and its results once it is completed",
                MANAGES_COURSE,
                {200: schemas.TaskStatus},
            )
        },
    ),
)
CONTRACT = Contract(
    bases=re.compile(r"/api/(?:enrollment|instructor)/v2(/.*)?", re.DOTALL),
    error=ERROR,
    addresses=ENROLLMENT_ADDRESSES,
    about="The Enrollment API answers the same way under /api/instructor/v2, where rows of the list also have "
    "is_beta_tester, and page_size over 100 is taken for 100.",
)
