"""What was tried and came to nothing, and what has not been done yet, as an answer lists it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from matricula.batches.plans.reads import PlanStatus, list_reviews
from matricula.batches.plans.statuses import OPEN, Decision, PlanState
from matricula.batches.rejections import PlannedRow, RejectedRow
from matricula.catalog.reads import program_keys
from matricula.history.why.values import Refused, Waiting, WaitingFor
from matricula.learners.reads import get_learners

_PENDING = (*OPEN, PlanState.APPLYING)


def is_pending(row: PlannedRow) -> bool:
    """True for a row of a plan that may still be applied."""
    return row.plan.state in _PENDING


def list_refused(rows: Sequence[RejectedRow], planned: Sequence[PlannedRow]) -> list[Refused]:
    """The rows that were rejected, and those of plans that were given up; the latest first."""
    keys = program_keys({row.program_id for row in rows if row.program_id is not None})
    found = [
        Refused(
            operation_id=row.applied_by or row.job_id,
            at=row.at,
            actor=row.actor,
            source=row.source,
            file=row.file,
            row=row.number,
            key=row.key,
            word=row.word,
            reason=row.rejection,
            plan_id=row.plan_id,
            program=keys.get(row.program_id) if row.program_id is not None else None,
        )
        for row in rows
    ]
    return sorted([*found, *_given_up(planned)], key=lambda one: one.at, reverse=True)


def _given_up(planned: Sequence[PlannedRow]) -> list[Refused]:
    rows = [row for row in planned if not is_pending(row)]
    if not rows:
        return []
    actors = {
        learner.id: learner.username for learner in get_learners({r.plan.actor_id for r in rows if r.plan.actor_id})
    }
    reviews = list_reviews([row.plan.id for row in rows])
    programs = program_keys({row.plan.program_id for row in rows if row.plan.program_id is not None})
    found = []
    for row in rows:
        plan = row.plan
        review = next((one for one in reviews.get(plan.id, ())[::-1] if one.decision is Decision.REJECTED), None)
        found.append(
            Refused(
                operation_id=plan.id,
                at=review.at if review else plan.expires,
                actor=actors.get(plan.actor_id) if plan.actor_id is not None else None,
                source=plan.source,
                file=plan.name,
                row=row.number,
                key=row.key,
                word=f"plan_{plan.state}",
                reason=_reason(plan, review.by if review else None, review.note if review else None),
                plan_id=plan.id,
                program=programs.get(plan.program_id) if plan.program_id is not None else None,
            )
        )
    return found


def _reason(plan: PlanStatus, by: str | None, note: str | None) -> str:
    if plan.state is not PlanState.REJECTED:
        return _("The plan expired before it was applied.")
    if note:
        return _("%(who)s rejected the plan: %(note)s") % {"who": by, "note": note}
    return _("%(who)s rejected the plan.") % {"who": by}


def list_waiting_plans(planned: Sequence[PlannedRow]) -> list[Waiting]:
    """The rows of plans that may still be applied."""
    return [
        Waiting(
            WaitingFor.PLAN, row.plan.created, plan_id=row.plan.id, plan_name=row.plan.name, plan_state=row.plan.state
        )
        for row in planned
        if is_pending(row)
    ]
