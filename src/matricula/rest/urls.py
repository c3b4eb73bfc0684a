"""The address table of the API: every version, every address, every method."""

import re
from collections.abc import Mapping
from functools import cache

from django.http import HttpResponse

from matricula.rest.contracts.enrollment_v2 import enrollments, exports, tasks
from matricula.rest.contracts.enrollment_v2 import schemas as enrollment
from matricula.rest.contracts.enrollment_v2.guard import guard_course, guard_open, guard_signed_link
from matricula.rest.contracts.registrar import job_files
from matricula.rest.contracts.registrar.urls import REGISTRAR_ADDRESSES
from matricula.rest.endpoint import NOTHING, Address, AnyEndpoint, Endpoint, PlainCall, encode, in_body, in_query
from matricula.rest.openapi import make_document

_BASES = r"(?P<base>/api/(?:enrollment|instructor)/v2)"
# .+? because a key or an identifier with an encoded slash is a bad key or an unknown person, not an unknown address
_COURSE = rf"{_BASES}/courses/(?P<course_key>.+?)"
_COURSE_TEMPLATE = "/api/enrollment/v2/courses/{course_key}"

MANAGES_COURSE = "manages the course"
SIGNED_LINK = "signed link"
OPEN = "open"


def _course_address(rest: str, pattern: str, methods: Mapping[str, AnyEndpoint]) -> Address:
    return Address(
        template=_COURSE_TEMPLATE + rest,
        pattern=re.compile(_COURSE + pattern + "/?", re.DOTALL),
        guard=guard_course,
        methods=methods,
        tag="Enrollment API v2",
    )


@cache
def _document() -> bytes:
    return encode(make_document(ADDRESSES))


def openapi_document(_call: PlainCall) -> HttpResponse:
    """200: the OpenAPI 3.1 document of this very table."""
    return HttpResponse(_document(), content_type="application/json")


ENROLLMENT_ADDRESSES: tuple[Address, ...] = (
    _course_address(
        "/enrollments",
        "/enrollments",
        {
            "GET": Endpoint(
                enrollments.list_enrollments,
                in_query(enrollment.ListQuery),
                "List the learners of a course run",
                MANAGES_COURSE,
                {200: enrollment.EnrollmentList},
            ),
            "POST": Endpoint(
                enrollments.enroll,
                in_body(enrollment.EnrollBody),
                "Enroll one learner at once (200), or several as a task (202)",
                MANAGES_COURSE,
                {200: enrollment.EnrollmentOperationResult, 202: enrollment.AsyncOperationResult},
                errors=(400, 401, 403, 404, 405, 413, 415, 429),
            ),
        },
    ),
    _course_address(
        "/export",
        "/export",
        {
            "GET": Endpoint(
                exports.export_roster,
                in_query(enrollment.ExportQuery),
                "Download the roster as one file, active and ended enrollments",
                MANAGES_COURSE,
                {200: None},
                description="The file can be imported again. It is compressed with gzip if Accept-Encoding allows it.",
                answer_media={200: "application/jsonl"},
                has_csv=True,
            )
        },
    ),
    _course_address(
        "/enrollments/{email_or_username}",
        r"/enrollments/(?P<email_or_username>.+?)",
        {
            "GET": Endpoint(
                enrollments.get_enrollment,
                in_query(enrollment.GetQuery),
                "Get one learner's enrollment or pre-enrollment",
                MANAGES_COURSE,
                {200: enrollment.Enrollment},
            ),
            "DELETE": Endpoint(
                enrollments.unenroll,
                in_query(enrollment.UnenrollQuery),
                "Unenroll one learner",
                MANAGES_COURSE,
                {200: enrollment.EnrollmentOperationResult},
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
                in_query(enrollment.ResultsQuery),
                "All results of a task, by the signed link from its status",
                SIGNED_LINK,
                {200: enrollment.EnrollmentOperationResult},
                errors=(400, 403, 404, 405),
                has_csv=True,
            )
        },
        tag="Enrollment API v2",
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
                {200: enrollment.TaskStatus},
            )
        },
    ),
    Address(
        template="/api/openapi.json",
        pattern=re.compile(r"/api/openapi\.json"),
        guard=guard_open,
        methods={"GET": Endpoint(openapi_document, NOTHING, "This document", OPEN, {200: None}, errors=(405,))},
        tag="Documentation",
    ),
)
FILES = Address(
    template="/api/files/{file}",
    pattern=re.compile(r"/api/files/(?P<file>.+)", re.DOTALL),
    guard=guard_open,
    methods={
        "GET": Endpoint(
            job_files.get_file,
            in_query(job_files.FileQuery),
            "A file of a job or a report, by the signed link to it",
            SIGNED_LINK,
            {200: None, 403: None, 404: None, 503: None},
            errors=(405,),
            answer_media={200: "application/octet-stream", **dict.fromkeys((403, 404, 503), "text/plain")},
        )
    },
    tag="Files",
)
ADDRESSES = (*ENROLLMENT_ADDRESSES, *REGISTRAR_ADDRESSES, FILES)
