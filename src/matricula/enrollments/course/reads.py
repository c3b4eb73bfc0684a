"""Reading single enrollments (enrollment-api: An enrollment); rosters: ``matricula.enrollments.course.rosters``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matricula.foundation.folding import fold
from matricula.learners.reads import find_learners
from matricula.tabular.writing import sql_time


class IdentifierFitsTwoAccounts(Exception):
    """The identifier is one account's username and another one's email."""


@dataclass(frozen=True, slots=True)
class EnrollmentRow:
    """One person in one course run, as the API shows it."""

    username: str
    email: str
    first_name: str
    last_name: str
    mode: str | None
    is_active: bool
    # as the APIs spell times: twenty-five of them in a page are made by the database at less cost
    created: str | None
    enrollment_allowed: bool
    auto_enroll: bool
    beta_tester: bool
    # the place in the roster, for a cursor
    id: int | None = None
    account_id: int | None = None


_BETA = """exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester')"""
SHOWN = f"""
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, {sql_time("e.created")},
       i.id is not null, coalesce(i.auto_enroll, false), {_BETA}, e.id, e.account_id
"""
"""The columns of ``EnrollmentRow``, of a seat ``e`` with its account ``a`` and its ``INVITATION``."""
INVITATION = "left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id"


def find_enrollment(course_id: int, identifier: str) -> EnrollmentRow | None:
    """A person's enrollment (also an inactive one) or pre-enrollment in a course run, by email or username, or None.

    Errors: ``IdentifierFitsTwoAccounts``.
    """
    learners = find_learners([fold(identifier)]).get(fold(identifier), [])
    if len(learners) > 1:
        raise IdentifierFitsTwoAccounts
    account_id = learners[0].id if learners else None
    email_key = learners[0].email_key if learners else fold(identifier)
    return (account_id and _find_seat(course_id, account_id)) or _find_invitation(course_id, account_id, email_key)


def find_enrollment_of(course_id: int, account_id: int, email_key: str) -> EnrollmentRow | None:
    """As ``find_enrollment``, of an account."""
    return _find_seat(course_id, account_id) or _find_invitation(course_id, account_id, email_key)


def _find_seat(course_id: int, account_id: int) -> EnrollmentRow | None:
    rows = _rows(
        # "(select …)" hides the value from the planner: behind a bulk load, with statistics older than it, it would
        # read the whole course run
        f"""{SHOWN} from matricula_courseenrollment e join matricula_account a on a.id = e.account_id {INVITATION}
        where e.course_id = (select %s::bigint) and e.account_id = %s""",
        [course_id, account_id],
    )
    return rows[0] if rows else None


def _find_invitation(course_id: int, account_id: int | None, email_key: str) -> EnrollmentRow | None:
    rows = _rows(
        """select coalesce(a.username, ''), coalesce(a.email, i.email), coalesce(a.first_name, ''),
            coalesce(a.last_name, ''), i.mode, false, null, true, i.auto_enroll,
            exists (select 1 from matricula_courserole r
                where r.course_id = i.course_id and r.account_id = a.id and r.role = 'beta_tester'), null::bigint, a.id
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
