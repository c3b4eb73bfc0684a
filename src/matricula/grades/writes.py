"""Saving grades (Contract 3; Contract 1, section 5)."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from django.db import connection


class GradeRequest(NamedTuple):
    """A learner's whole grade in one course run: percent and passed, or the error why there is none."""

    course_id: int
    account_id: int
    percent: float | None = None
    letter_grade: str | None = None
    passed: bool | None = None
    error: str | None = None


_SAVE = """
insert into matricula_grade as g (course_id, account_id, percent, letter_grade, passed, error)
select * from unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[], %s::boolean[], %s::text[])
on conflict (course_id, account_id) do update
set percent = excluded.percent, letter_grade = excluded.letter_grade, passed = excluded.passed, error = excluded.error
where (g.percent, g.letter_grade, g.passed, g.error)
    is distinct from (excluded.percent, excluded.letter_grade, excluded.passed, excluded.error)
returning course_id, account_id, xmax = 0
"""


def save_grades(requests: Sequence[GradeRequest]) -> list[Literal["created", "updated", "unchanged"]]:
    """Creates or replaces grades with one statement; one word for each. The last of several for one learner wins."""
    if not requests:
        return []
    last = {(r.course_id, r.account_id): r for r in requests}
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [list(column) for column in zip(*last.values(), strict=True)])
        created = {(course_id, account_id): new for course_id, account_id, new in cursor.fetchall()}
    words: dict[bool | None, Literal["created", "updated", "unchanged"]]
    words = {True: "created", False: "updated", None: "unchanged"}
    return [words[created.get((r.course_id, r.account_id))] for r in requests]
