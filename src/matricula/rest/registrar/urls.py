"""The address table of the Registrar API: the rows of Contract 1, section 1, for every version of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA, READ_REPORTS, WRITE_ENROLLMENTS
from matricula.rest.endpoint import Address, Endpoint
from matricula.rest.errors import Detail
from matricula.rest.registrar import jobs, programs, schemas, writes
from matricula.rest.registrar.guard import LOGGED_IN, guard_caller, guard_program

VERSIONS = ("v1", "v2")
TAG = "Registrar API"
# .+? because a key with a slash is an unknown course, not an unknown address
_PATTERNS = {"program_key": r"[^/]+", "course_id": r".+?", "job_id": r"[^/]+"}
_ERRORS = (400, 401, 403, 404, 405, 429)
_WRITE_ERRORS = (400, 401, 403, 404, 405, 413, 415, 429)


class Row(NamedTuple):
    """An address below its version, and what its methods do; every path takes both forms, with and without a slash."""

    template: str
    methods: Mapping[str, Endpoint]


def _write(handler: Any, summary: str, item: Any, example: Mapping[str, Any], good: str) -> Endpoint:
    """Routes 5, 6, 11 and 12."""
    return Endpoint(
        handler,
        summary,
        WRITE_ENROLLMENTS,
        {200: schemas.WriteResult, 207: schemas.WriteResult, 422: schemas.WriteResult},
        late_body=list[item],
        errors=_WRITE_ERRORS,
        body_example=[{"student_key": "S-1001", **example}],
        answer_examples={
            200: {"S-1001": good},
            207: {"S-1001": good, "S-1002": "invalid-status"},
            422: {"S-1002": "duplicated"},
        },
    )


PROGRAM_EXAMPLE = {
    "program_key": "north-cs",
    "program_title": "Computer Science",
    "program_url": "https://learn.example.org/cs",
    "program_type": "Masters",
    "permissions": ["read_enrollments", "read_metadata", "write_enrollments"],
}

ROWS: Sequence[Row] = (
    Row(
        "/programs/",
        {
            "GET": Endpoint(
                programs.list_programs,
                "List the programs that the caller may read",
                LOGGED_IN,
                {200: list[schemas.Program]},
                query=schemas.ProgramQuery,
                answer_examples={200: [PROGRAM_EXAMPLE]},
            )
        },
    ),
    Row(
        "/programs/{program_key}/",
        {
            "GET": Endpoint(
                programs.get_program,
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
            # downloads: "GET": rest/registrar/downloads.py
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
    # uploads: Row("/programs/{program_key}/enrollments/upload/", …)
    # downloads: Row("/programs/{program_key}/course_enrollments/", …)
    # uploads: Row("/programs/{program_key}/course_enrollments/upload/", …)
    Row(
        "/programs/{program_key}/courses/{course_id}/enrollments/",
        {
            # downloads: "GET": rest/registrar/downloads.py
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
    # grades: Row("/programs/{program_key}/courses/{course_id}/grades/", …)
    # reports: Row("/programs/{program_key}/reports", …)
)
V3_ROWS: Sequence[Row] = (
    Row(
        "/programs/",
        {
            "GET": Endpoint(
                programs.list_program_pages,
                "List the programs that the caller may read, page by page",
                LOGGED_IN,
                {200: schemas.ProgramPage},
                query=schemas.ProgramPageQuery,
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
        error=Detail,
    )


REGISTRAR_ADDRESSES: tuple[Address, ...] = tuple(
    _address(version, row)
    for versions, rows in ((VERSIONS, ROWS), (("v3",), V3_ROWS))
    for version in versions
    for row in rows
)
