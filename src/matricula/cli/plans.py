"""``matricula plan``: what waits to be applied, what its rows would do; approving, rejecting, applying, canceling."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.disclosing import Reason, recipient
from matricula.cli.group import group
from matricula.cli.planned import account_of, apply_now, explained, plan_of
from matricula.cli.printing import print_plan, print_plans, print_rows
from matricula.cli.service import Data, database, fail

app = group("List, review, apply and cancel plans.")

Id = Annotated[uuid.UUID, typer.Argument(metavar="ID")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one line for each plan or row.")]
By = Annotated[
    str | None, typer.Option("--by", help="The username to show as actor in the audit log.", show_default=False)
]
Reviewer = Annotated[str, typer.Option("--by", help="The username of who reviews the plan: not the one who made it.")]
Note = Annotated[str | None, typer.Option("--note", help="A note for others to read.", show_default=False)]
Fingerprint = Annotated[
    str | None,
    typer.Option("--fingerprint", help="Only if the plan still has this fingerprint.", show_default=False),
]


@app.command("list")
def list_them(
    data: Data = None,
    state: Annotated[list[str] | None, typer.Option(help="Only plans in this state; can be repeated.")] = None,
    course: Annotated[str | None, typer.Option(help="Only this course run.", show_default=False)] = None,
    program: Annotated[str | None, typer.Option(help="Only this program.", show_default=False)] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only plans of this user.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """The latest plans: id, state, what they are about, who made them, how many rows would do what."""
    with database(data):
        from matricula.batches.plans.reads import list_plans
        from matricula.batches.plans.statuses import PlanState
        from matricula.cli.named import course_id_of, program_id_of, words_of

        found = list_plans(
            limit=limit,
            states=words_of(PlanState, state, "state") if state else None,
            course_id=course_id_of(course) if course else None,
            program_id=program_id_of(program) if program else None,
            actor_id=account_of(by),
        )
        print_plans(found, as_json=as_json)


@app.command("show")
def show(plan_id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """One plan: its numbers, its limits, its reviews, its fingerprint."""
    with database(data):
        print_plan(plan_of(plan_id), as_json=as_json)


@app.command("rows")
def rows(
    plan_id: Id,
    data: Data = None,
    outcome: Annotated[list[str] | None, typer.Option(help="Only rows with this outcome; can be repeated.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only rows in this state; can be repeated.")] = None,
    after: Annotated[int, typer.Option(help="Only rows behind this place.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="At most so many; 0: all.", min=0)] = 100,
    as_json: AsJson = False,
    reason: Reason = None,
) -> None:
    """The rows of a plan: whom each names, what it would do, from which state to which, and what became of it."""
    with database(data):
        from itertools import islice

        from matricula.batches.plans.reads import list_plan_rows
        from matricula.batches.plans.statuses import RowState
        from matricula.batches.values import Effect
        from matricula.cli.named import words_of
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents, disclosing
        from matricula.foundation.database import Tally
        from matricula.tabular.exports import counted

        plan = plan_of(plan_id)
        found = list_plan_rows(
            plan,
            after=after,
            effects=words_of(Effect, outcome, "outcome") if outcome else None,
            states=words_of(RowState, state, "state") if state else None,
        )
        counts = Tally()
        contents = Contents(DisclosureKind.PLAN_ROWS, plan.course_id, plan.program_id, plan.id)
        with disclosing(contents, recipient(reason), counts):
            print_rows(counted(islice(found, limit or None), counts), as_json=as_json)


@app.command("approve")
def approve(
    plan_id: Id,
    by: Reviewer,
    note: Note = None,
    fingerprint: Fingerprint = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Approve a plan that is held. Nothing is written until it is applied."""
    _review(plan_id, by, note, fingerprint, data, approves=True, as_json=as_json)


@app.command("reject")
def reject(
    plan_id: Id,
    by: Reviewer,
    note: Note = None,
    fingerprint: Fingerprint = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Reject a plan that is held, for good."""
    _review(plan_id, by, note, fingerprint, data, approves=False, as_json=as_json)


def _review(
    plan_id: uuid.UUID,
    by: str,
    note: str | None,
    fingerprint: str | None,
    data: Path | None,
    *,
    approves: bool,
    as_json: bool,
) -> None:
    with database(data):
        from matricula.batches.planning import review_plan
        from matricula.batches.plans.statuses import Decision
        from matricula.batches.rights import may_write_about
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        plan, account_id = plan_of(plan_id), account_of(by)
        if account_id is None or not may_write_about(account_id, plan.course_id, plan.program_id):
            raise fail(f"{by} may not write the enrollments of this plan, and so can't review it.", 1)
        with explained():
            review_plan(
                plan_id,
                account_id,
                Decision.APPROVED if approves else Decision.REJECTED,
                fingerprint=fingerprint or plan.fingerprint or "",
                note=note,
                operation=new_operation(account_id, COMMAND, note),
            )
        print_plan(plan_of(plan_id), as_json=as_json)


@app.command("apply")
def apply(
    plan_id: Id,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the audit log.", show_default=False)] = None,
    by: By = None,
    skip_stale: Annotated[
        bool, typer.Option("--skip-stale", help="Leave out rows that changed since the plan was made.")
    ] = False,
    email_students: Annotated[
        bool | None, typer.Option("--email-students/--no-email-students", help="Notify learners by email.")
    ] = None,
    fingerprint: Fingerprint = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write what a plan shows, and nothing else."""
    with database(data):
        apply_now(
            plan_of(plan_id),
            by=account_of(by),
            reason=reason,
            fingerprint=fingerprint,
            skip_stale=skip_stale,
            email_students=email_students,
            as_json=as_json,
        )


@app.command("cancel")
def cancel(plan_id: Id, by: By = None, data: Data = None, as_json: AsJson = False) -> None:
    """End a plan before it is applied, or while it is: rows that are written stay, the rest is left out."""
    with database(data):
        from matricula.batches.planning import cancel_plan
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        plan_of(plan_id)
        with explained():
            cancel_plan(plan_id, new_operation(account_of(by), COMMAND))
        print_plan(plan_of(plan_id), as_json=as_json)
