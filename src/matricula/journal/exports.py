"""The journal as a file, streamed (enrollment-api: What happens to each person)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.tabular.exports import Export, export_table


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries; None: all."""

    course_id: int | None = None
    program_id: int | None = None
    # those of one person: accounts that were merged are beside the one that was kept
    account_ids: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    since: datetime | None = None


_JOURNAL = """
select {cells} from (
    select j.id, {at} as at, j.operation, j.source, actor.username as actor, j.subject, a.username,
        coalesce(j.email, a.email) as email, j.student_key, c.key as course, p.key as program, j.transition,
        j.before, j.after, j.reason
    from matricula_change j
    left join matricula_account actor on actor.id = j.actor_id
    left join matricula_account a on a.id = j.account_id
    left join matricula_course c on c.id = j.course_id
    left join matricula_program p on p.id = j.program_id
    where {wanted}
) r order by id
"""
_WANTED = """
    (%(course)s::bigint is null
           -- each has an index of its own
           or j.course_id = %(course)s and j.program_id is null
           or j.course_id = %(course)s and j.program_id is not null)
      and (%(program)s::bigint is null or j.program_id = %(program)s)
      and (cardinality(%(accounts)s::bigint[]) + cardinality(%(emails)s::text[]) = 0
           or j.account_id = any(%(accounts)s::bigint[]) or lower(j.email) = any(%(emails)s::text[]))
      and (%(since)s::timestamptz is null or j.at >= %(since)s)
"""
_PEOPLE = """
select count(distinct j.account_id)
    + count(distinct coalesce(lower(j.email), j.student_key)) filter (where j.account_id is null)
from matricula_journalentry j where {wanted}
"""
_COLUMNS = (
    "at", "operation", "source", "actor", "subject", "username", "email", "student_key", "course", "program",
    "transition", "before", "after", "reason",
)  # fmt: skip


def export_journal(wanted: JournalFilter, form: str) -> Export:
    """The entries in the order in which they were made; ``form`` is ``csv`` or ``jsonl``."""
    # finer than seconds: the order within a chunk is worth seeing
    query = _JOURNAL.replace("{at}", """to_char(j.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")
    return export_table(
        query.replace("{wanted}", _WANTED),
        form,
        _parameters(wanted),
        _COLUMNS,
        others={"at", "operation", "before", "after"},
        count_people=lambda: count_people_in(wanted),
    )


def count_people_in(wanted: JournalFilter) -> int:
    """How many people the entries are about; known by a key in one and by an account in another, one counts twice."""
    return int(fetch_all(_PEOPLE.replace("{wanted}", _WANTED), _parameters(wanted))[0][0])


def _parameters(wanted: JournalFilter) -> dict[str, Any]:
    return {
        "course": wanted.course_id,
        "program": wanted.program_id,
        "accounts": list(wanted.account_ids),
        "emails": [fold(email) for email in wanted.emails],
        "since": wanted.since,
    }
