"""The shapes of the Enrollment API v2 on the wire, in the words of the contract (enrollment-api: An enrollment)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.enrollments.statuses import Action
from matricula.foundation.text import LONGEST_REASON
from matricula.rest.pictures import ProfileImage

QueryBoolean = Literal["true", "false", "1", "0"]
# Bounds are on the type itself: msgspec rejects them on a union with None. The patterns are for the document; the
# handlers check the same with messages of their own.
Text255 = Annotated[str, Meta(max_length=255, extra_json_schema={"pattern": r"^[^\x00]*$"})]
Reason = Annotated[
    str,
    Meta(
        max_length=LONGEST_REASON,
        extra_json_schema={"pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]*$"},
    ),
]
Natural = Annotated[int, Meta(ge=0, le=999_999_999_999_999)]
Identifier = Annotated[str, Meta(extra_json_schema={"pattern": r"^[^\x00]*$"})]
RequestedFields = Annotated[
    str,
    Meta(
        extra_json_schema={"pattern": r"^ *(beta_tester|profile_image)?( *, *(beta_tester|profile_image)?)* *$"},
        examples=["beta_tester"],
    ),
]

# as the database spells it
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class TaskState(StrEnum):
    """How far a task is; one that was canceled has failed."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Enrollment(msgspec.Struct):
    """One person in one course run."""

    username: str
    email: str
    first_name: str
    last_name: str
    full_name: str
    mode: str | None
    is_active: bool
    created: Moment | None
    enrollment_allowed: bool
    auto_enroll: bool
    beta_tester: bool | UnsetType = UNSET
    profile_image: ProfileImage | UnsetType = UNSET
    is_beta_tester: bool | UnsetType = UNSET


class EnrollmentList(msgspec.Struct):
    """One page of a roster."""

    count: int
    num_pages: int
    next: str | None
    previous: str | None
    results: list[Enrollment]


class ListQuery(msgspec.Struct):
    """What a list may be asked for."""

    page: Annotated[int, Meta(ge=1, description="Page number, from 1; past the last page: 404.")] = 1
    page_size: Annotated[int, Meta(ge=1, le=100, description="Rows per page.")] = 25
    requested_fields: Annotated[
        RequestedFields | None, Meta(description="Fields to add, separated by commas: beta_tester, profile_image.")
    ] = None
    is_active: Annotated[
        Literal["true", "false", "1", "0", "any"], Meta(description="Active enrollments, ended ones, or any.")
    ] = "true"
    search: Annotated[
        Text255 | None,
        Meta(description="Part of a username, email address, first name, or last name. Case is ignored."),
    ] = None
    mode: Annotated[Text255 | None, Meta(description="Only this mode.")] = None
    is_beta_tester: Annotated[QueryBoolean | None, Meta(description="Only beta testers, or only others.")] = None
    cursor: Annotated[Natural | None, Meta(description="From the link `next`. Keeps the cost per page constant.")] = (
        None
    )


class InstructorListQuery(ListQuery):
    """As ``ListQuery``, as the instructor dashboard asks."""

    page_size: Annotated[int, Meta(ge=1)] = 25
    # more words than the other base takes, for the same handler
    is_active: Literal["true", "false", "1", "0", "any", "True", "False"] = "true"  # type: ignore[assignment]
    is_beta_tester: Literal["true", "false", "1", "0", "True", "False"] | None = None  # type: ignore[assignment]


class ExportQuery(msgspec.Struct):
    """How a roster is exported."""

    format: Annotated[
        Literal["csv", "jsonl"], Meta(description="csv for spreadsheets, or jsonl: a JSON object in each line.")
    ] = "csv"


class GetQuery(msgspec.Struct):
    """What one enrollment may be asked for."""

    requested_fields: Annotated[
        RequestedFields | None, Meta(description="Fields to add, separated by commas: beta_tester, profile_image.")
    ] = None


class EnrollBody(msgspec.Struct):
    """Whom to enroll, and how."""

    identifiers: Annotated[
        list[Identifier],
        Meta(
            min_length=1,
            extra_json_schema={"contains": {"type": "string", "pattern": r"[^\s,\x1c-\x1f\x85]"}},
            description="Email addresses and usernames, mixed. Each is trimmed and split at commas and white space.",
            examples=[["sam", "new.learner@example.org"]],
        ),
    ]
    auto_enroll: Annotated[bool, Meta(description="Enroll people without an account once they have one.")] = False
    email_students: Annotated[bool, Meta(description="Send the notification.")] = False
    reason: Annotated[Reason | None, Meta(description="Kept in the audit log and quoted in the email.")] = None
    mode: Annotated[
        str | None, Meta(description="One of the modes of the course run. Null means its default mode.")
    ] = None


class UnenrollQuery(msgspec.Struct):
    """How to unenroll."""

    email_student: Annotated[QueryBoolean | None, Meta(description="Send the notification.")] = None
    email_students: Annotated[QueryBoolean | None, Meta(description="Alternative spelling, as for enrolling.")] = None
    reason: Annotated[Reason | None, Meta(description="Kept in the audit log.")] = None


class EnrollmentState(msgspec.Struct):
    """The state of a person: ``mode`` when enrolled, ``auto_enroll`` when allowed."""

    enrolled: bool
    allowed: bool
    mode: str | UnsetType = UNSET
    auto_enroll: bool | UnsetType = UNSET


class EnrollmentResult(msgspec.Struct):
    """What became of one identifier; ``error`` only where it failed."""

    identifier: str
    before: EnrollmentState
    after: EnrollmentState
    error: str | UnsetType = UNSET


class EnrollmentOperationResult(msgspec.Struct):
    """What became of each identifier, in the order of the request."""

    action: Action
    results: list[EnrollmentResult]


class AsyncOperationResult(msgspec.Struct):
    """A background task was started."""

    task_id: str
    status_url: str
    action: Action
    count: int


class TaskProgress(msgspec.Struct):
    """How far a task is."""

    current: int
    total: int


class TaskResult(msgspec.Struct):
    """What a task did before it was completed or canceled; all results behind ``results_url``."""

    success: bool
    message: str
    results: list[EnrollmentResult]
    results_url: str


class TaskError(msgspec.Struct):
    """Why a task failed."""

    code: str
    message: str


class TaskStatus(msgspec.Struct):
    """A background task."""

    task_id: str
    state: TaskState
    progress: TaskProgress
    created_at: datetime
    updated_at: datetime
    result: TaskResult | UnsetType = UNSET
    error: TaskError | UnsetType = UNSET


class ResultsQuery(msgspec.Struct):
    """The signed link to all results of a task."""

    signature: Annotated[str, Meta(description="From the link.")] = ""
    format: Annotated[Literal["json", "csv"], Meta(description="json, or csv for a spreadsheet.")] = "json"
