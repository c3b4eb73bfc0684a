"""The journal's entries about who may do what, the latest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.journal.statuses import ACCESS_SUBJECTS, NOT_ABOUT_ACCESS, Source


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One change, with the names that its ids have now; of a group, the name that it had."""

    id: int
    at: datetime
    actor: str | None
    source: Source
    subject: str
    transition: str
    account_id: int | None
    username: str | None
    email: str | None
    group: str | None
    client_id: str | None
    organization: str | None
    program: str | None
    course: str | None
    reason: str | None


def _written(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# written out, as the partial index journal_about_access has it
ABOUT_ACCESS = f"subject in ({_written(ACCESS_SUBJECTS)}) and not transition in ({_written(NOT_ABOUT_ACCESS)})"
_HISTORY = """
select j.id, j.at, actor.username, j.source, j.subject, j.transition, j.account_id, a.username, j.email,
    j.state ->> 'group', j.state ->> 'client_id', o.key, p.key, c.key, j.reason
from (
    select *, before || after as state from matricula_change
    where {about_access}
        and (%(account)s::bigint is null or account_id = %(account)s)
        and (%(group)s::bigint is null or (before || after -> 'group_id')::bigint = %(group)s)
    order by id desc limit %(limit)s
) j
left join matricula_account actor on actor.id = j.actor_id
left join matricula_account a on a.id = j.account_id
left join matricula_organization o on o.id = (j.state -> 'organization_id')::bigint
left join matricula_program p on p.id = (j.state -> 'program_id')::bigint
left join matricula_course c on c.id = j.course_id
order by j.id desc
"""


def list_access_history(*, limit: int, account_id: int | None = None, group_id: int | None = None) -> list[AccessEntry]:
    """The latest changes of who may do what: all of them, those of an account, or those of a group."""
    parameters: dict[str, Any] = {"limit": limit, "account": account_id, "group": group_id}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY.format(about_access=ABOUT_ACCESS), parameters)
        return [AccessEntry(*(*row[:3], Source(row[3]), *row[4:])) for row in cursor.fetchall()]
