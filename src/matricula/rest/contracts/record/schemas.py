"""The shapes of the Record API on the wire, in the words of the contract (record-api: Plans; Operations and undo)."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.batches.merging.values import Choice
from matricula.batches.plans.statuses import Decision, OnStale, PlanKind, PlanState, RowState, Scope
from matricula.batches.values import Effect
from matricula.enrollments.statuses import Action
from matricula.foundation.text import LONGEST_REASON
from matricula.journal.statuses import OperationKind, Source, Subject

ROWS_IN_A_REQUEST = 50_000
LARGEST_ROW = 2**31 - 1
Yes = Literal["true", "false", "1", "0"]
# the patterns are for the document; the handlers check the same with messages of their own
Key = Annotated[str, Meta(max_length=255, extra_json_schema={"pattern": r"^[^\x00]*$"})]
Reason = Annotated[
    str,
    Meta(
        max_length=LONGEST_REASON,
        extra_json_schema={"pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]*$"},
    ),
]
Natural = Annotated[int, Meta(ge=0, le=999_999_999_999_999)]
RowNumber = Annotated[int, Meta(ge=1, le=LARGEST_ROW)]
ChangeId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
# a moment says where it is meant
Moment = Annotated[datetime, Meta(tz=True)]
# undo is a kind of plans, but not one that is asked for here
GivenKind = Literal["course_enrollments", "program_enrollments", "program_course_enrollments"]
# a merge has no rows of its own: they are what the two accounts have
GivenKindOrMerge = Literal["course_enrollments", "program_enrollments", "program_course_enrollments", "merge"]
Form = Literal["json", "csv"]


class GivenRow(msgspec.Struct):
    """A row of a plan. Course enrollments: identifier; programs: student_key and status; course runs in programs also
    course_id.
    """

    identifier: Annotated[str | None, Meta(description="Username or email address.", examples=["kim"])] = None
    action: Annotated[str | None, Meta(description="enroll or unenroll.")] = None
    mode: Annotated[str | None, Meta(description="One of the modes of the course run.")] = None
    auto_enroll: bool | None = None
    reason: Annotated[str | None, Meta(description="Goes before the reason given when applying.")] = None
    student_key: str | None = None
    status: str | None = None
    course_id: Annotated[str | None, Meta(description="Key of the course run, or the program's own key for it.")] = None
    course_staff: bool | None = None


class PlanDefaults(msgspec.Struct):
    """What rows leave open."""

    action: Action = Action.ENROLL
    mode: Annotated[str | None, Meta(description="Null means the default mode of the course run.")] = None
    auto_enroll: bool = False
    email_students: Annotated[bool, Meta(description="Send the notifications once the plan is applied.")] = False
    reason: Reason | None = None


class PlanOfFile(msgspec.Struct):
    """What the rows of a file are about, and what they leave open."""

    kind: GivenKind
    course: Annotated[Key | None, Meta(description="Key of the course run; for course_enrollments.")] = None
    program: Annotated[Key | None, Meta(description="Key of the program; for the other kinds.")] = None
    defaults: PlanDefaults = msgspec.field(default_factory=PlanDefaults)
    scope: Annotated[Scope, Meta(description="all: who is there and isn't named is removed.")] = Scope.ROWS
    name: Annotated[Key | None, Meta(description="A line for people. Default: the name of the file.")] = None


class PlanBody(PlanOfFile, kw_only=True):
    """The rows of a plan, and what they are about; of a merge, the two accounts."""

    kind: GivenKindOrMerge  # type: ignore[assignment]  # a file is never a merge
    rows: (
        Annotated[
            list[GivenRow],
            Meta(
                description="For all kinds but merge.",
                extra_json_schema={"minItems": 1, "maxItems": ROWS_IN_A_REQUEST},
            ),
        ]
        | UnsetType
    ) = UNSET
    kept: Annotated[Key | None, Meta(description="merge: username or email address of the account to keep.")] = None
    other: Annotated[Key | None, Meta(description="merge: username or email address of the other account.")] = None
    choices: Annotated[
        dict[str, Choice],
        Meta(description="merge: key of a row that needs a choice → whose is taken: kept or other."),
    ] = {}
    prefer: Annotated[Choice | None, Meta(description="merge: whose is taken where choices say nothing.")] = None


class PlanForm(msgspec.Struct):
    """A plan whose rows are a file."""

    plan: Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/json"})]
    file: Annotated[
        str, Meta(description="UTF-8, with a header line.", extra_json_schema={"contentMediaType": "text/csv"})
    ]


class PlanProgress(msgspec.Struct):
    """How many rows were looked at."""

    current: int
    total: int


class PlanCounts(msgspec.Struct):
    """How many rows would do what."""

    add: int
    change: int
    remove: int
    unchanged: int
    refused: int


class PlanMeasure(msgspec.Struct):
    """So many rows, and which share that is."""

    percent: float
    rows: int


class PlanLimit(msgspec.Struct):
    """A limit, and how far the plan goes: exceeded by more than both."""

    name: str
    limit: PlanMeasure
    value: PlanMeasure
    exceeded: bool


class PlanReview(msgspec.Struct):
    """What someone decided; ``counts``: about the rows as they are now."""

    by: str
    at: datetime
    decision: Decision
    note: str | None
    counts: bool


class PlanResult(msgspec.Struct):
    """What became of the rows that were applied."""

    applied: int
    unchanged: int
    stale: int
    refused: int


class Plan(msgspec.Struct):
    """Rows with what each would do; nothing is written until it is applied."""

    plan_id: uuid.UUID
    plan_url: str
    kind: PlanKind
    course: str | None
    program: str | None
    name: str
    scope: Scope
    state: PlanState
    created: datetime
    created_by: str | None
    expires: datetime
    progress: PlanProgress
    counts: PlanCounts
    words: dict[str, int]
    limits: list[PlanLimit]
    reviews: list[PlanReview]
    fingerprint: str | None
    undo_of: uuid.UUID | None
    operation_id: uuid.UUID | None
    result: PlanResult | None
    error: str | None
    approvals: Annotated[int, Meta(description="How many people have to approve it where it is held.")]
    emails_sent: Annotated[int, Meta(description="Of an undo: emails of the operation, which aren't taken back.")]


class PlanList(msgspec.Struct):
    """One page of plans, the newest first."""

    results: list[Plan]
    cursor: uuid.UUID | None


class PlanListQuery(msgspec.Struct):
    """Which plans to list."""

    state: Annotated[PlanState | None, Meta(description="Only plans in this state.")] = None
    course: Annotated[Key | None, Meta(description="Only plans of this course run.")] = None
    program: Annotated[Key | None, Meta(description="Only plans of this program.")] = None
    mine: Annotated[Yes | None, Meta(description="true: only your own plans.")] = None
    page_size: Annotated[int, Meta(ge=1, le=100, description="Plans per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None


class PlanRow(msgspec.Struct):
    """A row, what it would do, and what became of it. States are those of the contract of the kind."""

    row: int
    key: str | None
    course_id: str | None
    action: str | None
    outcome: Effect
    word: str
    before: dict[str, Any]
    after: dict[str, Any]
    refusal: str | None
    state: RowState
    change_ids: list[int]


class PlanRowList(msgspec.Struct):
    """One page of rows."""

    results: list[PlanRow]
    cursor: int | None


class PlanRowQuery(msgspec.Struct):
    """Which rows to show, and how."""

    outcome: Annotated[Effect | None, Meta(description="Only rows with this outcome.")] = None
    state: Annotated[RowState | None, Meta(description="Only rows in this state.")] = None
    page_size: Annotated[int, Meta(ge=1, le=1000, description="Rows per page.")] = 100
    cursor: Annotated[Natural | None, Meta(description="From the page before.")] = None
    fmt: Annotated[Form, Meta(description="csv: all rows as a file.")] = "json"


class ExcludeBody(msgspec.Struct):
    """Which rows are meant: those with these numbers, and those with these outcomes."""

    rows: Annotated[list[RowNumber], Meta(description="Numbers of rows.")] = []
    outcomes: list[Effect] = []


class ReviewBody(msgspec.Struct):
    """A decision about a plan as it was seen."""

    fingerprint: str
    note: Reason | None = None


class ApplyBody(msgspec.Struct):
    """How to apply a plan as it was seen."""

    fingerprint: str
    reason: Annotated[Reason | None, Meta(description="Kept in the audit log.")] = None
    on_stale: Annotated[
        OnStale,
        Meta(description="If rows changed since the plan was made: write nothing at all, or skip them."),
    ] = OnStale.REFUSE
    email_students: Annotated[bool | None, Meta(description="Send the notifications. Null: as the plan says.")] = None


class Person(msgspec.Struct):
    """Whom a change is about, as far as it is known and yours to see."""

    username: str | None
    email: str | None
    student_key: str | None


class RecordedOperation(msgspec.Struct):
    """One act that wrote, or tried to."""

    operation_id: uuid.UUID
    operation_url: str
    kind: OperationKind
    source: Source
    actor: str | None
    at: datetime
    ended: datetime | None
    reason: str | None
    course: str | None
    program: str | None
    job_id: uuid.UUID | None
    file: str | None
    counts: dict[str, int]
    undo_of: uuid.UUID | None
    undone_by: list[uuid.UUID]
    undoable: Annotated[Literal[True] | str, Meta(description="true, or the reason why not.")]


class OperationList(msgspec.Struct):
    """One page of operations, the newest first."""

    results: list[RecordedOperation]
    cursor: uuid.UUID | None


class OperationListQuery(msgspec.Struct):
    """Which operations to list."""

    course: Annotated[Key | None, Meta(description="Only operations of this course run.")] = None
    program: Annotated[Key | None, Meta(description="Only operations of this program.")] = None
    actor: Annotated[Key | None, Meta(description="Only operations of the account with this username.")] = None
    source: Annotated[Source | None, Meta(description="Only operations from this source.")] = None
    since: Annotated[Moment | None, Meta(description="Begun at this time or later; with an offset.")] = None
    until: Annotated[Moment | None, Meta(description="Begun before this time; with an offset.")] = None
    page_size: Annotated[int, Meta(ge=1, le=100, description="Operations per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None


class RecordedChange(msgspec.Struct):
    """One change of one subject."""

    change_id: int
    at: datetime
    subject: Subject
    person: Person
    course: str | None
    program: str | None
    transition: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None


class ChangeList(msgspec.Struct):
    """One page of the changes of an operation, in order."""

    results: list[RecordedChange]
    cursor: int | None


class ChangeQuery(msgspec.Struct):
    """Which changes to show, and how."""

    page_size: Annotated[int, Meta(ge=1, le=1000, description="Changes per page.")] = 100
    cursor: Annotated[Natural | None, Meta(description="From the page before.")] = None
    fmt: Annotated[Form, Meta(description="csv: all changes as a file.")] = "json"


class UndoBody(msgspec.Struct):
    """What to take back of an operation, and why."""

    reason: Annotated[Reason | None, Meta(description="Kept in the audit log.")] = None
    changes: Annotated[
        Literal["all"] | Annotated[list[ChangeId], Meta(min_length=1)],
        Meta(description="all, or the ids of changes of the operation."),
    ] = "all"
