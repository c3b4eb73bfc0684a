"""The address table of the Registrar API: a row for each address and version (registrar-api: Addresses)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from msgspec import Meta

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA, READ_REPORTS, WRITE_ENROLLMENTS
from matricula.rest.contracts.registrar import downloads, grades, jobs, programs, reports, schemas, uploads, writes
from matricula.rest.contracts.registrar.errors import ERROR
from matricula.rest.contracts.registrar.guard import JOB_OWNER, LOGGED_IN, guard_caller, guard_program
from matricula.rest.endpoint import NOTHING, Address, AnyEndpoint, Call, Contract, Endpoint, Link, PlainCall, in_query

VERSIONS = ("v1", "v2")
TAG = "Registrar API"
# .+? because a key with a slash is an unknown course, not an unknown address
_PATTERNS = {"program_key": r"[^/]+", "course_id": r".+?", "job_id": r"[^/]+"}
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "program_key": {"schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}, "example": "north-cs"},
    "course_id": {
        "schema": {"type": "string", "minLength": 1, "pattern": r"^[^\x00/]+$"},
        "description": "The key of the course run, or the program's external key for it; URL-encoded.",
        "example": "course-v1:North+CS101+2027_T1",
    },
    "job_id": {"schema": {"type": "string", "format": "uuid"}},
}
_JOB = Link("job", "get_job", {"job_id": "$response.body#/job_id"})
_ERRORS = (400, 401, 403, 404, 405, 429)
_WRITE_ERRORS = (400, 401, 403, 404, 405, 413, 415, 429)


class Row(NamedTuple):
    """An address below its version, and what its methods do; every path takes both forms, with and without a slash."""

    template: str
    methods: Mapping[str, AnyEndpoint]


def _write(
    handler: Callable[[PlainCall], HttpResponse], summary: str, item: Any, example: Mapping[str, Any], good: str
) -> AnyEndpoint:
    """Return the endpoint of POST or PATCH for a few students (registrar-api: Writing a few students)."""
    return Endpoint(
        handler,
        NOTHING,
        summary,
        WRITE_ENROLLMENTS,
        {200: schemas.WriteResult, 207: schemas.WriteResult, 422: schemas.WriteResult},
        late_body=Annotated[list[item], Meta(max_length=settings.ENVIRONMENT.student_limit)],
        errors=_WRITE_ERRORS,
        body_example=[{"student_key": "S-1001", **example}],
        answer_examples={
            200: {"S-1001": good},
            207: {"S-1001": good, "S-1002": "invalid-status"},
            422: {"S-1002": "duplicated"},
        },
    )


ACCEPTED_EXAMPLE = {
    "job_id": "3b985cec-dcf4-4d38-9498-8545ebcf5d0f",
    "job_url": "https://matricula.example.org/api/v2/jobs/3b985cec-dcf4-4d38-9498-8545ebcf5d0f/",
}


def _download(handler: Callable[[Call[schemas.DownloadQuery, None]], HttpResponse], summary: str) -> AnyEndpoint:
    """Return the endpoint of a download, which starts a job (registrar-api: Jobs)."""
    return Endpoint(
        handler,
        in_query(schemas.DownloadQuery),
        summary,
        READ_ENROLLMENTS,
        {202: schemas.JobAccepted},
        errors=_ERRORS,
        answer_examples={202: ACCEPTED_EXAMPLE},
        link=_JOB,
    )


def _upload(handler: Callable[[PlainCall], HttpResponse], summary: str, description: str) -> AnyEndpoint:
    """Return the endpoint of an upload (registrar-api: Uploads)."""
    return Endpoint(
        handler,
        NOTHING,
        summary,
        WRITE_ENROLLMENTS,
        {202: schemas.JobAccepted},
        late_body=schemas.Upload,
        body_media="multipart/form-data",
        errors=(400, 401, 403, 404, 405, 409, 413, 415, 429),
        description=description,
        answer_examples={202: ACCEPTED_EXAMPLE},
        link=_JOB,
    )


PROGRAM_EXAMPLE = {
    "program_key": "north-cs",
    "program_title": "Computer Science",
    "program_url": "https://learn.example.org/cs",
    "program_type": "Masters",
    "permissions": ["read_enrollments", "read_metadata", "write_enrollments"],
}
JOB_EXAMPLE = {
    "job_id": "3b985cec-dcf4-4d38-9498-8545ebcf5d0f",
    "name": "north-cs:write:write_program_enrollments",
    "created": "2027-01-15T08:30:00Z",
    "state": "Succeeded",
    "result": "https://matricula.example.org/…",
    "text": "200",
    "progress": {"current": 5000, "total": 5000},
}

GRADE = {"percent": 0.95, "letter_grade": "A", "passed": True}

ROWS: Sequence[Row] = (
    Row(
        "/programs/",
        {
            "GET": Endpoint(
                programs.list_programs,
                in_query(schemas.ProgramQuery),
                "List the programs that the caller may read",
                LOGGED_IN,
                {200: list[schemas.Program]},
                answer_examples={200: [PROGRAM_EXAMPLE]},
            )
        },
    ),
    Row(
        "/programs/{program_key}/",
        {
            "GET": Endpoint(
                programs.get_program,
                NOTHING,
                "Get one program",
                READ_METADATA,
                {200: schemas.Program},
                errors=_ERRORS,
                answer_examples={200: PROGRAM_EXAMPLE},
            )
        },
    ),
    Row(
        "/programs/{program_key}/courses/",
        {
            "GET": Endpoint(
                programs.list_courses,
                NOTHING,
                "List the course runs of a program",
                READ_METADATA,
                {200: list[schemas.CourseRun]},
                errors=_ERRORS,
                answer_examples={
                    200: [
                        {
                            "course_id": "course-v1:North+CS101+2027_T1",
                            "external_course_key": "CS-101-27",
                            "course_title": "Introduction to Programming",
                            "course_url": "https://learn.example.org/cs101",
                        }
                    ]
                },
            )
        },
    ),
    Row(
        "/programs/{program_key}/enrollments/",
        {
            "GET": _download(downloads.download_program_enrollments, "Start a download of the students of a program"),
            "POST": _write(
                writes.create_program_enrollments,
                "Enroll students in a program",
                schemas.ProgramWrite,
                {"status": "enrolled"},
                "enrolled",
            ),
            "PATCH": _write(
                writes.update_program_enrollments,
                "Set the program status of students",
                schemas.ProgramWrite,
                {"status": "suspended"},
                "suspended",
            ),
        },
    ),
    Row(
        "/programs/{program_key}/enrollments/upload/",
        {
            "POST": _upload(
                uploads.upload_program_enrollments,
                "Start an upload of students of a program",
                "Columns student_key and status, in any order; students are created or updated.",
            )
        },
    ),
    Row(
        "/programs/{program_key}/course_enrollments/",
        {
            "GET": _download(
                downloads.download_all_course_enrollments,
                "Start a download of the students in all course runs of a program",
            )
        },
    ),
    Row(
        "/programs/{program_key}/course_enrollments/upload/",
        {
            "POST": _upload(
                uploads.upload_course_enrollments,
                "Start an upload of students in the course runs of a program",
                "Columns course_id, student_key and status, in any order, and course_staff where course roles are "
                "switched on; students are created or updated.",
            )
        },
    ),
    Row(
        "/programs/{program_key}/courses/{course_id}/enrollments/",
        {
            "GET": _download(
                downloads.download_course_enrollments, "Start a download of the students in a course run of a program"
            ),
            "POST": _write(
                writes.create_course_enrollments,
                "Enroll students of a program in one of its course runs",
                schemas.CourseWrite,
                {"status": "active"},
                "active",
            ),
            "PATCH": _write(
                writes.update_course_enrollments,
                "Set the course status of students of a program",
                schemas.CourseWrite,
                {"status": "inactive"},
                "inactive",
            ),
        },
    ),
    Row(
        "/jobs/",
        {
            "GET": Endpoint(
                jobs.list_jobs,
                NOTHING,
                "List the caller's own unfinished jobs",
                LOGGED_IN,
                {200: list[schemas.JobStatus]},
                errors=(*_ERRORS, 503),
                answer_examples={200: [{**JOB_EXAMPLE, "state": "Queued", "result": None, "text": None}]},
            )
        },
    ),
    Row(
        "/jobs/{job_id}/",
        {
            "GET": Endpoint(
                jobs.get_job,
                NOTHING,
                "Get a job: its state, and its result once it has succeeded",
                JOB_OWNER,
                {200: schemas.JobStatus},
                errors=(*_ERRORS, 503),
                answer_examples={200: JOB_EXAMPLE},
            )
        },
    ),
    Row(
        "/programs/{program_key}/courses/{course_id}/grades/",
        {
            "GET": _download(downloads.download_grades, "Start a download of the grades of a program's students"),
            "PUT": replace(
                _write(grades.put_grades, "Set the grades of students", schemas.GradeWrite, GRADE, "saved"),
                description="The grade of each student is created or replaced. Error words: duplicated, "
                "invalid-grade, not-in-program, not-linked (the student key isn't linked to an account yet).",
                answer_examples={
                    200: {"S-1001": "saved"},
                    207: {"S-1001": "saved", "S-1002": "not-linked"},
                    422: {"S-1002": "invalid-grade"},
                },
            ),
        },
    ),
    Row(
        "/programs/{program_key}/reports",
        {
            "GET": Endpoint(
                reports.list_reports,
                in_query(schemas.ReportQuery),
                "List the reports about a program, the latest first",
                READ_REPORTS,
                {200: list[schemas.Report]},
                errors=(*_ERRORS, 503),
                answer_examples={
                    200: [
                        {
                            "name": "enrollment_report__2027-01-31.csv",
                            "created_date": "2027-01-31",
                            "download_url": "https://matricula.example.org/files/…",
                        }
                    ]
                },
            )
        },
    ),
)
V3_ROWS: Sequence[Row] = (
    Row(
        "/programs/",
        {
            "GET": Endpoint(
                programs.list_program_pages,
                in_query(schemas.ProgramPageQuery),
                "List the programs that the caller may read, page by page",
                LOGGED_IN,
                {200: schemas.ProgramPage},
                answer_examples={200: {"count": 1, "next": None, "previous": None, "results": [PROGRAM_EXAMPLE]}},
            )
        },
    ),
)


def _address(version: str, row: Row) -> Address:
    path = re.sub(r"{(\w+)}", lambda m: f"(?P<{m[1]}>{_PATTERNS[m[1]]})", row.template.rstrip("/"))
    return Address(
        template=f"/api/{version}{row.template}",
        pattern=re.compile(rf"(?P<base>/api/{version}){path}/?", re.DOTALL),
        guard=guard_program if "{program_key}" in row.template else guard_caller,
        methods=row.methods,
        tag=TAG,
        version=version,
        error=ERROR,
        parameters=_PARAMETERS,
    )


REGISTRAR_ADDRESSES: tuple[Address, ...] = tuple(
    _address(version, row)
    for versions, rows in ((VERSIONS, ROWS), (("v3",), V3_ROWS))
    for version in versions
    for row in rows
)
CONTRACT = Contract(
    bases=re.compile(r"/api/v[0-9]+(/.*)?", re.DOTALL),
    error=ERROR,
    addresses=REGISTRAR_ADDRESSES,
    about="The Registrar API answers alike under /api/v1 and /api/v2, and all its addresses take the form without the "
    "slash at the end too.",
)
