"""Plans: made, shown, reviewed, applied (record-api: Plans)."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.permits import permit_of
from matricula.access.reads import reach_of
from matricula.batches.planning import (
    EmptyPlan,
    OwnPlan,
    PlanConflict,
    PlanIsStale,
    UnknownRows,
    apply_plan,
    cancel_plan,
    exclude_rows,
    make_plan,
    review_plan,
)
from matricula.batches.plans.reads import PlanStatus, find_plan, list_plan_rows, list_plans, list_rows_at
from matricula.batches.plans.statuses import Decision, PlanKind, PlanState, RowState
from matricula.catalog.reads import CourseRun
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.text import boolean
from matricula.foundation.transactions import acting
from matricula.jobs.writes import WriteUnfinished
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest import errors
from matricula.rest.callers import signed_in_by
from matricula.rest.contracts.record import schemas
from matricula.rest.contracts.record.errors import RecordError, record_error
from matricula.rest.contracts.record.guard import plan_of
from matricula.rest.contracts.record.merging import make_merge
from matricula.rest.contracts.record.requested import (
    Requested,
    checked_reason,
    find_visible,
    requested_file,
    requested_rows,
)
from matricula.rest.contracts.record.rows import COLUMNS, row_cells, show_rows
from matricula.rest.contracts.record.shown import answer_made, answer_plan, show_plans
from matricula.rest.disclosing import answer_export, csv_headers
from matricula.rest.endpoint import AnyCall, Call, PlainCall, answer_json
from matricula.rest.errors import STATUS_OF, BrokenRequest, Message, invalid_field, unknown_cursor
from matricula.rest.multipart import FORM, IN_MEMORY, read_part
from matricula.rest.parsing import decode_json, parse_body, parse_object
from matricula.tabular.exports import export_rows
from matricula.tabular.problems import TabularError

ROWS_SHOWN = 100
# no limit that a roster meets: the rows are stored as they are read
LARGEST_FILE = 1024**3


def create_plan(call: PlainCall) -> HttpResponse:
    """201 Plan where it is ready, else 202; its rows come in the body, or as a file."""
    if call.request.content_type != FORM:
        body = parse_body(call.request, schemas.PlanBody)
        if PlanKind(body.kind) is PlanKind.MERGE:
            return answer_made(call, make_merge(call, body))
        return _make(call, requested_rows(call, body), "rows")
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        parts = read_part(call.request, file, LARGEST_FILE)
        text = parts.fields.get("plan")
        if text is None:
            raise invalid_field("plan", "Send the plan as JSON in a field named “plan”, beside the file.")
        raw = decode_json(text)
        if isinstance(raw, dict) and "rows" in raw:
            raise invalid_field("rows", "Leave this out: the rows are those of the file.")
        of_file = parse_object(raw, schemas.PlanOfFile)
        return _make(call, requested_file(call, of_file, cast(BinaryIO, file), parts.file_name), "file")


def _make(call: AnyCall, asked: Requested, origin: str) -> HttpResponse:
    """The right is asked for once more when the plan is stored: it is about what the body names."""
    right = (
        {"course_id": asked.about.id}
        if isinstance(asked.about, CourseRun)
        else {"program_id": asked.about.id, "permission": WRITE_ENROLLMENTS, "features": asked.features}
    )
    permit = permit_of(call.signed_in, session=signed_in_by(call.request), **right)
    try:
        with acting(permit.hold):
            plan_id = make_plan(
                asked.kind,
                asked.about,
                asked.given,
                scope=asked.scope,
                name=asked.name,
                actor_id=call.account_id,
                source=API,
            )
    except EmptyPlan:
        raise invalid_field(origin, "There are no rows. With the scope “all”, that would remove everyone.") from None
    except TabularError as error:
        raise invalid_field("file", "The file was rejected. %(error)s", error=error.message) from None
    return answer_made(call, plan_id)


def list_some_plans(call: Call[schemas.PlanListQuery, None]) -> HttpResponse:
    """200 PlanList: those that the caller may see, the newest first."""
    query = call.query
    course_id, program_id = find_visible(call, query.course, query.program)
    if query.cursor is not None and find_plan(query.cursor) is None:
        raise unknown_cursor()
    reach = reach_of(call.signed_in)
    found = list_plans(
        limit=query.page_size + 1,
        courses=reach.courses,
        programs=reach.programs,
        states=[query.state] if query.state else None,
        course_id=course_id,
        program_id=program_id,
        actor_id=call.account_id if boolean(query.mine or "") else None,
        before=query.cursor,
    )
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(schemas.PlanList(show_plans(call, page), page[-1].id if more else None))


def get_plan(call: PlainCall) -> HttpResponse:
    """200 Plan."""
    return answer_plan(call, plan_of(call).id)


def get_rows(call: Call[schemas.PlanRowQuery, None]) -> HttpResponseBase:
    """200 PlanRowList, or all rows as CSV, streamed."""
    query, plan, names = call.query, plan_of(call), call.signed_in.sees_names
    found = list_plan_rows(
        plan,
        after=query.cursor or 0,
        effects=[query.outcome] if query.outcome else None,
        states=[query.state] if query.state else None,
    )
    if query.fmt == "csv":
        chosen = {"outcome": query.outcome, "state": query.state, "plan": str(plan.id)}
        return answer_export(
            call,
            export_rows(COLUMNS, row_cells(plan, found, names=names)),
            Contents(
                DisclosureKind.PLAN_ROWS,
                plan.course_id,
                plan.program_id,
                plan.id,
                filters={name: word for name, word in chosen.items() if word},
            ),
            csv_headers(f"plan-{plan.id}.csv"),
        )
    rows = [*islice(found, query.page_size + 1)]
    page, more = rows[: query.page_size], rows[query.page_size :]
    return answer_json(schemas.PlanRowList(show_rows(plan, page, names=names), page[-1].place if more else None))


def exclude(call: Call[None, schemas.ExcludeBody]) -> HttpResponse:
    """200 Plan, without these rows."""
    return _set_excluded(call, excluded=True)


def include(call: Call[None, schemas.ExcludeBody]) -> HttpResponse:
    """200 Plan, with these rows again."""
    return _set_excluded(call, excluded=False)


def _set_excluded(call: Call[None, schemas.ExcludeBody], *, excluded: bool) -> HttpResponse:
    body, plan = call.body, plan_of(call)
    if not body.rows and not body.outcomes:
        raise invalid_field("rows", "Name rows, outcomes, or both.")
    try:
        with _conflicts():
            exclude_rows(plan.id, body.rows, body.outcomes, excluded=excluded)
    except UnknownRows as unknown:
        numbers = ", ".join(map(str, unknown.numbers[:10]))
        raise invalid_field("rows", "This plan has no rows with these numbers: %(rows)s.", rows=numbers) from None
    return answer_plan(call, plan.id)


def approve(call: Call[None, schemas.ReviewBody]) -> HttpResponse:
    """200 Plan. Errors: 403 for those who made it, 409 where it isn't held."""
    return _review(call, Decision.APPROVED)


def reject(call: Call[None, schemas.ReviewBody]) -> HttpResponse:
    """200 Plan, which is never applied. Errors: 409 where it isn't held."""
    return _review(call, Decision.REJECTED)


def _review(call: Call[None, schemas.ReviewBody], decision: Decision) -> HttpResponse:
    body, plan = call.body, plan_of(call)
    note = checked_reason("note", body.note)
    try:
        with _conflicts():
            review_plan(
                plan.id,
                call.account_id,
                decision,
                fingerprint=body.fingerprint,
                note=note,
                operation=_own_operation(call, plan, note),
            )
    except OwnPlan:
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("You made this plan, so someone else has to approve it.")
        ) from None
    return answer_plan(call, plan.id)


def apply(call: Call[None, schemas.ApplyBody]) -> HttpResponse:
    """200 Plan where it is applied, 202 while it is. Errors: 409, also with the rows that changed since."""
    body, plan = call.body, plan_of(call)
    reason = checked_reason("reason", body.reason)
    try:
        with _conflicts():
            apply_plan(
                plan.id,
                actor_id=call.account_id,
                source=API,
                fingerprint=body.fingerprint,
                reason=reason,
                on_stale=body.on_stale,
                email_student=body.email_students,
            )
    except WriteUnfinished:
        raise BrokenRequest(
            errors.CONFLICT,
            Message("Another job is still writing enrollments of this program. Wait until it has ended."),
        ) from None
    except PlanIsStale as stale:
        return _stale(call, plan, stale)
    return answer_plan(call, plan.id, unfinished=PlanState.APPLYING)


def _stale(call: AnyCall, plan: PlanStatus, stale: PlanIsStale) -> HttpResponse:
    found = show_rows(plan, list_rows_at(plan, stale.places[:ROWS_SHOWN]), names=call.signed_in.sees_names)
    message = Message(
        "Nothing was applied: %(count)s rows changed after the plan was made. "
        "Make a new plan, or apply this one with on_stale “skip” to leave them out.",
        {"count": stale.count},
    )
    error = record_error(BrokenRequest(errors.CONFLICT, message))
    assert isinstance(error, RecordError)  # noqa: S101  of this contract
    error.stale, error.rows = stale.count, found
    for row in found:
        row.state = RowState.STALE
    return answer_json(error, STATUS_OF[errors.CONFLICT])


def cancel(call: PlainCall) -> HttpResponse:
    """200 Plan, canceled; of one that is being applied, what is committed stays."""
    plan = plan_of(call)
    with _conflicts():
        cancel_plan(plan.id, _own_operation(call, plan, None))
    return answer_plan(call, plan.id)


@contextmanager
def _conflicts() -> Iterator[None]:
    """While a plan is changed: what it is by then is 409."""
    try:
        yield
    except PlanConflict as conflict:
        if conflict.seen:
            message = Message("This plan isn't as you saw it any more. Get it again, and send its fingerprint.")
        elif conflict.whole:
            message = Message(
                "A merge is applied as a whole. Make a new plan with a choice for each row that needs one."
            )
        elif conflict.reviewed:
            message = Message("You have already reviewed this plan.")
        elif conflict.state is PlanState.HELD:
            message = Message("A limit holds this plan until it is approved.")
        else:
            message = Message("This can't be done with a plan in the state “%(state)s”.", {"state": conflict.state})
        raise BrokenRequest(errors.CONFLICT, message) from None


def _own_operation(call: AnyCall, plan: PlanStatus, reason: str | None) -> Operation:
    return Operation(call.id, call.account_id, API, reason, course_id=plan.course_id, program_id=plan.program_id)
