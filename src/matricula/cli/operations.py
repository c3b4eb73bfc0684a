"""``matricula operations`` and ``matricula undo``: what was done, and taking it back."""

import uuid
from typing import Annotated

import typer

from matricula.cli.named import course_id_of, program_id_of, time_of, words_of
from matricula.cli.planned import account_of, apply_now, finish_made, show_made
from matricula.cli.printing import print_operations
from matricula.cli.service import Data, database, fail


def operations(
    data: Data = None,
    course: Annotated[str | None, typer.Option(help="Only this course run.", show_default=False)] = None,
    program: Annotated[str | None, typer.Option(help="Only this program.", show_default=False)] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only operations of this user.", show_default=False)] = None,
    source: Annotated[str | None, typer.Option(help="Only from this source.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option(help="Only from this time on, with offset.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(help="Only before this time, with offset.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one line for each operation.")] = False,
) -> None:
    """The latest operations: id, what each was, who did it, how many changes it made, which operation undid it."""
    with database(data):
        from matricula.journal.operations import list_operations
        from matricula.journal.statuses import Source

        found = list_operations(
            limit=limit,
            course_id=course_id_of(course) if course else None,
            program_id=program_id_of(program) if program else None,
            actor=by,
            source=words_of(Source, [source], "source")[0] if source else None,
            since=time_of(since, "--since"),
            until=time_of(until, "--until"),
        )
        print_operations(found, as_json=as_json)


def undo(
    operation_id: Annotated[uuid.UUID, typer.Argument(metavar="OPERATION")],
    reason: Annotated[str, typer.Option("--reason", help="Kept in the audit log.")],
    apply: Annotated[bool, typer.Option("--apply", help="Also apply the plan, unless it is held.")] = False,
    change: Annotated[
        list[int] | None, typer.Option("--change", help="Only the change with this id; can be repeated.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="The username to show as actor in the audit log.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Plan to take an operation back; what was changed since stays. With --apply, do it."""
    with database(data):
        from matricula.batches.planning import make_undo
        from matricula.batches.plans.statuses import APPLICABLE
        from matricula.journal.operations import find_operation, list_undone
        from matricula.journal.statuses import COMMAND

        operation = find_operation(operation_id)
        if operation is None:
            raise fail(f"there is no operation {operation_id}. See `matricula operations`.", 1)
        done = [other.id for other in list_undone([operation_id]).get(operation_id, ()) if other.counts]
        if done:
            raise fail(f"this operation was undone already, by operation {done[0]}.", 1)
        actor_id = account_of(by)
        plan_id = make_undo(
            operation,
            set(change) if change else None,
            reason=reason,
            name=f"Undo of {operation_id}",
            actor_id=actor_id,
            source=COMMAND,
        )
        plan = finish_made(plan_id)
        if not apply or plan.state not in APPLICABLE:
            show_made(plan, as_json=as_json)
        else:
            apply_now(plan, by=actor_id, reason=reason, as_json=as_json)
