"""Reading the journal: what happened to whom, the latest first."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from matricula.foundation.database import fetch_all
from matricula.journal.states import State, read_state
from matricula.journal.statuses import Source, Subject


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step, with the names that its ids have now."""

    id: int
    at: datetime
    operation: uuid.UUID
    source: Source
    # None: no one was signed in
    actor: str | None
    subject: Subject
    account_id: int | None
    username: str | None
    email: str | None
    student_key: str | None
    course: str | None
    transition: str
    # None: there was, or is, nothing
    before: State | None
    after: State | None
    reason: str | None
    # the row of the student key in the entry's program, while there is one
    student_id: int | None = None


# what is recorded about a student by key, in a program, is apart from the rest: each has indexes. That a job began or
# ended is on the job's own page
_WALK = """(select * from matricula_change
    where {wanted} and {part} and (subject <> 'job' or transition = 'canceled') order by id desc limit %(limit)s)"""
_ALONE, _IN_ANY, _IN_SOME = "program_id is null", "program_id is not null", "program_id = any(%(programs)s)"
# a student key belongs to an organization: who may see the students of none of its programs sees no key
_WITHOUT_KEYS = _ALONE + " and subject <> 'student_key'"
_KEYS_OF_SOME = """program_id is null and subject = 'student_key'
    and (before || after -> 'organization_id')::bigint
        in (select organization_id from matricula_program where id = any(%(programs)s))"""
_LATEST = "select * from ({walks}) walked order by id desc limit %(limit)s"
_THESE = "select * from matricula_change where id = any(%(ids)s)"
_NAMED = """
select j.id, j.at, j.operation, j.source, actor.username, j.subject, j.account_id, a.username, j.email, j.student_key,
    c.key, j.transition, j.before::text, j.after::text, j.reason, s.id
from ({entries}) j
left join matricula_account actor on actor.id = j.actor_id
left join matricula_account a on a.id = j.account_id
left join matricula_course c on c.id = j.course_id
left join matricula_programenrollment s
    on s.program_id = j.program_id and s.student_key_folded = lower(j.student_key collate "C")
order by j.id desc
"""


def list_history(
    *,
    limit: int,
    programs: Collection[int] | None,
    names: bool = True,
    course_id: int | None = None,
    program_id: int | None = None,
    operation: uuid.UUID | None = None,
    job_id: uuid.UUID | None = None,
    before: int | None = None,
) -> list[HistoryEntry]:
    """The latest entries that fit everything given, and are older than the entry ``before``.

    ``programs``: those whose students the reader may see (None: all). Student keys and statuses of others are left out,
    anyone who asks about what: a course run's history holds what was done to its people through any program. ``names``
    False: of an entry with a student key, not who that is; of an operation, of none of its entries, since what is
    beside a key says whose it is.

    ``job_id`` finds what was done to a job.
    """
    given = {
        "course_id = %(course_id)s": course_id,
        "program_id = %(program_id)s": program_id,
        "operation = %(operation)s": operation,
        "subject = 'job' and after ->> 'job_id' = %(job_id)s": job_id,
        "id < %(before)s": before,
    }
    wanted = " and ".join(condition for condition, value in given.items() if value is not None) or "true"
    parameters = {
        "limit": limit,
        "programs": None if programs is None else list(programs),
        "course_id": course_id,
        "program_id": program_id,
        "operation": operation,
        "job_id": None if job_id is None else str(job_id),
        "before": before,
    }
    if programs is None:
        parts = [_ALONE, _IN_ANY]
    else:
        # a key is of no course run and of no program: its part would be looked for in all of their entries
        is_about = course_id is not None or program_id is not None
        parts = [_WITHOUT_KEYS, *([_IN_SOME] if programs else [])]
        parts += [_KEYS_OF_SOME] if programs and not is_about else []
    walks = " union all ".join(_WALK.format(wanted=wanted, part=part) for part in parts)
    found = map(_entry, fetch_all(_NAMED.format(entries=_LATEST.format(walks=walks)), parameters))
    return [e if names or (e.student_key is None and operation is None) else _keyed(e) for e in found]


def get_entries(ids: Collection[int], *, names: bool) -> dict[int, HistoryEntry]:
    """Entries by their ids; ``names`` False: of one with a student key, not who that is."""
    found = map(_entry, fetch_all(_NAMED.format(entries=_THESE), {"ids": list(ids)})) if ids else ()
    return {e.id: e if names or e.student_key is None else _keyed(e) for e in found}


def _keyed(entry: HistoryEntry) -> HistoryEntry:
    """An entry with a student key as those see it who may not know whose it is."""
    return replace(entry, account_id=None, username=None, email=None)


def _entry(row: Sequence[Any]) -> HistoryEntry:
    """An entry of the columns of ``HistoryEntry``, the states as they are stored."""
    *columns, before, after, reason, student_id = row
    columns[3], columns[5] = Source(columns[3]), (subject := Subject(columns[5]))
    states = [read_state(subject, state) for state in (before, after)]
    return HistoryEntry(*(*columns, *states, reason, student_id))
