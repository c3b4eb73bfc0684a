"""The address table of the Record API (record-api: Plans; Operations and undo; Webhooks)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http.response import HttpResponseBase

from matricula.rest.contracts.record import feed, operations, past, plans, retirements, schemas, seals, snapshots, why
from matricula.rest.contracts.record.errors import ERROR
from matricula.rest.contracts.record.guard import (
    LOGGED_IN,
    SEES_OPERATION,
    SEES_PLAN,
    WRITES_OPERATION,
    WRITES_PLAN,
    guard_caller,
    guard_operation,
    guard_plan,
    guard_snapshot,
    guard_superuser,
)
from matricula.rest.contracts.record.shown import hold_plan_shown
from matricula.rest.contracts.record.webhooks.addresses import REASONS, WEBHOOK_ROWS
from matricula.rest.endpoint import (
    COURSE_KEY,
    NOTHING,
    Address,
    AnyCall,
    AnyEndpoint,
    Contract,
    Endpoint,
    Link,
    in_body,
    in_query,
)

TAG = "Record API"
BASE = "/api/record/v1"
_ERRORS = (400, 401, 403, 404, 405, 429)
_WRITE_ERRORS = (400, 401, 403, 404, 405, 409, 413, 415, 429)
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "course_key": COURSE_KEY,
    "program_key": {"schema": {"type": "string", "maxLength": 255}, "example": "north-cs"},
    **{
        name: {"schema": {"type": "string", "format": "uuid"}}
        for name in ("plan_id", "operation_id", "webhook_id", "delivery_id", "snapshot_id", "retirement_id")
    },
}
_REASONS = {
    201: "The plan was made",
    202: "The plan is being made or applied",
    409: "The plan or the operation isn't in a state in which this can be done",
}
_PLAN = Link("plan", "get_plan", {"plan_id": "$response.body#/plan_id"})

PLAN_ID, OPERATION_ID = "6b0c3fd6-8a8a-4f0e-9d5c-0a3cbb1c9a10", "8d1f7a52-51d4-4c6e-b5d0-6f3e0a2b7c11"
COURSE = "course-v1:North+CS101+2027_T1"
FINGERPRINT = "9f2c" * 16
PLAN_EXAMPLE = {
    "plan_id": PLAN_ID,
    "plan_url": f"https://matricula.example.org{BASE}/plans/{PLAN_ID}",
    "kind": "course_enrollments",
    "course": COURSE,
    "program": None,
    "name": "2 rows",
    "scope": "rows",
    "state": "ready",
    "created": "2027-01-15T08:30:00Z",
    "created_by": "helen",
    "expires": "2027-01-22T08:30:00Z",
    "progress": {"current": 2, "total": 2},
    "counts": {"add": 1, "change": 1, "remove": 0, "unchanged": 0, "refused": 0},
    "words": {"enrolled": 1, "mode_changed": 1},
    "limits": [
        {
            "name": "removals",
            "limit": {"percent": 20, "rows": 10},
            "value": {"percent": 0, "rows": 0},
            "exceeded": False,
        }
    ],
    "reviews": [],
    "fingerprint": FINGERPRINT,
    "undo_of": None,
    "operation_id": None,
    "result": None,
    "error": None,
    "approvals": 1,
    "emails_sent": 0,
}
APPLIED_EXAMPLE = PLAN_EXAMPLE | {
    "state": "applied",
    "operation_id": OPERATION_ID,
    "result": {"applied": 2, "unchanged": 0, "stale": 0, "refused": 0},
}
ROW_EXAMPLE = {
    "row": 1,
    "key": "kim",
    "course_id": None,
    "action": "enroll",
    "outcome": "add",
    "word": "enrolled",
    "before": {"enrolled": False, "allowed": False},
    "after": {"enrolled": True, "allowed": False, "mode": "audit"},
    "refusal": None,
    "state": "planned",
    "change_ids": [],
}
OPERATION_EXAMPLE: Mapping[str, Any] = {
    "operation_id": OPERATION_ID,
    "operation_url": f"https://matricula.example.org{BASE}/operations/{OPERATION_ID}",
    "kind": "plan",
    "source": "api",
    "actor": "helen",
    "at": "2027-01-15T08:45:00Z",
    "ended": "2027-01-15T08:45:01Z",
    "reason": "start of term",
    "course": COURSE,
    "program": None,
    "job_id": OPERATION_ID,
    "file": None,
    "counts": {"course_enrollment": 2},
    "undo_of": None,
    "undone_by": [],
    "undoable": True,
}
CHANGE_EXAMPLE = {
    "change_id": 4711,
    "at": "2027-01-15T08:45:00Z",
    "subject": "course_enrollment",
    "person": {"username": "kim", "email": "kim@example.org", "student_key": None},
    "course": COURSE,
    "program": None,
    "transition": "from unenrolled to enrolled",
    "before": {},
    "after": {"mode": "audit", "is_active": True},
    "reason": "start of term",
}


def _address(
    template: str,
    guard: Callable[[AnyCall], None],
    methods: Mapping[str, AnyEndpoint],
    reasons: Mapping[int, str] = _REASONS,
) -> Address:
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template)
    return Address(
        template=BASE + template,
        pattern=re.compile(f"(?P<base>{BASE}){pattern}/?", re.DOTALL),
        guard=guard,
        methods=methods,
        tag=TAG,
        error=ERROR,
        parameters=_PARAMETERS,
        reasons=reasons,
    )


def _change(
    action: str,
    handler: Callable[[Any], HttpResponseBase],
    summary: str,
    body: Any,
    example: Mapping[str, Any] | None,
    *,
    statuses: tuple[int, ...] = (200,),
    answer: Mapping[str, Any] = PLAN_EXAMPLE,
) -> Address:
    """Return the address of what is done to a plan."""
    endpoint: AnyEndpoint = Endpoint(
        handler,
        NOTHING if body is None else in_body(body),
        summary,
        WRITES_PLAN,
        dict.fromkeys(statuses, schemas.Plan),
        errors=_WRITE_ERRORS if body else (400, 401, 403, 404, 405, 409, 429),
        body_example=example,
        answer_examples=dict.fromkeys(statuses, answer),
        has_etag=True,
        held_state=hold_plan_shown,
    )
    return _address(f"/plans/{{plan_id}}/{action}", guard_plan, {"POST": endpoint})


_MAKE: AnyEndpoint = Endpoint(
    plans.create_plan,
    NOTHING,
    "Make a plan: see what rows would do, and write nothing",
    LOGGED_IN,
    {201: schemas.Plan, 202: schemas.Plan},
    late_body=schemas.PlanBody,
    form_body=schemas.PlanForm,
    largest_file=plans.LARGEST_FILE,
    errors=_WRITE_ERRORS,
    description="Rows in the body, or a CSV file as multipart/form-data. A plan of up to 5,000 rows is ready at once "
    "(201); a larger one is made by a background task (202). "
    "A merge of two accounts has kept and other instead of rows.",
    body_example={
        "kind": "course_enrollments",
        "course": COURSE,
        "rows": [{"identifier": "kim"}, {"identifier": "sam", "mode": "verified"}],
        "defaults": {"reason": "start of term"},
    },
    answer_examples={201: PLAN_EXAMPLE, 202: PLAN_EXAMPLE | {"state": "planning", "fingerprint": None}},
    link=_PLAN,
)
_ROWS_BODY = {"rows": [1], "outcomes": ["remove"]}
_REVIEW_BODY = {"fingerprint": FINGERPRINT, "note": "checked with the dean"}

RECORD_ADDRESSES: tuple[Address, ...] = (
    _address(
        "/plans",
        guard_caller,
        {
            "POST": _MAKE,
            "GET": Endpoint(
                plans.list_some_plans,
                in_query(schemas.PlanListQuery),
                "List plans, the newest first",
                LOGGED_IN,
                {200: schemas.PlanList},
                errors=_ERRORS,
                answer_examples={200: {"results": [PLAN_EXAMPLE], "cursor": None}},
            ),
        },
    ),
    _address(
        "/plans/{plan_id}",
        guard_plan,
        {
            "GET": Endpoint(
                plans.get_plan,
                NOTHING,
                "Get a plan",
                SEES_PLAN,
                {200: schemas.Plan},
                errors=_ERRORS,
                answer_examples={200: PLAN_EXAMPLE},
                has_etag=True,
            )
        },
    ),
    _address(
        "/plans/{plan_id}/rows",
        guard_plan,
        {
            "GET": Endpoint(
                plans.get_rows,
                in_query(schemas.PlanRowQuery),
                "List the rows of a plan, or download all of them",
                SEES_PLAN,
                {200: schemas.PlanRowList},
                errors=_ERRORS,
                has_csv=True,
                answer_examples={200: {"results": [ROW_EXAMPLE], "cursor": None}},
            )
        },
    ),
    _change("exclude", plans.exclude, "Leave rows out of a plan", schemas.ExcludeBody, _ROWS_BODY),
    _change("include", plans.include, "Take rows that were left out in again", schemas.ExcludeBody, _ROWS_BODY),
    _change("approve", plans.approve, "Approve a plan that a limit holds", schemas.ReviewBody, _REVIEW_BODY),
    _change("reject", plans.reject, "Reject a plan that a limit holds", schemas.ReviewBody, _REVIEW_BODY),
    _change(
        "apply",
        plans.apply,
        "Apply a plan: write its rows, and nothing else",
        schemas.ApplyBody,
        {"fingerprint": FINGERPRINT, "reason": "start of term", "on_stale": "refuse"},
        statuses=(200, 202),
        answer=APPLIED_EXAMPLE,
    ),
    _change("cancel", plans.cancel, "Cancel a plan, also while it is applied", None, None),
    _address(
        "/operations",
        guard_caller,
        {
            "GET": Endpoint(
                operations.list_some_operations,
                in_query(schemas.OperationListQuery),
                "List operations, the newest first",
                LOGGED_IN,
                {200: schemas.OperationList},
                errors=_ERRORS,
                answer_examples={200: {"results": [OPERATION_EXAMPLE], "cursor": None}},
                by_replica=True,
            )
        },
    ),
    _address(
        "/operations/{operation_id}",
        guard_operation,
        {
            "GET": Endpoint(
                operations.get_operation,
                NOTHING,
                "Get an operation",
                SEES_OPERATION,
                {200: schemas.RecordedOperation},
                errors=_ERRORS,
                answer_examples={200: OPERATION_EXAMPLE},
            )
        },
    ),
    _address(
        "/operations/{operation_id}/changes",
        guard_operation,
        {
            "GET": Endpoint(
                operations.get_changes,
                in_query(schemas.ChangeQuery),
                "List the changes of an operation, or download all of them",
                SEES_OPERATION,
                {200: schemas.ChangeList},
                errors=_ERRORS,
                has_csv=True,
                answer_examples={200: {"results": [CHANGE_EXAMPLE], "cursor": None}},
                by_replica=True,
            )
        },
    ),
    _address(
        "/operations/{operation_id}/undo",
        guard_operation,
        {
            "POST": Endpoint(
                operations.undo,
                in_body(schemas.UndoBody),
                "Make a plan that takes an operation back",
                WRITES_OPERATION,
                {201: schemas.Plan, 202: schemas.Plan},
                errors=_WRITE_ERRORS,
                body_example={"reason": "wrong file", "changes": "all"},
                answer_examples=dict.fromkeys((201, 202), PLAN_EXAMPLE | {"kind": "undo", "undo_of": OPERATION_ID}),
                link=_PLAN,
            )
        },
    ),
    _address(
        "/changes",
        guard_caller,
        {
            "GET": Endpoint(
                feed.list_feed,
                in_query(feed.FeedQuery),
                "Follow the changes: those behind a cursor, in feed order",
                LOGGED_IN,
                {200: feed.Feed},
                errors=(*_ERRORS, 503),
                answer_examples={200: feed.FEED_EXAMPLE},
            )
        },
    ),
    _address("/seals", guard_caller, {"GET": seals.LIST}),
    _address("/seals/latest", guard_caller, {"GET": seals.LATEST}),
    _address("/courses/{course_key}/why", guard_caller, {"GET": why.OF_COURSE}),
    _address("/programs/{program_key}/why", guard_caller, {"GET": why.OF_PROGRAM}),
    *(_address(*row, REASONS) for row in WEBHOOK_ROWS),
    _address("/courses/{course_key}/roster", guard_caller, {"GET": past.COURSE_ROSTER}),
    _address("/programs/{program_key}/roster", guard_caller, {"GET": past.PROGRAM_ROSTER}),
    _address("/courses/{course_key}/difference", guard_caller, {"GET": past.COURSE_DIFFERENCE}),
    _address("/programs/{program_key}/difference", guard_caller, {"GET": past.PROGRAM_DIFFERENCE}),
    _address("/courses/{course_key}/digest", guard_caller, {"GET": past.COURSE_DIGEST}),
    _address("/retirements", guard_superuser, {"POST": retirements.MAKE, "GET": retirements.LIST}, retirements.REASONS),
    _address(
        "/retirements/{retirement_id}",
        guard_superuser,
        {"GET": retirements.SHOW, "DELETE": retirements.WITHDRAW},
        retirements.REASONS,
    ),
    _address("/snapshots", guard_caller, {"POST": snapshots.MAKE, "GET": snapshots.LIST}, snapshots.REASONS),
    _address("/snapshots/{snapshot_id}", guard_snapshot, {"GET": snapshots.SHOW}),
    _address("/snapshots/{snapshot_id}/rows", guard_snapshot, {"GET": snapshots.ROWS}),
)
CONTRACT = Contract(
    bases=re.compile(rf"{BASE}(/.*)?", re.DOTALL),
    error=ERROR,
    addresses=RECORD_ADDRESSES,
    about="The Record API shows what a change would do before it is done, and takes back what was done. Files about "
    "people (fmt=csv) and snapshots are recorded with the reason in the header X-Matricula-Reason, which an "
    "administrator can require.",
)
