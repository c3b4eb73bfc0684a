"""Pre-enrollments: who is invited to a course run and not enrolled (yet), as pages; those of one address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from matricula.foundation.database import execute, fetch_all, pattern_of, stream_rows
from matricula.foundation.statements import Statement
from matricula.tabular.writing import sql_time


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
    id: int


# Walked by an index that has all of it. "or" and "offset 0" keep the seats from being joined, or hashed, as a whole: of
# the few who have an account, the seat of each is looked up
_WANTED = """
from matricula_preenrollment i
where i.course_id = %(course)s
    and i.email_key like '%%' || lower(%(search)s collate "C") || '%%'  --? search
    and (i.account_id is null or not exists (
        select 1 from matricula_courseenrollment e
        where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
    ))
"""
_PAGE = Statement(
    """
-- maybe: search
select i.email, i.mode, i.auto_enroll, i.account_id, a.username, i.reason, i.created, i.id
from (
    select i.id
    --> wanted
    order by i.email_key, i.id limit %(limit)s offset %(offset)s
) found
join matricula_preenrollment i using (id) left join matricula_account a on a.id = i.account_id
order by i.email_key, i.id
""",
    wanted=_WANTED,
)
_SELECT = Statement(
    """
-- maybe: search
insert into selected (key)
select i.email
--> wanted
order by i.email_key, i.id
""",
    wanted=_WANTED,
)
_COUNT = Statement(
    """
-- maybe: search
select count(*)
--> wanted
""",
    wanted=_WANTED,
)


def list_invitations(course_id: int, *, search: str = "", limit: int, offset: int) -> list[InvitationRow]:
    """A page of those who are invited and not enrolled, by address."""
    parameters = {"course": course_id, "search": pattern_of(search), "limit": limit, "offset": offset}
    return [InvitationRow(*row) for row in fetch_all(_PAGE(*_asked(search)), parameters)]


def stream_invitations(course_id: int, *, search: str = "") -> Iterator[InvitationRow]:
    """All that ``list_invitations`` would give page by page, a few thousand at a time in memory."""
    parameters = {"course": course_id, "search": pattern_of(search), "limit": None, "offset": 0}
    for row in stream_rows(_PAGE(*_asked(search)), parameters):
        yield InvitationRow(*row)


def count_invitations(course_id: int, *, search: str = "") -> int:
    """How many are invited and not enrolled."""
    return int(fetch_all(_COUNT(*_asked(search)), {"course": course_id, "search": pattern_of(search)})[0][0])


def _asked(search: str) -> list[str]:
    return ["search"] if search else []


def select_invitations(course_id: int, *, search: str = "") -> None:
    """Adds the addresses of all who are invited and not enrolled to the temporary table ``selected`` of the caller's
    transaction, one statement.
    """
    execute(_SELECT(*_asked(search)), {"course": course_id, "search": pattern_of(search)})


@dataclass(frozen=True, slots=True)
class AddressInvitation:
    """A pre-enrollment of an address, in whichever course run; ``created`` as the APIs spell times."""

    email: str
    course_key: str
    auto_enroll: bool
    username: str | None
    created: str


_OF_ADDRESS = Statement(
    """
select coalesce(a.email, i.email), c.key, i.auto_enroll, a.username,
--> created
from matricula_preenrollment i
join matricula_course c on c.id = i.course_id
left join matricula_account a on a.id = i.account_id
where i.id in (
    select id from matricula_preenrollment where email_key = %(email)s and account_id is null
    union
    select p.id from matricula_account k join matricula_preenrollment p on p.account_id = k.id
    where k.email_key = %(email)s
) and (%(course)s::bigint is null or i.course_id = %(course)s)
order by i.id
""",
    created=sql_time("i.created"),
)


def list_invitations_of(email_key: str, *, course_id: int | None = None) -> list[AddressInvitation]:
    """The pre-enrollments of a folded address, waiting for an account or bound to its account, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ADDRESS(), {"email": email_key, "course": course_id})
        return [AddressInvitation(*row) for row in cursor.fetchall()]
