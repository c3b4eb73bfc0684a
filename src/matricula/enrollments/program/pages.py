"""Numbered pages of the students of a program: how many fit, one page by its number, in any order.

Counted exactly is what counts are kept of, and what is few; of more it is only said that there are more. In the order
of keys every page of what is counted is reached, from the nearer end: keys alone are skipped within their index. In
another order all who fit are sorted, so that is there for few (docs/decisions/0056).
"""

from dataclasses import dataclass
from enum import StrEnum

from matricula.enrollments.program.counts import count_kept
from matricula.enrollments.program.students import (
    LAST_CHARACTER,
    STATEMENTS,
    Asked,
    StudentPage,
    has_fewer_students,
    list_sorted,
    list_students,
)
from matricula.foundation.database import fetch_all
from matricula.foundation.paging import Page

# of those who are filtered, so many are counted; of those whose name too many have, fewer: each is looked up
COUNTED, COUNTED_BY_NAME = 20_000, 1_000
# so many are put into another order than that of their keys
SORTED = 50_000


class StudentSort(StrEnum):
    """The orders of a list of students, and (with a minus) the same the other way round."""

    KEY = "key"
    KEY_DOWN = "-key"
    NAME = "name"
    NAME_DOWN = "-name"
    STATUS = "status"
    STATUS_DOWN = "-status"
    UPDATED = "updated"
    UPDATED_DOWN = "-updated"


BY_KEY = (StudentSort.KEY, StudentSort.KEY_DOWN)
BY_NAME = (StudentSort.NAME, StudentSort.NAME_DOWN)


@dataclass(frozen=True, slots=True)
class Count:
    """How many fit; ``is_exact`` False: more than that."""

    number: int
    is_exact: bool = True

    @property
    def is_sortable(self) -> bool:
        """True if those who fit may be put into another order than that of their keys."""
        return self.is_exact and self.number <= SORTED


def count_fitting(asked: Asked) -> Count:
    """How many students fit."""
    program_id, wanted = asked.parameters["program"], asked.wanted
    if not wanted.search and wanted.course_id is None:
        return Count(count_kept(program_id, status=wanted.status, is_linked=wanted.is_linked))
    if not (wanted.search or wanted.status or wanted.is_linked is not None):
        return Count(count_kept(program_id, status=wanted.course_status, course_id=wanted.course_id))
    if asked.searched == "keyed_or_named" and not has_fewer_students(program_id, COUNTED):
        return _counted(STATEMENTS["count_named"](asked.where), asked, COUNTED_BY_NAME)
    return _counted(STATEMENTS["count_fitting"](asked.where, asked.searched), asked, COUNTED)


def _counted(query: str, asked: Asked, counted: int) -> Count:
    [(number,)] = fetch_all(query, {**asked.parameters, "counted": counted + 1})
    return Count(min(int(number), counted), is_exact=number <= counted)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of students: who fits, in which order, how many they are."""

    asked: Asked
    sort: StudentSort
    count: Count


def get_student_page(listed: Listed, page: Page) -> StudentPage:
    """One page by its number, of those that are counted."""
    count, sort = listed.count, listed.sort
    if sort not in BY_KEY:
        return list_sorted(listed.asked, sort.value, limit=page.size, offset=page.offset)
    is_down = sort is StudentSort.KEY_DOWN
    behind = max(0, count.number - page.end)
    if not (count.is_exact and behind < page.offset):
        return _walked(listed.asked, is_down, limit=page.size, offset=page.offset)
    rows = max(0, min(page.size, count.number - page.offset))
    found = _walked(listed.asked, not is_down, limit=rows, offset=behind)
    return StudentPage(found.rows[::-1], has_previous=page.number > 1, has_next=behind > 0)


def walk_students(listed: Listed, *, limit: int, after: str | None = None, before: str | None = None) -> StudentPage:
    """The page behind the folded key ``after``, or before ``before``, in the order of keys or the other way round."""
    if listed.sort is not StudentSort.KEY_DOWN:
        return list_students(listed.asked, limit=limit, after=after, before=before)
    found = list_students(listed.asked, limit=limit, after=before, before=after)
    return StudentPage(found.rows[::-1], has_previous=found.has_next, has_next=found.has_previous)


def _walked(asked: Asked, is_down: bool, *, limit: int, offset: int) -> StudentPage:
    """From one end or the other, in the order in which they are walked."""
    if not is_down:
        return list_students(asked, limit=limit, offset=offset)
    found = list_students(asked, limit=limit, offset=offset, before=LAST_CHARACTER)
    return StudentPage(found.rows[::-1], has_previous=offset > 0, has_next=found.has_previous)
