"""The checks that every call of the Record API passes, in the contract's order (record-api: Basics)."""

import uuid
from functools import partial

from matricula.access.permits import permit_of
from matricula.access.reads import find_program_caller_by_account, find_program_caller_by_token, reach_of
from matricula.batches.plans.reads import PlanStatus, find_plan
from matricula.batches.rights import (
    features_of_plan,
    may_read_about,
    may_read_parts,
    may_write_parts,
    parts_of_operations,
    parts_of_plan,
    permit_about,
    sees_operation,
)
from matricula.feed.webhooks.reads import WebhookFacts, find_webhook
from matricula.history.snapshots.reads import SnapshotFacts, find_snapshot
from matricula.journal.operations import OperationFacts, find_operation
from matricula.rest import errors
from matricula.rest.callers import SAFE_METHODS, authenticate, check_rate, check_scope, signed_in_by
from matricula.rest.checks import check_method
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, Message, invalid_field
from matricula.rest.waiting import is_asked_again

# who may call, in the words of the permission table
LOGGED_IN = "logged in"
SEES_COURSE, SEES_PROGRAM = "manages the course run", "reads the students of the program"
SEES_SNAPSHOT = "sees what the snapshot is about"
SEES_PLAN, WRITES_PLAN = "sees what the plan is about", "writes what the plan is about"
OWNS_WEBHOOK = "owns the webhook"
SUPERUSER = "superuser"
SEES_OPERATION, WRITES_OPERATION = "sees a part of the operation", "writes all that the operation is about"


def guard_caller(call: AnyCall) -> None:
    """Fills in the caller. Errors, in this order: 401, 429, 405, 403 (scope or CSRF)."""
    call.caller, _ = authenticate(
        call.request,
        partial(find_program_caller_by_token, program_key=None),
        partial(find_program_caller_by_account, program_key=None),
    )
    if not is_asked_again(call.request):
        check_rate(call.caller)
    check_method(call)
    check_scope(call.request, call.caller)
    call.permit = permit_of(call.caller, session=signed_in_by(call.request))


def guard_superuser(call: AnyCall) -> None:
    """Fills in the caller. Errors, then: 403 (not a superuser)."""
    guard_caller(call)
    if not call.signed_in.is_superuser:
        raise BrokenRequest(errors.PERMISSION_DENIED, Message("Only superusers can do this."))
    call.permit = permit_of(call.signed_in, session=signed_in_by(call.request), is_operator=True)


def guard_plan(call: AnyCall) -> None:
    """Fills in the caller and the plan. Errors, then: 400 (id), 404, 403 (right)."""
    guard_caller(call)
    plan = find_plan(id_in(call, "plan_id"))
    parts = parts_of_plan(plan) if plan else []
    if plan is None or not may_read_parts(call.account_id, parts):
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no plan with this ID."))
    call.found = plan
    if call.request.method in SAFE_METHODS:
        return
    features = features_of_plan(plan)
    if not may_write_parts(call.account_id, parts, features):
        raise not_allowed()
    call.permit = permit_about(
        parts,
        features,
        account_id=call.account_id,
        token_checksum=call.signed_in.token_checksum,
        session=signed_in_by(call.request),
    )


def guard_operation(call: AnyCall) -> None:
    """Fills in the caller and the operation. Errors, then: 400 (id), 404, 403 (right)."""
    guard_caller(call)
    record = find_operation(id_in(call, "operation_id"))
    if record is None or not sees_operation(reach_of(call.signed_in), record):
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no operation with this ID."))
    call.found = record
    if call.request.method in SAFE_METHODS:
        return
    parts = parts_of_operations([record])[record.id]
    if not may_write_parts(call.account_id, parts):
        raise not_allowed()
    call.permit = permit_about(
        parts,
        account_id=call.account_id,
        token_checksum=call.signed_in.token_checksum,
        session=signed_in_by(call.request),
    )


def no_webhook() -> BrokenRequest:
    """404."""
    return BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no webhook with this ID."))


def guard_webhook(call: AnyCall) -> None:
    """Fills in the caller and the webhook. Errors, then: 400 (id), 404."""
    guard_caller(call)
    webhook = find_webhook(id_in(call, "webhook_id"), call.signed_in)
    if webhook is None:
        raise no_webhook()
    call.found = webhook


def guard_snapshot(call: AnyCall) -> None:
    """Fills in the caller and the snapshot. Errors, then: 400 (id), 404."""
    guard_caller(call)
    snapshot = find_snapshot(id_in(call, "snapshot_id"))
    if snapshot is None or not may_read_about(call.account_id, snapshot.course_id, snapshot.program_id):
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("There is no snapshot with this ID."))
    call.found = snapshot


def not_allowed() -> BrokenRequest:
    """403."""
    return BrokenRequest(
        errors.PERMISSION_DENIED,
        Message("You can see this, but you don't have the permission to change the enrollments that it is about."),
    )


def feed_paused() -> BrokenRequest:
    """503: the journal has no order until it was migrated."""
    return BrokenRequest(
        errors.SERVICE_UNAVAILABLE,
        Message("The feed is paused because the database was moved. Ask an administrator to run “matricula migrate”."),
        headers={"Retry-After": "60"},
    )


def plan_of(call: AnyCall) -> PlanStatus:
    """The plan of the address; there is one once the guard has let the call pass."""
    assert isinstance(call.found, PlanStatus)  # noqa: S101  the guard's promise
    return call.found


def operation_of(call: AnyCall) -> OperationFacts:
    """The operation of the address; there is one once the guard has let the call pass."""
    assert isinstance(call.found, OperationFacts)  # noqa: S101  the guard's promise
    return call.found


def webhook_of(call: AnyCall) -> WebhookFacts:
    """The webhook of the address; there is one once the guard has let the call pass."""
    assert isinstance(call.found, WebhookFacts)  # noqa: S101  the guard's promise
    return call.found


def snapshot_of(call: AnyCall) -> SnapshotFacts:
    """The snapshot of the address; there is one once the guard has let the call pass."""
    assert isinstance(call.found, SnapshotFacts)  # noqa: S101  the guard's promise
    return call.found


def id_in(call: AnyCall, name: str) -> uuid.UUID:
    """The UUID in the address. Errors: 400."""
    text = call.path[name]
    try:
        found = uuid.UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise invalid_field(name, "%(id)s must be a UUID.", id=name)
    return found
