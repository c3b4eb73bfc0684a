"""``matricula merge``: two accounts of one person become one."""

from typing import Annotated

import typer

from matricula.cli.planned import account_of, apply_now, finish_made, show_made
from matricula.cli.printing import print_rows
from matricula.cli.service import Data, database, fail


def merge(
    kept: Annotated[str, typer.Argument(metavar="KEPT", help="Username or email address of the account to keep.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The account to merge into it.")],
    apply: Annotated[bool, typer.Option("--apply", help="Also apply the plan, unless it is held.")] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", help="ROW=kept or ROW=other, for a row that needs a choice; can be repeated."),
    ] = None,
    prefer: Annotated[
        str | None, typer.Option("--prefer", help="kept or other: for all rows that need a choice.", show_default=False)
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the audit log.", show_default=False)] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="The username to show as actor in the audit log.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the plan, then a line for each row.")] = False,
) -> None:
    """Plan to merge two accounts of one person: what OTHER has moves to KEPT, and OTHER ends. With --apply, do it."""
    with database(data):
        from matricula.batches.kinds import MERGE
        from matricula.batches.merging.asking import MergeRejected, ask_merge
        from matricula.batches.merging.values import Choice
        from matricula.batches.planning import make_plan
        from matricula.batches.plans.reads import list_plan_rows
        from matricula.batches.plans.statuses import APPLICABLE
        from matricula.batches.runs import given_rows
        from matricula.cli.named import words_of
        from matricula.journal.statuses import COMMAND

        kept_id, other_id, actor_id = _account_named(kept), _account_named(other), account_of(by)
        chosen = dict(one.rpartition("=")[::2] for one in choose or ())
        try:
            rows, options = ask_merge(
                kept_id,
                other_id,
                choices=dict(zip(chosen, words_of(Choice, [*chosen.values()], "choice"), strict=True)),
                prefer=words_of(Choice, [prefer], "choice")[0] if prefer else None,
                reason=reason,
                actor_id=actor_id,
            )
        except MergeRejected as rejected:
            raise fail(str(rejected), 1) from None
        name = f"{other} into {kept}"
        given = given_rows(rows, options)
        plan = finish_made(make_plan(MERGE, None, given, name=name, actor_id=actor_id, source=COMMAND))
        if apply and plan.state in APPLICABLE:
            apply_now(plan, by=actor_id, reason=reason, as_json=as_json)
            return
        print_rows(list_plan_rows(plan), as_json=as_json)
        show_made(plan, as_json=as_json)


def _account_named(identifier: str) -> int:
    from matricula.learners.reads import find_by_name

    found = find_by_name(identifier)
    if found is None:
        raise fail(f"there is no single account with the username or email address {identifier}.", 1)
    return found
