"""Keeping the counts of rosters small and their blocks short (docs/decisions/0013).

Triggers add a row to ``matricula_rostercount`` for whatever a statement changed. Reading sums the rows, so the count is
exact whether or not this ran; this keeps reading fast. Run by the worker every few seconds, and after bulk.
"""

from typing import Any

from django.db import OperationalError, connection

from matricula.foundation.transactions import one_transaction

BLOCK = 4_000
"""Seats in a new block; a block is split once it has twice as many."""
# writers of the course run wait while so many blocks are counted: some tens of milliseconds
_SPLIT_AT_ONCE = 5
_PATIENCE = "200ms"
STRIPES = 256
BLOCK_OF_SEAT = """
coalesce((
    select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
    order by b.start desc limit 1
), '')
"""
"""The block of a seat ``e``, in SQL."""
BLOCK_LOCKS = 7304

_FOLD = """
with several as (
    select course_id, block, is_active, mode from matricula_rostercount group by 1, 2, 3, 4
    having count(*) > 1 or sum(seats) = 0
),
taken as (
    delete from matricula_rostercount where id in (
        select c.id from matricula_rostercount c join several using (course_id, block, is_active, mode)
        for update of c skip locked
    ) returning course_id, block, is_active, mode, seats
)
insert into matricula_rostercount (course_id, block, is_active, mode, seats)
select course_id, block, is_active, mode, sum(seats) from taken group by 1, 2, 3, 4 having sum(seats) <> 0
"""
_LONG = """
select c.course_id, c.block, (
    select min(b.start) from matricula_rosterblock b where b.course_id = c.course_id and b.start > c.block
) from matricula_rostercount c group by 1, 2 having sum(c.seats) > %s order by 1, 2
"""
# named "end" only where there is one: an "or" would keep the index from being searched from both sides
_RANGE = """
from matricula_courseenrollment e
where e.course_id = %(course)s and e.is_active in (true, false) and e.username_key >= %(first)s
"""
_BEFORE_END = " and e.username_key < %(end)s"
_STARTS = """
select username_key from (
    select e.username_key, row_number() over (order by e.username_key) as place {range}
) numbered where place %% %(size)s = 1 and place > 1 order by 1
"""
_IS_STILL_SO = """
select min(start) is not distinct from %(end)s from matricula_rosterblock
where course_id = %(course)s and start > %(block)s
"""
_SPLIT = """
with moved as (
    select (%(starts)s::text[])[width_bucket(e.username_key, %(starts)s::text[])] as block, e.is_active, e.mode,
        count(*) as seats {range} group by 1, 2, 3
),
marked as (
    insert into matricula_rosterblock (course_id, start) select %(course)s, s from unnest(%(starts)s::text[]) s
)
insert into matricula_rostercount (course_id, block, is_active, mode, seats)
select %(course)s, block, is_active, mode, seats from moved
union all
select %(course)s, %(block)s, is_active, mode, -sum(seats) from moved group by is_active, mode
"""


def compact_roster_counts() -> None:
    """Splits what has grown, and adds up what was counted since the last time."""
    split_roster_blocks()
    fold_roster_counts()


def fold_roster_counts() -> None:
    """Adds up rows that count the same thing. No writer waits for it, and two at once do no harm."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)


def split_roster_blocks(size: int = BLOCK) -> int:
    """Splits blocks that have grown to more than twice ``size``; how many were made.

    Leaves a course run for the next time if its writers leave no gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LONG, [2 * size])
        long = cursor.fetchall()
    return sum(_split(course_id, block, end, size) for course_id, block, end in long)


def _split(course_id: int, block: str, end: str | None, size: int) -> int:
    place: dict[str, Any] = {"course": course_id, "block": block, "end": end}
    with connection.cursor() as cursor:
        # only a proposal: how many seats a block really gets is counted under the lock
        cursor.execute(_on_range(_STARTS, end), {**place, "first": block, "size": size})
        starts = [start for (start,) in cursor.fetchall()]
    made = 0
    # from the last to the first, so that what is left is always the block from its start on
    while starts:
        starts, part = starts[:-_SPLIT_AT_ONCE], starts[-_SPLIT_AT_ONCE:]
        try:
            if not _split_off({**place, "starts": part, "first": part[0]}):
                return made
        except OperationalError:
            return made
        made += len(part)
        place["end"] = part[0]
    return made


def _split_off(place: dict[str, Any]) -> bool:
    """Makes blocks of what is in the block from ``first`` on; False if someone else has split it meanwhile.

    Errors: ``OperationalError`` where the writers of the course run leave no gap; nothing was done.
    """
    with one_transaction(), connection.cursor() as cursor:
        # shorter than PostgreSQL takes to look for deadlocks: who waits behind us waits no longer than this
        cursor.execute(f"set local lock_timeout = '{_PATIENCE}'")
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [BLOCK_LOCKS, place["course"] % STRIPES])
        cursor.execute(_IS_STILL_SO, place)
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(_on_range(_SPLIT, place["end"]), place)
    return True


def _on_range(query: str, end: str | None) -> str:
    return query.format(range=_RANGE + (_BEFORE_END if end is not None else ""))
