"""Pages of a roster with their exact count, in a time that hardly depends on its size (docs/decisions/0013).

One statement a page. A roster, or one mode of it, is counted and entered by its blocks; what is searched for is found
by the people who fit, and beta testers by their role.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matricula.enrollments.course.counts import BLOCK_OF_SEAT
from matricula.enrollments.course.reads import INVITATION, SHOWN, EnrollmentRow
from matricula.foundation.database import pattern_of

# in a course run of fewer seats it takes less to look at each of them than to find everybody in the institution
_FEW_SEATS = 5_000


class UnknownCursor(Exception):
    """The cursor is none of this course's."""


@dataclass(frozen=True, slots=True)
class RosterFilter:
    """Which enrollments of a course run; ``is_active`` None: both."""

    is_active: bool | None = True
    search: str | None = None
    mode: str | None = None
    is_beta_tester: bool | None = None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Some rows of a roster, in order, and how many it has in all."""

    count: int
    rows: list[EnrollmentRow]


_LIST = f"""
with {{counted}}, page as materialized ({{page}})
select total.count, shown.* from total left join (
    {SHOWN}, e.username_key from page e join matricula_account a on a.id = e.account_id {INVITATION}
) shown on true order by shown.username_key
"""  # noqa: S608  the pieces are ours
_BEHIND_CURSOR = """
e.username_key > (select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s)
"""

_BY_BLOCKS = """
blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e where {counts} {left_out}
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
)
"""
_IN_BLOCK = "e.username_key >= (select block from entry)"
_SKIPPED = "(select skipped from entry)"

_BY_PEOPLE = """
found as materialized (select e.* from {people} where {conditions}),
total as (select count(*) as count from found)
"""
_FOUND_IN_ORDER = "select * from found e where {start} order by e.username_key limit %(limit)s offset {skipped}"
_TESTERS = "select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'"
_TESTERS_LEFT_OUT = f"""
union all
select {BLOCK_OF_SEAT}, -1 from matricula_courseenrollment e where {{counts}} and e.account_id in ({_TESTERS})
"""  # noqa: S608  the pieces are ours
# "offset 0" keeps the order: first the people, then the seat of each; joined as a whole, all seats would be read.
# "(select …)" hides the course run from the planner, whose statistics may be older than its seats.
_SEATS_OF_PEOPLE = """
({people} offset 0) p
cross join lateral (
    select * from matricula_courseenrollment
    where course_id = (select %(course)s::bigint) and account_id = p.account_id offset 0
) e
"""
_FITS = "search_text like '%%' || lower(%(search)s) || '%%'"
_SEARCHED = f"select id as account_id from matricula_account where {_FITS}"  # noqa: S608  the pieces are ours
_SEATS_FIRST = f"""
(select * from matricula_courseenrollment where course_id = %(course)s offset 0) e
join matricula_account a on a.id = e.account_id and a.{_FITS}
"""  # noqa: S608  the pieces are ours


def list_roster(
    course_id: int, wanted: RosterFilter, *, limit: int, offset: int = 0, after: int | None = None
) -> RosterPage:
    """One page of the roster, ordered by username: ``offset`` rows on, or behind the row with the id ``after``.

    Errors: ``UnknownCursor`` if ``after`` is no row of this course run.
    """
    parameters: dict[str, int | str | None] = {"course": course_id, "limit": limit, "offset": offset, "after": after}
    parameters |= {"mode": wanted.mode, "search": pattern_of(wanted.search or "")}
    walking = after is not None
    with connection.cursor() as cursor:
        if wanted.search:
            few = _count_seats(cursor, course_id) < _FEW_SEATS
            query = _by_people(wanted, _SEATS_FIRST if few else _SEATS_OF_PEOPLE.format(people=_SEARCHED), walking)
        elif wanted.is_beta_tester:
            query = _by_people(wanted, _SEATS_OF_PEOPLE.format(people=_TESTERS), walking)
        else:
            query = _by_blocks(wanted, walking)
        cursor.execute(query, parameters)
        found = cursor.fetchall()
        page = RosterPage(int(found[0][0]), [EnrollmentRow(*row) for _, *row, key in found if key is not None])
        if after is not None and not page.rows:
            _check_cursor(cursor, course_id, after)
    return page


def count_roster(course_id: int, wanted: RosterFilter) -> int:
    """How many enrollments of the course run fit."""
    return list_roster(course_id, wanted, limit=0).count


_SORTED = {
    "-username": "e.username_key desc",
    "created": "e.created, e.id",
    "-created": "e.created desc, e.id desc",
}
SORTS = ("username", *_SORTED)


def list_roster_sorted(course_id: int, wanted: RosterFilter, sort: str, *, limit: int, offset: int) -> RosterPage:
    """As ``list_roster``, in another order of ``SORTS``; the time grows with the course run."""
    if sort not in _SORTED:
        return list_roster(course_id, wanted, limit=limit, offset=offset)
    count = count_roster(course_id, wanted)
    conditions = _conditions(wanted)
    if wanted.is_beta_tester is not None:
        conditions += f" and e.account_id {'in' if wanted.is_beta_tester else 'not in'} ({_TESTERS})"
    if wanted.search:
        conditions += f" and e.account_id in ({_SEARCHED})"
    page = f"""
        select e.* from matricula_courseenrollment e where {conditions}
        order by {_SORTED[sort]} limit %(limit)s offset %(offset)s
    """  # noqa: S608  the pieces are ours
    query = f"""
        with e as materialized ({page}) {SHOWN} from e join matricula_account a on a.id = e.account_id {INVITATION}
        order by {_SORTED[sort]}
    """
    parameters = {"course": course_id, "mode": wanted.mode, "search": pattern_of(wanted.search or "")}
    with connection.cursor() as cursor:
        cursor.execute(query, {**parameters, "limit": limit, "offset": offset})
        return RosterPage(count, [EnrollmentRow(*row) for row in cursor.fetchall()])


def count_rosters(course_ids: Sequence[int]) -> dict[int, int]:
    """Course id → how many are enrolled, for those where anybody ever was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select course_id, sum(seats) from matricula_rostercount where course_id = any(%s) and is_active "
            "group by course_id",
            [list(course_ids)],
        )
        return {course_id: int(seats) for course_id, seats in cursor.fetchall()}


def _by_blocks(wanted: RosterFilter, walking: bool) -> str:
    counts = _conditions(wanted)
    seats, left_out = counts, ""
    if wanted.is_beta_tester is False:
        left_out = _TESTERS_LEFT_OUT.format(counts=counts)
        seats = f"{counts} and e.account_id not in ({_TESTERS})"
    if walking:
        start = _BEHIND_CURSOR
    else:
        # names alone are skipped within the index
        first = _in_order(wanted, "e.username_key", f"{seats} and {_IN_BLOCK}", 1, _SKIPPED)
        start = f"e.username_key >= ({first})"
    return _LIST.format(
        counted=_BY_BLOCKS.format(counts=counts, left_out=left_out),
        page=_in_order(wanted, "e.*", f"{seats} and {start}", "%(limit)s"),
    )


def _in_order(wanted: RosterFilter, columns: str, conditions: str, limit: object, skipped: str = "0") -> str:
    """Seats by username; both states are merged, for the index has each by itself in this order."""
    seats = f"select {columns} from matricula_courseenrollment e where {conditions}"  # noqa: S608  the pieces are ours
    order = "order by e.username_key limit"
    states = " union all ".join(f"({seats} and {s} {order} {limit} + {skipped})" for s in _states(wanted))
    return f"select * from ({states}) e {order} {limit} offset {skipped}"  # noqa: S608  the pieces are ours


def _by_people(wanted: RosterFilter, people: str, walking: bool) -> str:
    conditions = _conditions(wanted)
    if wanted.is_beta_tester is not None:
        conditions += f" and e.account_id {'in' if wanted.is_beta_tester else 'not in'} ({_TESTERS})"
    start, skipped = (_BEHIND_CURSOR, "0") if walking else ("true", "%(offset)s")
    return _LIST.format(
        counted=_BY_PEOPLE.format(people=people, conditions=conditions),
        page=_FOUND_IN_ORDER.format(start=start, skipped=skipped),
    )


def _states(wanted: RosterFilter) -> list[str]:
    states = {True: "e.is_active", False: "not e.is_active"}
    return list(states.values()) if wanted.is_active is None else [states[wanted.is_active]]


def _conditions(wanted: RosterFilter) -> str:
    """Of seats as of counts."""
    conditions = ["e.course_id = %(course)s"]
    if wanted.is_active is not None:
        conditions += _states(wanted)
    if wanted.mode is not None:
        conditions.append("e.mode = %(mode)s")
    return " and ".join(conditions)


def _count_seats(cursor: Any, course_id: int) -> int:
    cursor.execute("select coalesce(sum(seats), 0) from matricula_rostercount where course_id = %s", [course_id])
    return int(cursor.fetchone()[0])


def _check_cursor(cursor: Any, course_id: int, after: int) -> None:
    cursor.execute("select from matricula_courseenrollment where id = %s and course_id = %s", [after, course_id])
    if cursor.fetchone() is None:
        raise UnknownCursor
