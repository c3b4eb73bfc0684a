"""The shapes of the Registrar API on the wire, in the words of the contract (registrar-api: Objects)."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from matricula.access.permissions import PERMISSIONS, Permission
from matricula.rest.parsing import LINE_PATTERN, PlainTexts

# the patterns and enums are for the document; the handlers check the same in the contract's order and words
StudentKey = Annotated[
    str,
    Meta(
        description="The university's own key for a student; the case of A to Z does not matter.",
        examples=["S-1001"],
        extra_json_schema={
            "minLength": 1,
            "maxLength": 255,
            "pattern": LINE_PATTERN,
        },
    ),
]


class JobWord(StrEnum):
    """The contract's words for how far a job is; a deployment chooses between the first two."""

    QUEUED = "Queued"
    PENDING = "Pending"
    IN_PROGRESS = "In Progress"
    CANCELED = "Canceled"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"


class Program(msgspec.Struct):
    """A program, and what the caller may do with it."""

    program_key: str
    program_title: str
    program_url: str | None
    program_type: str | None
    permissions: list[Permission]


class ProgramPage(msgspec.Struct):
    """One page of programs."""

    count: int
    next: str | None
    previous: str | None
    results: list[Program]


class CourseRun(msgspec.Struct):
    """A course run in a program, with the key that the university itself uses for it."""

    course_id: str
    external_course_key: str | None
    course_title: str
    course_url: str | None


class JobAccepted(msgspec.Struct):
    """A job was started."""

    job_id: uuid.UUID
    job_url: str


class Progress(msgspec.Struct):
    """How far a job is."""

    current: int
    total: int


class JobStatus(msgspec.Struct):
    """A job: ``result`` is an address that opens without credentials, signed again at every read."""

    job_id: uuid.UUID
    name: str
    created: datetime
    state: JobWord
    result: str | None
    text: str | None
    progress: Progress


class ProgramQuery(PlainTexts):
    """Which programs to list."""

    org: Annotated[str | None, Meta(description="Only programs of the organization with this key.")] = None
    user_has_perm: Annotated[
        str | None,
        Meta(
            description="Only programs on which the caller has this permission. Default: read_metadata.",
            extra_json_schema={"enum": [*PERMISSIONS, ""]},
        ),
    ] = None
    program_title: Annotated[str | None, Meta(description="Part of the title; case is ignored.")] = None


class ProgramPageQuery(ProgramQuery):
    """Which page of which programs to list."""

    page: Annotated[
        str | None, Meta(description="Page number, from 1.", extra_json_schema={"pattern": "^0*[1-9][0-9]{0,14}$"})
    ] = None
    page_size: Annotated[
        str | None,
        Meta(
            description="Programs per page, 1 to 1000. Default: 100.",
            extra_json_schema={"pattern": "^([1-9][0-9]{0,2}|1000)$"},
        ),
    ] = None


class ProgramWrite(msgspec.Struct):
    """A student and the wanted program status; an unknown status is answered with ``invalid-status``."""

    student_key: StudentKey
    status: Annotated[str, Meta(examples=["enrolled"], extra_json_schema={"pattern": r"[^\s\x1c-\x1f\x85]"})]


class CourseWrite(msgspec.Struct, omit_defaults=True):
    """A student and the wanted course status; ``course_staff`` takes the feature of that name."""

    student_key: StudentKey
    status: Annotated[str, Meta(examples=["active"], extra_json_schema={"pattern": r"[^\s\x1c-\x1f\x85]"})]
    course_staff: bool | None = None


class GradeWrite(msgspec.Struct, omit_defaults=True):
    """A student's grade: percent (0 to 1) and passed, perhaps a letter; or the error why there is none."""

    student_key: StudentKey
    percent: Annotated[float | None, Meta(examples=[0.95], extra_json_schema={"minimum": 0, "maximum": 1})] = None
    letter_grade: Annotated[str | None, Meta(examples=["A"])] = None
    passed: bool | None = None
    error: Annotated[str | None, Meta(examples=["no graded work"])] = None


class DownloadQuery(PlainTexts):
    """In which format to write the file."""

    fmt: Annotated[str, Meta(description="The format of the file.", extra_json_schema={"enum": ["json", "csv"]})] = (
        "json"
    )


class Upload(msgspec.Struct):
    """A CSV file."""

    file: Annotated[
        str, Meta(description="UTF-8, with a header line.", extra_json_schema={"contentMediaType": "text/csv"})
    ]


class Report(msgspec.Struct):
    """A file about a program; ``download_url`` is signed at every request and opens without credentials."""

    name: str
    created_date: date
    download_url: str


class ReportQuery(PlainTexts):
    """Which reports to list."""

    min_created_date: Annotated[
        str | None,
        Meta(description="Only reports from this date on.", extra_json_schema={"format": "date"}),
    ] = None


# student key as sent → the new status, or a word for what went wrong
WriteResult = dict[str, Any]
