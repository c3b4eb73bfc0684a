"""Plans and their rows as files: the columns of the pages, with the words of the record."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from matricula.access.reads import Caller
from matricula.batches.plans.reads import PlanRow, PlanStatus
from matricula.console.plans.shown import ShownPlan, ShownRow, shown_plans, shown_rows
from matricula.listings.exports import time_cell
from matricula.tabular.exports import Export, export_rows, walk

_AT_ONCE = 500
_PLANS = ("plan_id", "name", "kind", "state", "made_by", "course", "program", "created", "rows", "changes")
_ROWS = (
    "row", "who", "username", "email", "full_name", "before", "after", "outcome", "state", "rejected_because",
)  # fmt: skip


def export_plans(listed: Callable[..., list[PlanStatus]]) -> Export:
    """The plans that ``listed`` gives, the latest first."""

    def read(last: ShownPlan | None) -> list[ShownPlan]:
        return shown_plans(listed(limit=_AT_ONCE, before=last.plan.id if last else None))

    return export_rows(_PLANS, map(_plan, walk(read)), numbers=_PLANS[-2:])


def _plan(one: ShownPlan) -> Sequence[object]:
    plan = one.plan
    return (
        plan.id,
        plan.name,
        plan.kind.value,
        plan.state.value,
        one.actor,
        one.course.key if one.course else "",
        one.program.key if one.program else "",
        time_cell(plan.created),
        plan.total,
        one.changes,
    )


def export_plan_rows(shown: ShownPlan, rows: Iterator[PlanRow], caller: Caller) -> Export:
    """Rows of a plan with whom they name, as far as the reader may see that."""

    def read(_last: ShownRow | None) -> list[ShownRow]:
        return shown_rows(shown, [*islice(rows, _AT_ONCE)], caller)

    return export_rows(_ROWS, map(_row, walk(read)), numbers=_ROWS[:1])


def _row(one: ShownRow) -> Sequence[object]:
    learner, row = one.learner, one.row
    named = (learner.username, learner.email, learner.full_name) if learner else ("", "", "")
    return (
        one.number,
        one.who,
        *named,
        one.before,
        one.after,
        row.effect.value,
        row.state.value,
        row.described.rejection,
    )
