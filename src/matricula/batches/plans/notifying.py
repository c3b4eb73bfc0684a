"""Mail about a plan that waits for an approval, to those who may give it."""

import uuid

from django.conf import settings

from matricula.access.holders import list_reviewers
from matricula.batches.plans.reads import PlanStatus, find_plan
from matricula.batches.plans.statuses import PlanState
from matricula.batches.values import Effect
from matricula.catalog.reads import get_courses, get_program
from matricula.learners.reads import get_learners
from matricula.notices.statuses import PLAN_HELD
from matricula.notices.writes import Notice, PlanContext, queue_notices

# people who get a mail about one plan, at most
_PEOPLE = 100


def notify_if_held(plan_id: uuid.UUID) -> None:
    """Queues mail if the plan is held, in the caller's transaction.

    A plan that comes to be held again with the same rows and outcomes is no news.
    """
    plan = find_plan(plan_id)
    if plan is None or plan.state is not PlanState.HELD:
        return
    people = get_learners(list_reviewers(plan.course_id, plan.program_id, plan.actor_id, limit=_PEOPLE))
    if not people:
        return
    makers = [maker.username for maker in get_learners([plan.actor_id] if plan.actor_id else [])]
    effects = plan.effects or {}
    context: PlanContext = {
        "full_name": "",
        "site": settings.PUBLIC_URL,
        "link": plan_page(plan_id),
        "plan_name": plan.name or str(plan.id),
        "about": _title(plan),
        "maker": "".join(makers),
        "expires": plan.expires.isoformat(),
        "add": effects.get(Effect.ADD, 0),
        "change": effects.get(Effect.CHANGE, 0),
        "remove": effects.get(Effect.REMOVE, 0),
        "rejected": effects.get(Effect.REJECTED, 0),
    }
    notices = [
        Notice(
            PLAN_HELD,
            one.email,
            one.language,
            PlanContext(**{**context, "full_name": one.full_name}),
            course_id=plan.course_id,
            program_id=plan.program_id,
        )
        for one in people
    ]
    queue_notices(uuid.uuid5(plan_id, plan.fingerprint or ""), notices)


def plan_page(plan_id: uuid.UUID) -> str:
    """Return the address of the page on which a plan is reviewed."""
    return f"{settings.PUBLIC_URL}/plans/{plan_id}/"


def _title(plan: PlanStatus) -> str:
    if plan.course_id is not None:
        return get_courses([plan.course_id])[plan.course_id].title
    return get_program(plan.program_id).title if plan.program_id is not None else ""
