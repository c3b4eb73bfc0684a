"""What the page of a plan asks for: rows left out, approval, applying, canceling."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matricula.access.reads import Caller
from matricula.batches.planning import (
    OwnPlan,
    PlanConflict,
    PlanIsStale,
    UnknownRows,
    apply_plan,
    cancel_plan,
    exclude_rows,
    review_plan,
)
from matricula.batches.plans.reads import PlanStatus, find_plan
from matricula.batches.plans.statuses import OPEN, Decision, OnStale, PlanState, RowState
from matricula.batches.rights import features_of_plan, may_cancel, parts_of_plan
from matricula.batches.values import Effect
from matricula.console import inputs
from matricula.console.inputs import reason_of
from matricula.console.pages import acting_about, signed_in
from matricula.console.plans.pages import Stale, may_write, plan_of, show_plan
from matricula.console.plans.words import conflict_text
from matricula.jobs.canceling import CancelRejected, cancel_job
from matricula.jobs.writes import WriteUnfinished
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import Operation, new_operation

_DECISIONS = (Decision.APPROVED, Decision.REJECTED)
ALL = "all"


def _writable(caller: Caller, plan_id: uuid.UUID) -> PlanStatus:
    """The plan, for those who may write where it writes."""
    found = plan_of(caller, plan_id)
    if not may_write(caller, found):
        raise PermissionDenied
    return found


def _acting(request: HttpRequest, caller: Caller, plan: PlanStatus) -> AbstractContextManager[None]:
    return acting_about(request, caller, parts_of_plan(plan), features_of_plan(plan))


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Does what was asked for; False where it couldn't be done, and the page says why."""
    try:
        act()
    except PlanConflict as conflict:
        messages.error(request, conflict_text(conflict))
    except OwnPlan:
        messages.error(request, _("You made this plan, so someone else has to approve it."))
    except UnknownRows:
        messages.error(request, _("This plan doesn't have these rows. Reload the page and try again."))
    except WriteUnfinished:
        messages.error(request, _("Another upload to this program is still running. Wait until it has ended."))
    else:
        return True
    return False


@require_POST
@signed_in
def choose(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """Leaves rows out, or takes them in again: those whose boxes were changed, or all with one outcome."""
    plan = _writable(caller, plan_id)
    everything = [*(effect.value for effect in Effect), ALL]
    leave_out, take_in = (inputs.choice(request.POST, name, everything) for name in ("leave_out", "take_in"))
    with _acting(request, caller, plan):
        if leave_out or take_in:
            effects = [*Effect] if ALL in {leave_out, take_in} else [Effect(leave_out or take_in)]
            _done(request, partial(exclude_rows, plan_id, (), effects, excluded=bool(leave_out)))
        else:
            shown, taken, were_out = (inputs.numbers(request.POST, name) for name in ("shown", "row", "out"))
            for rows, excluded in ((shown - taken - were_out, True), (shown & taken & were_out, False)):
                if rows and not _done(request, partial(exclude_rows, plan_id, sorted(rows), (), excluded=excluded)):
                    break
    return redirect(f"{reverse('plan', args=[plan_id])}{_filter(request)}#rows")


def _filter(request: HttpRequest) -> str:
    """The filter and the page of rows that the form was on."""
    given = {
        "outcome": inputs.choice(request.POST, "outcome", [*Effect]),
        "state": inputs.choice(request.POST, "state", [*RowState]),
        "page": "".join(map(str, sorted(inputs.numbers(request.POST, "page"))[:1])),
    }
    kept = urlencode({name: value for name, value in given.items() if value})
    return f"?{kept}" if kept else ""


@require_POST
@signed_in
def review(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """Approves or rejects a plan that is held."""
    plan = _writable(caller, plan_id)
    decision = inputs.choice(request.POST, "decision", _DECISIONS)
    note = reason_of(request, "note")
    if not decision:
        messages.error(request, _("Choose whether to approve or to reject the plan."))
    elif decision == Decision.REJECTED and not note:
        messages.error(request, _("Enter a note that says why you reject the plan. Its maker sees it."))
    else:
        with _acting(request, caller, plan):
            decide = partial(
                review_plan,
                plan_id,
                caller.account_id,
                Decision(decision),
                fingerprint=inputs.word(request.POST, "fingerprint"),
                note=note or None,
                operation=_operation(caller, plan, note),
            )
            if _done(request, decide):
                _tell(request, plan_id, Decision(decision))
    return redirect("plan", plan_id=plan_id)


def _tell(request: HttpRequest, plan_id: uuid.UUID, decision: Decision) -> None:
    now = find_plan(plan_id)
    if now is not None and now.applied_by:
        # of an upload
        messages.info(request, _("You approved the plan. The upload is being applied now."))
    elif decision is Decision.APPROVED:
        messages.info(request, _("You approved the plan. Nothing has changed yet: it still has to be applied."))
    else:
        messages.info(request, _("You rejected the plan. It can no longer be applied."))


@require_POST
@signed_in
def apply(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """Writes the rows of a plan; rows that changed since are shown first, with the choice to leave them out."""
    plan, reason = _writable(caller, plan_id), reason_of(request)
    if not reason:
        messages.error(request, _("Enter a reason. It is kept in the history of each person."))
        return redirect("plan", plan_id=plan_id)
    skip = inputs.word(request.POST, "on_stale") == OnStale.SKIP
    try:
        with _acting(request, caller, plan):
            write = partial(
                apply_plan,
                plan_id,
                actor_id=caller.account_id,
                source=CONSOLE,
                fingerprint=inputs.word(request.POST, "fingerprint"),
                reason=reason,
                on_stale=OnStale.SKIP if skip else OnStale.REFUSE,
                email_student=inputs.is_given(request.POST, "email_student"),
            )
            _done(request, write)
    except PlanIsStale as stale:
        return show_plan(request, caller, plan, stale=Stale(stale.count, tuple(stale.places), reason))
    return redirect("plan", plan_id=plan_id)


@require_POST
@signed_in
def cancel(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """Ends a plan before it is applied, or the job that prepares or applies it: what is written stays."""
    plan = _writable(caller, plan_id)
    with _acting(request, caller, plan):
        if plan.state in OPEN:
            if _done(request, partial(cancel_plan, plan_id, _operation(caller, plan))):
                messages.info(request, _("The plan was canceled. Nothing was changed."))
        elif plan.state in {PlanState.PLANNING, PlanState.APPLYING}:
            _cancel_job(request, caller, plan)
        else:
            messages.error(request, conflict_text(PlanConflict(plan.state)))
    return redirect("plan", plan_id=plan_id)


def _cancel_job(request: HttpRequest, caller: Caller, plan: PlanStatus) -> None:
    may = partial(may_cancel, caller.account_id)
    try:
        canceled = cancel_job(plan.applied_by or plan.id, _operation(caller, plan), may=may)
    except CancelRejected:
        raise PermissionDenied from None
    if canceled:
        messages.info(request, _("The job was canceled. Changes made before that were kept."))
    else:
        messages.warning(request, _("This job has already ended."))


def _operation(caller: Caller, plan: PlanStatus, reason: str | None = None) -> Operation:
    return new_operation(
        caller.account_id, CONSOLE, reason or None, course_id=plan.course_id, program_id=plan.program_id
    )
