"""What people see of a connection: how it is, rows that aren't confirmed, differences."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from matricula.connectors.open_edx.conditions import Condition, list_conditions
from matricula.connectors.open_edx.statuses import DifferenceKind, RowState
from matricula.foundation.database import fetch_all, stream_rows
from matricula.foundation.folding import fold
from matricula.tabular.exports import Export, export_rows


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """Rows by state, and how the connection is. ``sent``: without a confirmation, as of people who have no account in
    the LMS yet.
    """

    waiting: int
    sent: int
    confirmed: int
    rejected: int
    differences: int
    condition: Condition


class ConnectionTroubles(NamedTuple):
    """What someone has to look at in a connection: whether calls fail, and how many differences and rejected rows."""

    id: int
    name: str
    has_problem: bool
    differences: int
    rejected: int


class RejectedRow(NamedTuple):
    """A row that the LMS rejected, with its words."""

    id: int
    username: str
    course: str
    words: str
    updated: datetime


class ListedDifference(NamedTuple):
    """Someone about whom the LMS differs from the record; ``here`` and ``there``: the mode, None: not enrolled."""

    id: int
    username: str
    course: str
    kind: DifferenceKind
    here: str | None
    there: str | None
    is_sent: bool
    account_id: int | None
    found: datetime


class MissingGrade(NamedTuple):
    """A learner whom the LMS left out when grades were last fetched, and the job that found that."""

    id: int
    username: str
    course: str
    job_id: UUID


class RowStatus(NamedTuple):
    """How far the LMS is with one person in a course run."""

    state: RowState
    words: str | None


# each row is counted once, whatever the number of connections
_FIGURES = """
select c.id, coalesce(r.waiting, 0), coalesce(r.sent, 0), coalesce(r.confirmed, 0), coalesce(r.rejected, 0),
    coalesce(d.differences, 0)
from matricula_lmsconnection c
left join (
    select connection_id, count(*) filter (where state = 'waiting' and not is_claimed and not is_unsure) as waiting,
        count(*) filter (where state = 'absent' or state = 'waiting' and (is_claimed or is_unsure)) as sent,
        count(*) filter (where state = 'confirmed') as confirmed, count(*) filter (where state = 'rejected') as rejected
    from matricula_lmsrow group by connection_id
) r on r.connection_id = c.id
left join (
    select connection_id, count(*) as differences from matricula_lmsdifference group by connection_id
) d on d.connection_id = c.id
"""
# no more than so many are looked at: it is read with each first page
_TROUBLES = """
select c.id, c.name, s.problem is not null,
    (select count(*) from (select from matricula_lmsdifference where connection_id = c.id limit %(most)s) d),
    (select count(*) from (
        select from matricula_lmsrow where connection_id = c.id and state = 'rejected' limit %(most)s
    ) r)
from matricula_lmsconnection c left join matricula_lmsstate s on s.connection_id = c.id order by c.name
"""
_REJECTED = """
select r.id, coalesce(n.username, a.username, r.email), c.key, coalesce(r.words, ''), r.updated from matricula_lmsrow r
join matricula_course c on c.id = r.course_id
left join matricula_account a on a.id = r.account_id
left join matricula_lmsusername n on n.connection_id = r.connection_id and n.account_id = r.account_id
where r.connection_id = %s and r.state = 'rejected' and r.id > %s order by r.id limit %s
"""
_DIFFERENCES = """
select d.id, d.username, c.key, d.kind, d.here, d.there, d.is_sent, r.account_id, d.found
from matricula_lmsdifference d
join matricula_course c on c.id = d.course_id
left join matricula_lmsrow r on r.id = d.row_id
where d.connection_id = %s order by c.key, d.username
"""
_DIFFERENCES_PAGE = """
select d.id, d.username, c.key, d.kind, d.here, d.there, d.is_sent, r.account_id, d.found
from matricula_lmsdifference d
join matricula_course c on c.id = d.course_id
left join matricula_lmsrow r on r.id = d.row_id
where d.connection_id = %s and d.id > %s order by d.id limit %s
"""
_MISSING_GRADES = """
select m.id, a.username, c.key, m.job from matricula_lmsmissinggrade m
join matricula_account a on a.id = m.account_id
join matricula_course c on c.id = m.course_id
where m.connection_id = %s and m.id > %s order by m.id limit %s
"""
_OF_COURSE = """
select account_id, state, words from matricula_lmsrow
where course_id = %s and account_id = any(%s) and state <> 'confirmed'
"""

_OF_ADDRESSES = """
select r.email, r.state, r.words from matricula_lmsrow r
where r.course_id = %s and r.state <> 'confirmed'
    and (r.email_key = any(%s) or r.account_id in (select id from matricula_account where email_key = any(%s)))
"""


def list_connection_statuses() -> dict[int, ConnectionStatus]:
    """Return connection → how it is."""
    conditions, found = list_conditions(), {}
    for id_, waiting, sent, confirmed, rejected, differences in fetch_all(_FIGURES, []):
        condition = conditions.get(id_, Condition())
        found[id_] = ConnectionStatus(waiting, sent, confirmed, rejected, differences, condition)
    return found


def get_connection_status(connection_id: int) -> ConnectionStatus:
    """Return how a connection is."""
    return list_connection_statuses()[connection_id]


def list_troubles(*, most: int) -> list[ConnectionTroubles]:
    """Return what is to be looked at in each connection that has something, by name; of each no more than ``most``."""
    found = (ConnectionTroubles(*row) for row in fetch_all(_TROUBLES, {"most": most}))
    return [one for one in found if one.has_problem or one.differences or one.rejected]


def list_rejected(connection_id: int, *, after: int = 0, limit: int = 100) -> list[RejectedRow]:
    """Return rows that the LMS rejected, behind the row ``after``."""
    return [RejectedRow(*row) for row in fetch_all(_REJECTED, [connection_id, after, limit])]


def list_differences(connection_id: int) -> Iterator[ListedDifference]:
    """Return how the LMS differs, by course run and username; streamed."""
    return (_difference(row) for row in stream_rows(_DIFFERENCES, [connection_id]))


def export_differences(connection_id: int) -> Export:
    """Return how the LMS differs as a file, by course run and username. Each row counts as a person."""
    rows = ((d.username, d.course, d.here, d.there, d.kind.value) for d in list_differences(connection_id))
    return export_rows(("username", "course", "recorded", "in_the_lms", "kind"), rows)


def list_differences_page(connection_id: int, *, after: int = 0, limit: int = 100) -> list[ListedDifference]:
    """Return how the LMS differs, behind the difference ``after``."""
    return [_difference(row) for row in fetch_all(_DIFFERENCES_PAGE, [connection_id, after, limit])]


def _difference(row: Sequence[Any]) -> ListedDifference:
    id_, username, course, kind, *rest = row
    return ListedDifference(id_, username, course, DifferenceKind(kind), *rest)


def list_missing_grades(connection_id: int, *, after: int = 0, limit: int = 100) -> list[MissingGrade]:
    """Return the learners whom the LMS left out when grades were last fetched, behind the entry ``after``."""
    return [MissingGrade(*row) for row in fetch_all(_MISSING_GRADES, [connection_id, after, limit])]


def find_row_states(course_id: int, account_ids: Collection[int]) -> dict[int, RowStatus]:
    """Return account → how far the LMS is, for those of a course run whose row isn't confirmed."""
    rows = fetch_all(_OF_COURSE, [course_id, list(account_ids)])
    return {account_id: RowStatus(RowState(state), words) for account_id, state, words in rows}


def find_invitation_states(course_id: int, emails: Collection[str]) -> dict[str, RowStatus]:
    """Return folded address → how far the LMS is, for the invited of a course run whose row isn't confirmed."""
    keys = [fold(email) for email in emails]
    rows = fetch_all(_OF_ADDRESSES, [course_id, keys, keys])
    return {fold(email): RowStatus(RowState(state), words) for email, state, words in rows}
