"""What commands do with plans: find one, wait until it is made, apply it; and with which exit status they end."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from matricula.cli.printing import print_plan
from matricula.cli.service import fail, note

if TYPE_CHECKING:
    from rich.progress import Progress

    from matricula.batches.planning import PlanConflict
    from matricula.batches.plans.reads import PlanStatus

# exit statuses beside 0 (done), 1 (not done) and 2 (wrong arguments or settings)
WAITS_FOR_APPROVAL = 3
HAS_STALE_ROWS = 4

_WHY = {
    "planning": "it is still being made. Wait until it is ready.",
    "ready": "it needs no approval. Apply it with `matricula plan apply`.",
    "held": "it waits for approval. See `matricula plan show`.",
    "approved": "it is approved. Apply it with `matricula plan apply`.",
    "rejected": "it was rejected. Make a new plan.",
    "applying": "it is being applied.",
    "applied": "it was applied already.",
    "canceled": "it was canceled. Make a new plan.",
    "expired": "it has expired. Make a new plan.",
    "failed": "it failed because of an internal error. Make a new plan.",
}


def account_of(by: str | None) -> int | None:
    """The id of the account that ``--by`` names. Ends the command if there is none."""
    from matricula.foundation.folding import fold
    from matricula.learners.reads import account_ids_by_username

    if by is None:
        return None
    found = account_ids_by_username([fold(by)])
    if not found:
        raise fail(f"there is no account {by}. Choose another one with --by.", 1)
    return found[fold(by)]


def plan_of(plan_id: uuid.UUID) -> "PlanStatus":
    """The plan. Ends the command if there is none."""
    from matricula.batches.plans.reads import find_plan

    plan = find_plan(plan_id)
    if plan is None:
        raise fail(f"there is no plan {plan_id}. See `matricula plan list`.", 1)
    return plan


def finish_made(plan_id: uuid.UUID) -> "PlanStatus":
    """Looks at what is left of a new plan; the plan."""
    _carry_out(plan_id, "planning")
    return plan_of(plan_id)


def show_made(plan: "PlanStatus", *, as_json: bool) -> None:
    """Prints a new plan. Ends the command if the plan is held, or failed."""
    from matricula.batches.plans.statuses import APPLICABLE, PlanState

    print_plan(plan, as_json=as_json)
    if plan.state is PlanState.HELD:
        note(f"This plan exceeds a limit and waits for approval: matricula plan approve {plan.id} --by USERNAME")
        raise typer.Exit(WAITS_FOR_APPROVAL)
    if plan.state not in APPLICABLE:
        raise fail(f"the plan can't be applied: {_WHY[plan.state]}", 1)


@contextmanager
def explained() -> Iterator[None]:
    """Ends the command with the reason where a plan is not in a state for what is asked."""
    from matricula.batches.planning import OwnPlan, PlanConflict, PlanIsStale
    from matricula.jobs.writes import WriteUnfinished

    try:
        yield
    except PlanConflict as conflict:
        raise fail(_conflict(conflict), _status(conflict)) from None
    except OwnPlan:
        raise fail("who made a plan can't approve it. Choose another account with --by.", 1) from None
    except PlanIsStale as stale:
        rows = "1 row has" if stale.count == 1 else f"{stale.count} rows have"
        first = ", ".join(map(str, stale.places))
        raise fail(
            f"{rows} changed since the plan was made, and nothing was applied (places: {first}). Make a new plan, or "
            "leave these rows out with --skip-stale.",
            HAS_STALE_ROWS,
        ) from None
    except WriteUnfinished:
        raise fail("another job is still writing enrollments of this program. Wait until it has ended.", 1) from None


def _conflict(conflict: "PlanConflict") -> str:
    if conflict.reviewed:
        return "this account has reviewed the plan already."
    if conflict.whole:
        return "a merge is applied as a whole. Make a new plan with a choice for each row that needs one."
    if conflict.seen:
        return "the plan is no longer as it was seen: its fingerprint differs. See `matricula plan show`."
    return f"nothing was done about the plan: {_WHY[conflict.state]}"


def _status(conflict: "PlanConflict") -> int:
    from matricula.batches.plans.statuses import PlanState

    is_held = conflict.state is PlanState.HELD and not conflict.seen and not conflict.reviewed
    return WAITS_FOR_APPROVAL if is_held else 1


def apply_now(
    plan: "PlanStatus",
    *,
    by: int | None,
    reason: str | None,
    fingerprint: str | None = None,
    skip_stale: bool = False,
    email_students: bool | None = None,
    as_json: bool,
) -> None:
    """Applies a plan and prints it. Ends the command where rows were not applied as planned."""
    from matricula.batches.planning import apply_plan
    from matricula.batches.plans.reads import find_result
    from matricula.batches.plans.statuses import OnStale, PlanState
    from matricula.journal.statuses import COMMAND

    with explained():
        job_id = apply_plan(
            plan.id,
            actor_id=by,
            source=COMMAND,
            fingerprint=fingerprint or plan.fingerprint or "",
            reason=reason,
            on_stale=OnStale.SKIP if skip_stale else OnStale.REFUSE,
            email_student=email_students,
        )
    _carry_out(job_id, "applying")
    plan = plan_of(plan.id)
    print_plan(plan, as_json=as_json)
    if plan.state is not PlanState.APPLIED:
        raise fail(f"the plan was not applied to its end: it is {plan.state}. Rows applied before that were kept.", 1)
    result = find_result(plan) or {}
    if result.get("stale") and not skip_stale:
        raise typer.Exit(HAS_STALE_ROWS)


def _carry_out(job_id: uuid.UUID, doing: str) -> None:
    """Does what is left of a job, beside a worker that may take part."""
    from matricula.batches.runs import run_here
    from matricula.foundation.files import StorageFailed
    from matricula.jobs.reads import get_job
    from matricula.jobs.statuses import UNFINISHED

    job = get_job(job_id)
    if job.state not in UNFINISHED:
        return
    with progress_bar() as bar:
        task = bar.add_task(doing, total=max(1, job.total), completed=job.done)
        try:
            run_here(job_id, lambda done: bar.update(task, completed=done))
        except StorageFailed as failed:
            raise fail(f"the rows were written, but the file storage rejected the result file: {failed}", 1) from None


def progress_bar() -> "Progress":
    """How far a command is, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=console
    )
