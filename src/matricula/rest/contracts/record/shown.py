"""Plans and operations on the wire (record-api: Plans; Operations and undo)."""

import uuid
from collections.abc import Mapping, Sequence

from django.http import HttpResponse
from django.utils.translation import gettext

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import reach_of
from matricula.batches.planning import hold_plan
from matricula.batches.plans.limits import Limit
from matricula.batches.plans.reads import PlanStatus, find_plan, find_result, list_reviews
from matricula.batches.plans.statuses import PlanState
from matricula.batches.rights import are_all_in, parts_of_operations
from matricula.batches.undo.reads import Against, list_against
from matricula.batches.values import Effect
from matricula.catalog.reads import keys_of
from matricula.journal.operations import OperationFacts, UndoneBy, count_changes, list_undone
from matricula.journal.statuses import Subject
from matricula.learners.reads import get_learners
from matricula.notices.reads import count_sent
from matricula.rest.checks import public_root
from matricula.rest.conditions import answer_tagged
from matricula.rest.contracts.record import schemas
from matricula.rest.contracts.record.guard import plan_of
from matricula.rest.endpoint import AnyCall, seconds
from matricula.rest.errors import Message

AGAINST: Mapping[Against, Message] = {
    Against.UNDONE: Message("This operation was already undone."),
    Against.RUNNING: Message("This operation is still running. Wait until it has ended."),
    Against.NO_CHANGES: Message("This operation changed nothing that can be undone."),
}


def url_of(call: AnyCall, what: str, id_: uuid.UUID) -> str:
    """The absolute address of a plan or an operation."""
    return f"{public_root(call)}{call.base}/{what}/{id_}"


def answer_plan(
    call: AnyCall, plan_id: uuid.UUID, *, unfinished: PlanState | None = None, status: int = 200
) -> HttpResponse:
    """``status`` with the plan as it is now; 202 while it is in the state ``unfinished``."""
    plan = find_plan(plan_id)
    assert plan is not None  # noqa: S101  it was just read or written
    return answer_tagged(call, show_plans(call, [plan])[0], 202 if plan.state is unfinished else status)


def hold_plan_shown(call: AnyCall) -> object:
    """The plan of the address as GET shows it, held until the transaction ends."""
    return show_plans(call, [hold_plan(plan_of(call).id)])[0]


def answer_made(call: AnyCall, plan_id: uuid.UUID) -> HttpResponse:
    """201 with the plan that was made, or 202 while its rows are looked at; with its address."""
    answer = answer_plan(call, plan_id, unfinished=PlanState.PLANNING, status=201)
    answer.headers["Location"] = url_of(call, "plans", plan_id)
    return answer


def show_plans(call: AnyCall, plans: Sequence[PlanStatus]) -> list[schemas.Plan]:
    """Plans as the contract has them, with the names that their ids have now."""
    names = {learner.id: learner.username for learner in get_learners({p.actor_id for p in plans if p.actor_id})}
    courses, programs = keys_of((plan.course_id for plan in plans), (plan.program_id for plan in plans))
    reviews = list_reviews([plan.id for plan in plans])
    undone = [plan.undo_of for plan in plans if plan.undo_of]
    mails = count_sent(undone) if undone else {}
    return [
        schemas.Plan(
            plan_id=plan.id,
            plan_url=url_of(call, "plans", plan.id),
            kind=plan.kind,
            course=courses.get(plan.course_id),
            program=programs.get(plan.program_id),
            name=plan.name,
            scope=plan.scope,
            state=plan.state,
            created=seconds(plan.created),
            created_by=names.get(plan.actor_id) if plan.actor_id else None,
            expires=seconds(plan.expires),
            progress=schemas.PlanProgress(plan.done, plan.total),
            counts=schemas.PlanCounts(**{effect.value: (plan.effects or {}).get(effect, 0) for effect in Effect}),
            words=dict(plan.words or {}),
            limits=[_limit(limit) for limit in plan.limits],
            reviews=[
                schemas.PlanReview(r.by, seconds(r.at), r.decision, r.note, r.counts) for r in reviews.get(plan.id, ())
            ],
            fingerprint=plan.fingerprint,
            undo_of=plan.undo_of,
            operation_id=plan.applied_by,
            result=schemas.PlanResult(**result) if (result := find_result(plan)) else None,
            error=gettext(plan.error) if plan.error else None,
            approvals=plan.approvals,
            emails_sent=mails.get(plan.undo_of, 0) if plan.undo_of else 0,
        )
        for plan in plans
    ]


def _limit(limit: Limit) -> schemas.PlanLimit:
    allowed, found = (schemas.PlanMeasure(measure.percent, measure.rows) for measure in (limit.limit, limit.value))
    return schemas.PlanLimit(limit.name, allowed, found, limit.exceeded)


def show_operations(call: AnyCall, records: Sequence[OperationFacts]) -> list[schemas.RecordedOperation]:
    """Operations as the contract has them: of several, the reader's own part is counted."""
    ids = [record.id for record in records]
    reach = reach_of(call.signed_in)
    counts = count_changes(ids, courses=reach.courses, programs=reach.programs)
    undone = list_undone(ids)
    reasons = _reasons_against(call, records, undone, counts)
    courses, programs = keys_of((record.course_id for record in records), (record.program_id for record in records))
    return [
        schemas.RecordedOperation(
            operation_id=record.id,
            operation_url=url_of(call, "operations", record.id),
            kind=record.kind,
            source=record.source,
            actor=record.actor,
            at=seconds(record.started),
            ended=seconds(record.ended) if record.ended else None,
            reason=record.reason,
            course=courses.get(record.course_id),
            program=programs.get(record.program_id),
            job_id=record.job_id,
            file=record.file,
            counts={subject.value: times for subject, times in sorted(counts.get(record.id, {}).items())},
            undo_of=record.reverts,
            undone_by=[one.id for one in undone.get(record.id, ())],
            undoable=reasons[record.id] or True,
        )
        for record in records
    ]


def _reasons_against(
    call: AnyCall,
    records: Sequence[OperationFacts],
    undone: Mapping[uuid.UUID, Sequence[UndoneBy]],
    changed: Mapping[uuid.UUID, Mapping[Subject, int]],
) -> dict[uuid.UUID, str]:
    """Operation → why it can't be undone, in words; '' where it can."""
    against = list_against(records, undone, changed)
    writes, parts = reach_of(call.signed_in, WRITE_ENROLLMENTS), parts_of_operations(records)
    reasons = {}
    for record in records:
        if found := against.get(record.id):
            reasons[record.id] = AGAINST[found].for_users()
        elif not are_all_in(writes, parts[record.id]):
            reasons[record.id] = gettext("You don't have the permission to change all enrollments that it changed.")
        else:
            reasons[record.id] = ""
    return reasons
