"""Who is invited to a course run and not enrolled (yet): pre-enrollments, as pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.foundation.database import pattern_of


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A pre-enrollment; ``account_id`` None while no one with the address has an active account."""

    email: str
    mode: str | None
    auto_enroll: bool
    account_id: int | None
    username: str | None
    reason: str | None
    created: datetime


_WANTED = """
from matricula_preenrollment i
left join matricula_account a on a.id = i.account_id
where i.course_id = %(course)s and i.email_key like '%%' || lower(%(search)s collate "C") || '%%' and not exists (
    select 1 from matricula_courseenrollment e
    where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active
)
"""


def list_invitations(course_id: int, *, search: str = "", limit: int, offset: int) -> list[InvitationRow]:
    """A page of those who are invited and not enrolled, by address."""
    query = f"""
        select i.email, i.mode, i.auto_enroll, i.account_id, a.username, i.reason, i.created {_WANTED}
        order by i.email_key, i.id limit %(limit)s offset %(offset)s
    """
    parameters: dict[str, Any] = {"course": course_id, "search": pattern_of(search), "limit": limit, "offset": offset}
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [InvitationRow(*row) for row in cursor.fetchall()]


def count_invitations(course_id: int, *, search: str = "") -> int:
    """How many are invited and not enrolled."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {_WANTED}", {"course": course_id, "search": pattern_of(search)})
        return int(cursor.fetchone()[0])
