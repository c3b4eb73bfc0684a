"""Pages of a roster with their exact count, in a time that hardly depends on its size (docs/decisions/0013).

One statement a page. A roster, or one mode of it, is counted and entered by its blocks; what is searched for is found
by the people who fit, and beta testers by their role.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matricula.access.statuses import COURSE_MANAGER_ROLES
from matricula.enrollments.course.counts import BLOCK_OF_SEAT
from matricula.enrollments.course.reads import INVITATION, SHOWN, EnrollmentRow
from matricula.foundation.database import execute, pattern_of, stream_rows
from matricula.foundation.statements import read_statements

# in a course run of fewer seats it takes less to look at each of them than to find everyone in the institution
_FEW_SEATS = 5_000
# rows that are read at once, where there is no statement for all of them
_STEP = 2_000


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


_STATEMENTS = read_statements(__file__, shown=SHOWN, invitation=INVITATION, block_of_seat=BLOCK_OF_SEAT)
_BY_BLOCKS = _STATEMENTS["page_by_blocks"]
_BY_PEOPLE = _STATEMENTS["page_by_people"]
_BY_DATE = _STATEMENTS["page_by_date"]


def list_roster(
    course_id: int, wanted: RosterFilter, *, limit: int, offset: int = 0, after: int | None = None
) -> RosterPage:
    """One page of the roster, ordered by username: ``offset`` rows on, or behind the row with the id ``after``.

    Errors: ``UnknownCursor`` if ``after`` is no row of this course run.
    """
    walking = after is not None
    parameters = _parameters(course_id, wanted, limit=limit, offset=0 if walking else offset, after=after)
    with connection.cursor() as cursor:
        cursor.execute(_page(cursor, course_id, wanted, walking=walking), parameters)
        found = cursor.fetchall()
        page = RosterPage(int(found[0][0]), [EnrollmentRow(*row) for _, *row, key in found if key is not None])
        if after is not None and not page.rows:
            _check_cursor(cursor, course_id, after)
    return page


def _page(cursor: Any, course_id: int, wanted: RosterFilter, *, walking: bool) -> str:
    if wanted.search:
        few = _count_seats(cursor, course_id) < _FEW_SEATS
        return _BY_PEOPLE("search_few_seats" if few else "search_many_seats")
    if wanted.is_beta_tester:
        return _BY_PEOPLE("testers")
    return _by_blocks(wanted, walking)


def stream_roster(course_id: int, wanted: RosterFilter, sort: str) -> Iterator[EnrollmentRow]:
    """All rows that ``list_roster_sorted`` would give page by page, a few thousand at a time in memory."""
    parameters = _parameters(course_id, wanted, limit=None, offset=0)
    if sort in ("created", "-created"):
        for dated in stream_rows(_dated(wanted, is_down=sort == "-created"), parameters):
            yield EnrollmentRow(*dated)
    elif sort == "-username":
        for end in range(count_roster(course_id, wanted), 0, -_STEP):
            start = max(0, end - _STEP)
            yield from reversed(list_roster(course_id, wanted, limit=end - start, offset=start).rows)
    else:
        with connection.cursor() as cursor:
            query = _page(cursor, course_id, wanted, walking=False)
        for _count, *row, key in stream_rows(query, parameters):
            if key is not None:
                yield EnrollmentRow(*row)


def count_roster(course_id: int, wanted: RosterFilter) -> int:
    """How many enrollments of the course run fit."""
    return list_roster(course_id, wanted, limit=0).count


SORTS = ("username", "-username", "created", "-created")


def list_roster_sorted(course_id: int, wanted: RosterFilter, sort: str, *, limit: int, offset: int) -> RosterPage:
    """As ``list_roster``, in another order of ``SORTS``.

    A page behind the middle is that of the reversed order, before it: by date, what is skipped takes its time.
    """
    if sort not in SORTS[1:]:
        return list_roster(course_id, wanted, limit=limit, offset=offset)
    count = count_roster(course_id, wanted)
    if offset >= count or limit <= 0:
        return RosterPage(count, [])
    behind = count - offset
    if sort == "-username":
        rows = list_roster(course_id, wanted, limit=min(limit, behind), offset=max(0, behind - limit)).rows
        return RosterPage(count, rows[::-1])
    if offset <= count // 2:
        return RosterPage(count, _by_date(course_id, wanted, limit, offset, is_down=sort == "-created"))
    rows = _by_date(course_id, wanted, min(limit, behind), max(0, behind - limit), is_down=sort == "created")
    return RosterPage(count, rows[::-1])


def _by_date(course_id: int, wanted: RosterFilter, limit: int, offset: int, *, is_down: bool) -> list[EnrollmentRow]:
    with connection.cursor() as cursor:
        query = _dated(wanted, is_down=is_down)
        cursor.execute(query, _parameters(course_id, wanted, limit=limit, offset=offset))
        return [EnrollmentRow(*row) for row in cursor.fetchall()]


def _dated(wanted: RosterFilter, *, is_down: bool) -> str:
    asked = ["created_down" if is_down else "created_up", _STATES[wanted.is_active], _TESTERS[wanted.is_beta_tester]]
    filters = {"mode": wanted.mode is not None, "search": bool(wanted.search)}
    return _BY_DATE(*asked, *(name for name, is_asked in filters.items() if is_asked))


def select_learners(course_id: int, wanted: RosterFilter) -> None:
    """Adds the usernames of all who fit to the temporary table ``selected`` of the caller's transaction."""
    query = _STATEMENTS["select_learners"](*(["search"] if wanted.search else []))
    execute(query, _parameters(course_id, wanted, limit=0, offset=0))


def count_rosters(course_ids: Sequence[int]) -> dict[int, int]:
    """Course id → how many are enrolled, for those where anyone ever was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select course_id, sum(seats) from matricula_rostercount where course_id = any(%s) and is_active "
            "group by course_id",
            [list(course_ids)],
        )
        return {course_id: int(seats) for course_id, seats in cursor.fetchall()}


_MODES = """
select course_id, mode, sum(seats)::bigint from matricula_rostercount
where course_id = any(%s) and is_active group by course_id, mode having sum(seats) > 0 order by course_id, mode
"""


def count_modes(course_id: int) -> dict[str, int]:
    """Mode → how many are enrolled in it, for those of the course run in which anyone is."""
    return list_modes([course_id]).get(course_id, {})


def list_modes(course_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Course id → mode → how many are enrolled in it, for those in which anyone is."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MODES, [list(course_ids)])
        for course_id, mode, seats in cursor.fetchall():
            found.setdefault(course_id, {})[mode] = seats
    return found


_MODES_PRESENT = """
select mode from matricula_rostercount where course_id = %s group by mode having sum(seats) > 0 order by mode
"""


def list_modes_present(course_id: int) -> list[str]:
    """The modes that anyone has in the course run, also of enrollments that ended."""
    with connection.cursor() as cursor:
        cursor.execute(_MODES_PRESENT, [course_id])
        return [mode for (mode,) in cursor.fetchall()]


_MANAGERS = """
select count(distinct r.account_id), count(distinct e.account_id) from matricula_courserole r
left join matricula_courseenrollment e on e.course_id = r.course_id and e.account_id = r.account_id and e.is_active
where r.course_id = %s and r.role = any(%s)
"""


def count_managers(course_id: int) -> tuple[int, int]:
    """How many manage the enrollments of the course run by a role in it, and how many of those are enrolled."""
    with connection.cursor() as cursor:
        cursor.execute(_MANAGERS, [course_id, list(COURSE_MANAGER_ROLES)])
        managers, enrolled = cursor.fetchone()
    return managers, enrolled


_STATES = {None: "both", True: "active", False: "inactive"}
_TESTERS = {None: "everybody", True: "testers", False: "no_testers"}


def _by_blocks(wanted: RosterFilter, walking: bool) -> str:
    asked = [_STATES[wanted.is_active], "behind_cursor" if walking else "from_offset"]
    if wanted.mode is not None:
        asked.append("mode")
    if wanted.is_beta_tester is False:
        asked.append("without_testers")
    return _BY_BLOCKS(*asked)


def _parameters(
    course_id: int, wanted: RosterFilter, *, limit: int | None, offset: int, after: int | None = None
) -> dict[str, int | str | None]:
    return {
        "course": course_id,
        "is_active": wanted.is_active,
        "mode": wanted.mode,
        "is_beta_tester": wanted.is_beta_tester,
        "search": pattern_of(wanted.search or ""),
        "limit": limit,
        "offset": offset,
        "after": after,
    }


def _count_seats(cursor: Any, course_id: int) -> int:
    cursor.execute("select coalesce(sum(seats), 0) from matricula_rostercount where course_id = %s", [course_id])
    return int(cursor.fetchone()[0])


def _check_cursor(cursor: Any, course_id: int, after: int) -> None:
    cursor.execute("select from matricula_courseenrollment where id = %s and course_id = %s", [after, course_id])
    if cursor.fetchone() is None:
        raise UnknownCursor
