"""The shapes of the instructor dashboard's calls, in the words that it sends and reads."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.enrollments.statuses import Action
from matricula.foundation.text import LONGEST_REASON
from matricula.rest.parsing import LINE_PATTERN

# forms know no booleans
Flag = bool | Literal["true", "True", "TRUE", "false", "False", "FALSE", "1", "0", ""]
_NO_NUL = r"^[^\x00]*$"
_NAMES_ONE = r"[^\s,\x00-\x1f\x7f-\x9f]"
Line = Annotated[str, Meta(extra_json_schema={"pattern": _NO_NUL})]
Identifiers = (
    Annotated[
        list[Line],
        Meta(
            min_length=1,
            extra_json_schema={"contains": {"type": "string", "pattern": _NAMES_ONE}},
            examples=[["sam", "new.learner@example.org"]],
        ),
    ]
    | Annotated[str, Meta(extra_json_schema={"pattern": rf"^[^\x00]*{_NAMES_ONE}[^\x00]*$"})]
)
Reason = Annotated[
    str,
    Meta(
        max_length=LONGEST_REASON,
        extra_json_schema={"pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]*$"},
    ),
]


class TesterAction(StrEnum):
    """What happens to beta testers."""

    ADD = "add"
    REMOVE = "remove"


class InstructorTaskState(StrEnum):
    """How far an unfinished job is."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"


class Enrolling(msgspec.Struct, kw_only=True):
    """What is asked for the people whom the body names."""

    action: Action
    auto_enroll: Flag = False
    email_students: Flag = False
    reason: Reason | None = None


class ModifyBody(Enrolling, kw_only=True):
    """Whom to enroll or unenroll."""

    identifier: Annotated[Identifiers, Meta(description="Email addresses and usernames; texts are split.")]


class UpdateBody(Enrolling, kw_only=True):
    """As ``ModifyBody``; the field has another name."""

    identifiers: Annotated[Identifiers, Meta(description="Email addresses and usernames; texts are split.")]


class Testing(msgspec.Struct, kw_only=True):
    """What is asked for the people whom the body names."""

    action: TesterAction
    auto_enroll: Flag = False
    email_students: Flag = False


class TestersBody(Testing, kw_only=True):
    """Whom to make a beta tester, or no longer one."""

    identifier: Annotated[Identifiers, Meta(description="Email addresses and usernames; texts are split.")]


class TestersUpdateBody(Testing, kw_only=True):
    """As ``TestersBody``; the field has another name."""

    identifiers: Annotated[Identifiers, Meta(description="Email addresses and usernames; texts are split.")]


class StatusBody(msgspec.Struct):
    """Whose enrollment status is asked for."""

    unique_student_identifier: Annotated[
        str,
        Meta(
            description="An email address or a username.",
            extra_json_schema={"minLength": 1, "maxLength": 255, "pattern": LINE_PATTERN},
        ),
    ]


class BulkEnrollBody(Enrolling, kw_only=True):
    """Whom to enroll in several course runs, or to unenroll from them."""

    identifiers: Annotated[Identifiers, Meta(description="Email addresses and usernames; texts are split.")]
    courses: Annotated[str | list[str], Meta(description="Keys of course runs, separated by commas.")]


class PersonState(msgspec.Struct):
    """Where a person is in the course run; ``user``: there is an account."""

    user: bool
    enrollment: bool
    allowed: bool
    auto_enroll: bool


class ModifyResult(msgspec.Struct):
    """What became of one identifier: both states, or why nothing was done."""

    identifier: str
    before: PersonState | UnsetType = UNSET
    after: PersonState | UnsetType = UNSET
    invalid_identifier: bool | UnsetType = UNSET
    error: bool | UnsetType = UNSET


class ModifyResults(msgspec.Struct):
    """What became of each, in order."""

    action: Action
    auto_enroll: bool
    results: list[ModifyResult]


class UpdateResult(msgspec.Struct):
    """What became of one identifier: both states and the step between them, or why nothing was done."""

    identifier: str
    success: bool
    before: PersonState | UnsetType = UNSET
    after: PersonState | UnsetType = UNSET
    state_transition: str | UnsetType = UNSET
    invalidIdentifier: bool | UnsetType = UNSET  # noqa: N815  the word on the wire
    error: bool | UnsetType = UNSET
    error_type: str | UnsetType = UNSET
    error_message: str | UnsetType = UNSET


class UpdateResults(msgspec.Struct):
    """What became of each, in order."""

    action: Action
    auto_enroll: bool
    results: list[UpdateResult]


class BulkEnrollResults(msgspec.Struct):
    """What became of each in each course run."""

    action: Action
    auto_enroll: bool
    email_students: bool
    courses: dict[str, UpdateResults]


class TestersResult(msgspec.Struct):
    """What became of one identifier."""

    identifier: str
    error: bool
    user_does_not_exist: bool
    is_active: bool | None


class TestersResults(msgspec.Struct):
    """What became of each, in order."""

    action: TesterAction
    results: list[TestersResult]


class TestersUpdateResult(msgspec.Struct):
    """As ``TestersResult``; a field has another name."""

    identifier: str
    error: bool
    userDoesNotExist: bool  # noqa: N815  the word on the wire
    is_active: bool | None


class TestersUpdateResults(msgspec.Struct):
    """What became of each, in order."""

    action: TesterAction
    results: list[TestersUpdateResult]


class DashboardLearner(msgspec.Struct):
    """A person, and whether that person is enrolled."""

    username: str
    email: str
    full_name: str
    progress_url: str | None
    is_enrolled: bool


class EnrollmentStatus(msgspec.Struct):
    """The enrollment status of a person, in words."""

    course_id: str
    error: str
    enrollment_status: str


class InstructorTask(msgspec.Struct):
    """A job of the course run."""

    task_type: str
    task_input: str
    task_id: str
    requester: str | None
    task_state: InstructorTaskState
    created: datetime
    task_output: str | None
    duration_sec: int | None
    status: str
    task_message: str


class InstructorTasks(msgspec.Struct):
    """The unfinished jobs of the course run."""

    tasks: list[InstructorTask]


class DashboardPermissions(msgspec.Struct):
    """What the caller is in the course run."""

    admin: bool
    instructor: bool
    finance_admin: bool
    sales_admin: bool
    staff: bool
    forum_admin: bool
    data_researcher: bool


class DashboardTab(msgspec.Struct):
    """A tab of the dashboard."""

    tab_id: str
    title: str
    url: str
    sort_order: int


class DashboardCourse(msgspec.Struct):
    """A course run as the dashboard shows it; null where a fact isn't known here."""

    course_id: str
    display_name: str
    org: str
    course_number: str
    course_run: str
    enrollment_start: datetime | None
    enrollment_end: datetime | None
    total_enrollment: int
    learner_count: int
    staff_count: int
    enrollment_counts: dict[str, int]
    permissions: DashboardPermissions
    tabs: list[DashboardTab]
    start: datetime | None = None
    end: datetime | None = None
    pacing: str | None = None
    has_started: bool | None = None
    has_ended: bool | None = None
    num_sections: int | None = None
    grade_cutoffs: str | None = None
    course_errors: list[str] = []
    studio_url: str | None = None
    gradebook_url: str | None = None
    studio_grading_url: str | None = None
    admin_console_url: str | None = None
    disable_buttons: bool = False
    analytics_dashboard_message: str | None = None
