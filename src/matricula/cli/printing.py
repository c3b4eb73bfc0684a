"""Plans, their rows and operations as commands print them: tables for people, JSON for scripts."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from matricula.batches.plans.limits import Limit
    from matricula.batches.plans.reads import PlanRow, PlanStatus
    from matricula.journal.operations import OperationFacts

_EFFECTS = {
    "add": "to add",
    "change": "to change",
    "remove": "to remove",
    "unchanged": "unchanged",
    "refused": "rejected",
}
_LIMITS = {"removals": "removals", "changes": "changes", "refused": "rejected rows"}


def print_json(value: object) -> None:
    """Prints one line that a script can read."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_cells(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table of any texts."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*map(_cell, row))
    _print(table)


def print_plans(plans: "Collection[PlanStatus]", *, as_json: bool) -> None:
    """Prints the plans, one each line."""
    told = _plans_as_told(plans)
    if as_json:
        for one in told:
            print_json(one)
        return
    table = _table("plan", "state", "kind", "about", "name", "by", "created", "rows")
    for one in told:
        about = one["course"] or one["program"]
        table.add_row(
            *map(_cell, (one["plan_id"], one["state"], one["kind"], about, one["name"], one["created_by"])),
            _cell(_minute(one["created"])),
            _cell(_counts(one["counts"]) if one["counts"] else f"{one['progress']['current']} read"),
        )
    _print(table)


def print_plan(plan: "PlanStatus", *, as_json: bool) -> None:
    """Prints one plan with its numbers, its limits and its reviews."""
    from rich.table import Table

    [one] = _plans_as_told([plan])
    if as_json:
        print_json(one)
        return
    table = Table.grid(padding=(0, 2))
    for name, value in (
        ("plan", one["plan_id"]),
        ("state", one["state"]),
        ("kind", one["kind"]),
        ("about", one["course"] or one["program"]),
        ("name", one["name"]),
        ("made by", one["created_by"]),
        ("created", _minute(one["created"])),
        ("expires", _minute(one["expires"])),
        ("rows", _counts(one["counts"]) if one["counts"] else f"{plan.done} of {plan.total} read"),
        ("undo of", one["undo_of"]),
        ("operation", one["operation_id"]),
        ("result", _result(one["result"]) if one["result"] else None),
        ("fingerprint", one["fingerprint"]),
        ("error", one["error"]),
    ):
        if value:
            table.add_row(name, _cell(value))
    for limit in plan.limits:
        table.add_row("limit", _limit(limit))
    for review in one["reviews"]:
        note = f": {review['note']}" if review["note"] else ""
        table.add_row("review", _cell(f"{review['decision']} by {review['by']}, {_minute(review['at'])}{note}"))
    _print(table)


def _plans_as_told(plans: "Collection[PlanStatus]") -> list[dict[str, Any]]:
    from msgspec import to_builtins

    from matricula.batches.plans.reads import find_result, list_reviews
    from matricula.learners.reads import get_learners

    names = {person.id: person.username for person in get_learners({plan.actor_id for plan in plans if plan.actor_id})}
    keys = _keys((plan.course_id, plan.program_id) for plan in plans)
    reviews = list_reviews([plan.id for plan in plans])
    # what became of the rows is counted for one plan alone: it reads them all
    result = find_result(next(iter(plans))) if len(plans) == 1 else None
    return [
        {
            "plan_id": str(plan.id),
            "kind": plan.kind,
            "course": keys.get(("course", plan.course_id)),
            "program": keys.get(("program", plan.program_id)),
            "name": plan.name,
            "scope": plan.scope,
            "state": plan.state,
            "created": _time(plan.created),
            "created_by": names.get(plan.actor_id or 0),
            "expires": _time(plan.expires),
            "progress": {"current": plan.done, "total": plan.total},
            "counts": plan.effects,
            "words": plan.words,
            "limits": to_builtins(plan.limits),
            "reviews": [
                {"by": review.by, "at": _time(review.at), "decision": review.decision, "note": review.note}
                for review in reviews.get(plan.id, ())
                if review.counts
            ],
            "fingerprint": plan.fingerprint,
            "undo_of": _id(plan.undo_of),
            "operation_id": _id(plan.applied_by),
            "result": result,
            "error": plan.error,
        }
        for plan in plans
    ]


def print_rows(rows: "Iterable[PlanRow]", *, as_json: bool) -> None:
    """Prints the rows of a plan, one each line."""
    if as_json:
        for row in rows:
            print_json(
                {
                    "row": row.described.number or row.place,
                    "place": row.place,
                    "key": row.described.who,
                    "outcome": row.effect,
                    "word": row.described.word,
                    "before": row.described.before,
                    "after": row.described.after,
                    "refusal": row.described.rejection or None,
                    "state": row.state,
                }
            )
        return
    table = _table("place", "row", "key", "outcome", "before", "after", "state", "rejected because")
    for row in rows:
        told = row.described
        cells = (row.place, told.number, told.who, row.effect, told.before, told.after, row.state, told.rejection)
        table.add_row(*map(_cell, cells))
    _print(table)


def print_operations(operations: "Collection[OperationFacts]", *, as_json: bool) -> None:
    """Prints operations, one each line."""
    from matricula.journal.operations import count_changes, list_undone

    ids = [operation.id for operation in operations]
    counts, undone = count_changes(ids), list_undone(ids)
    keys = _keys((operation.course_id, operation.program_id) for operation in operations)
    table = _table("operation", "kind", "source", "by", "at", "about", "changes", "undone by", "reason")
    for operation in operations:
        one: dict[str, Any] = {
            "operation_id": str(operation.id),
            "kind": operation.kind,
            "source": operation.source,
            "actor": operation.actor,
            "at": _time(operation.started),
            "ended": _time(operation.ended),
            "reason": operation.reason,
            "course": keys.get(("course", operation.course_id)),
            "program": keys.get(("program", operation.program_id)),
            "job_id": _id(operation.job_id),
            "file": operation.file,
            "counts": counts.get(operation.id, {}),
            "undo_of": _id(operation.reverts),
            "undone_by": [str(by.id) for by in undone.get(operation.id, ())],
        }
        if as_json:
            print_json(one)
            continue
        about, changes = one["course"] or one["program"], ", ".join(f"{n} {name}" for name, n in one["counts"].items())
        cells = (one["operation_id"], one["kind"], one["source"], one["actor"], _minute(one["at"]), about, changes)
        table.add_row(*map(_cell, (*cells, " ".join(one["undone_by"]), one["reason"])))
    if not as_json:
        _print(table)


def _keys(about: Iterable[tuple[int | None, int | None]]) -> dict[tuple[str, int | None], str]:
    """("course" or "program", id) → key."""
    from matricula.catalog.reads import keys_of

    pairs = list(about)
    courses, programs = keys_of((course_id for course_id, _ in pairs), (program_id for _, program_id in pairs))
    return {
        **{("course", id_): key for id_, key in courses.items()},
        **{("program", id_): key for id_, key in programs.items()},
    }


def _limit(limit: "Limit") -> "Text":
    from rich.text import Text

    text = (
        f"{_LIMITS.get(limit.name, limit.name)}: {limit.value.rows} {'row' if limit.value.rows == 1 else 'rows'} "
        f"({limit.value.percent:g} %); the limit is {limit.limit.rows} rows and {limit.limit.percent:g} %"
    )
    return Text(f"{text}: exceeded", style="bold red") if limit.exceeded else Text(text)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {_EFFECTS.get(name, name)}" for name, n in counts.items() if n) or "none"


def _result(result: Mapping[str, int]) -> str:
    words = {"stale": "changed since, not applied", "refused": "rejected"}
    return ", ".join(f"{n} {words.get(name, name)}" for name, n in result.items() if n) or "no rows"


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in {"plan", "operation"})
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    # made for each table: standard output may be another one by then
    Console(highlight=False).print(table)


def _cell(value: object) -> "Text":
    from rich.text import Text

    # names and reasons are anyone's words: no markup in them
    return Text("" if value is None else str(value))


def _id(id_: uuid.UUID | None) -> str | None:
    return None if id_ is None else str(id_)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _minute(at: str | None) -> str:
    return f"{at[:16].replace('T', ' ')} UTC" if at else ""
