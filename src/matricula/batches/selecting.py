"""Plans about all who fit a filter: it is read when the plan is made, and its rows never leave the database."""

import uuid
from collections.abc import Callable
from typing import Any

from matricula.batches import values
from matricula.batches.planning import EmptyPlan, add_plan
from matricula.batches.plans.statuses import Scope
from matricula.batches.runs import add_check, run_few
from matricula.batches.stored import VERSION, AnyKind, form_of
from matricula.batches.values import Options
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.journal.statuses import Source

_DROP = "drop table if exists pg_temp.selected"
_CREATE = """
create temporary table selected (n bigint generated always as identity, key text not null) on commit drop
"""
_STORE = """
with stored as (
    insert into matricula_jobchunk (job_id, number, version, keys, asks, numbers)
    select %(job)s, (n - 1) / %(size)s + 1, %(version)s, array_agg(key order by n), array_agg(%(ask)s::text),
        array[min(n)]
    from selected group by 2
    returning cardinality(keys) as rows
)
select coalesce(sum(rows), 0) from stored
"""


def make_plan_of_selected(
    kind: AnyKind,
    about: CourseRun | ProgramFacts,
    select: Callable[[], None],
    ask: Any,
    options: Options,
    *,
    actor_id: int | None,
    source: Source,
) -> uuid.UUID:
    """As ``make_plan``: ``ask``, a row of the kind that names no one, is asked for each whom ``select`` adds to the
    temporary table ``selected``. The number of statements doesn't grow with the rows.

    ``options.selected`` says by which filter. Errors, and nothing is stored: ``TooManyJobs``, ``EmptyPlan``.
    """
    text = form_of(kind).text(ask)
    with one_transaction():
        job_id = add_check(
            kind,
            about,
            lambda job_id: (_keep(job_id, select, text), options),
            actor_id=actor_id,
            source=source,
        )
        add_plan(job_id, Scope.ROWS, "")
    run_few(job_id)
    return job_id


def _keep(job_id: uuid.UUID, select: Callable[[], None], ask: str) -> int:
    execute(_DROP, [])
    execute(_CREATE, [])
    select()
    [(rows,)] = fetch_all(_STORE, {"job": job_id, "size": values.CHUNK, "version": VERSION, "ask": ask})
    execute(_DROP, [])
    if not rows:
        raise EmptyPlan
    return int(rows)
