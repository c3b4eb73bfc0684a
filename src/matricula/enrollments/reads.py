"""Reading rosters and single enrollments (Contract 2, section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.foundation.folding import fold
from matricula.learners.reads import find_learners


class IdentifierFitsTwoAccounts(Exception):
    """The identifier is one account's username and another one's e-mail."""


class UnknownCursor(Exception):
    """The cursor is none of this course's."""


@dataclass(frozen=True, slots=True)
class EnrollmentRow:
    """One person in one course run, as the API shows it."""

    username: str
    email: str
    first_name: str
    last_name: str
    mode: str | None
    is_active: bool
    created: datetime | None
    enrollment_allowed: bool
    auto_enroll: bool
    beta_tester: bool
    # the place in the roster, for a cursor
    id: int | None = None


@dataclass(frozen=True, slots=True)
class RosterFilter:
    """Which enrollments of a course run; ``is_active`` None: both."""

    is_active: bool | None = True
    search: str | None = None
    mode: str | None = None
    is_beta_tester: bool | None = None


_BETA = """exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester')"""
_SHOWN = f"""
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, e.created,
       i.id is not null, coalesce(i.auto_enroll, false), {_BETA}, e.id
"""
_INVITATION = "left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id"


@dataclass(slots=True)
class _Query:
    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    join: str = ""

    def add(self, condition: str, *parameters: Any) -> None:
        self.conditions.append(condition)
        self.parameters.extend(parameters)

    @property
    def text(self) -> str:
        return f"from matricula_courseenrollment e {self.join} where {' and '.join(self.conditions)}"


def _query(course_id: int, wanted: RosterFilter) -> _Query:
    query = _Query()
    query.add("e.course_id = %s", course_id)
    if wanted.is_active is not None:
        query.add("e.is_active = %s", wanted.is_active)
    if wanted.mode is not None:
        query.add("e.mode = %s", wanted.mode)
    if wanted.is_beta_tester is not None:
        query.add(_BETA if wanted.is_beta_tester else f"not {_BETA}")
    if wanted.search:
        query.join = "join matricula_account a on a.id = e.account_id"
        pattern = wanted.search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        query.add("a.search_text like '%%' || lower(%s) || '%%'", pattern)
    return query


def count_roster(course_id: int, wanted: RosterFilter) -> int:
    """How many enrollments of the course run fit."""
    query = _query(course_id, wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {query.text}", query.parameters)
        return int(cursor.fetchone()[0])


def list_roster(
    course_id: int, wanted: RosterFilter, *, limit: int, offset: int = 0, after: int | None = None
) -> list[EnrollmentRow]:
    """One page of the roster, ordered by username: ``offset`` rows on, or behind the row with the id ``after``.

    Errors: ``UnknownCursor`` if ``after`` is no row of this course run.
    """
    query = _query(course_id, wanted)
    with connection.cursor() as cursor:
        if after is not None:
            cursor.execute(
                "select username_key from matricula_courseenrollment where id = %s and course_id = %s",
                [after, course_id],
            )
            row = cursor.fetchone()
            if row is None:
                raise UnknownCursor
            query.add('e.username_key > %s collate "C"', row[0])
        cursor.execute(
            f"""with page as materialized (select e.* {query.text} order by e.username_key limit %s offset %s)
            {_SHOWN} from page e join matricula_account a on a.id = e.account_id {_INVITATION}
            order by e.username_key""",  # noqa: S608  the pieces are ours
            [*query.parameters, limit, 0 if after is not None else offset],
        )
        return [EnrollmentRow(*row) for row in cursor.fetchall()]


def find_enrollment(course_id: int, identifier: str) -> EnrollmentRow | None:
    """A person's enrollment (also an inactive one) or pre-enrollment in a course run, by e-mail or username, or None.

    Errors: ``IdentifierFitsTwoAccounts``.
    """
    learners = find_learners([fold(identifier)]).get(fold(identifier), [])
    if len(learners) > 1:
        raise IdentifierFitsTwoAccounts
    account_id = learners[0].id if learners else None
    email_key = learners[0].email_key if learners else fold(identifier)
    return (account_id and _find_seat(course_id, account_id)) or _find_invitation(course_id, account_id, email_key)


def _find_seat(course_id: int, account_id: int) -> EnrollmentRow | None:
    rows = _rows(
        f"""{_SHOWN} from matricula_courseenrollment e join matricula_account a on a.id = e.account_id {_INVITATION}
        where e.course_id = %s and e.account_id = %s""",
        [course_id, account_id],
    )
    return rows[0] if rows else None


def _find_invitation(course_id: int, account_id: int | None, email_key: str) -> EnrollmentRow | None:
    rows = _rows(
        """select coalesce(a.username, ''), coalesce(a.email, i.email), coalesce(a.first_name, ''),
            coalesce(a.last_name, ''), i.mode, false, null::timestamptz, true, i.auto_enroll,
            exists (select 1 from matricula_courserole r
                where r.course_id = i.course_id and r.account_id = a.id and r.role = 'beta_tester'), null::bigint
        from matricula_preenrollment i left join matricula_account a on a.id = %s
        where i.course_id = %s and (i.account_id = %s or (i.account_id is null and i.email_key = %s))
        order by i.id desc limit 1""",
        [account_id, course_id, account_id, email_key],
    )
    return rows[0] if rows else None


def _rows(query: str, parameters: Sequence[Any]) -> list[EnrollmentRow]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [EnrollmentRow(*row) for row in cursor.fetchall()]
