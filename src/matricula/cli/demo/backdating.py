"""Moving what the demo wrote into the past, where it is said to have happened."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.foundation.transactions import one_transaction

# who was written in one operation keeps the order in which it was written
_JOURNAL = """
with moments as (select * from unnest(%s::uuid[], %s::timestamptz[]) m(operation, at))
update matricula_journalentry j set at = m.at + (j.at - first.at)
from moments m join (
    select operation, min(at) as at from matricula_journalentry where operation in (select operation from moments)
    group by operation
) first using (operation)
where j.operation = m.operation
"""
_OPERATIONS = """
update matricula_operation o set started = m.at, ended = m.at + (o.ended - o.started)
from unnest(%s::uuid[], %s::timestamptz[]) m(id, at) where o.id = m.id
"""
_JOBS = """
update matricula_job j set created = m.at, updated = m.at + interval '1 second' * (2 + j.done %% 7)
from unnest(%s::uuid[], %s::timestamptz[]) m(id, at) where j.id = m.id
"""
_ACCOUNTS = """
update matricula_account a set date_joined = m.at, activated = case when a.activated is not null then m.at end
from unnest(%s::bigint[], %s::timestamptz[]) m(id, at) where a.id = m.id
"""
# what follows is taken from the journal, whose times are the true ones by then
_SEATS = """
update matricula_courseenrollment e set created = j.at from (
    select account_id, course_id, min(at) as at from matricula_journalentry
    where subject = 'course_enrollment' and after ? 'enrollment' group by 1, 2
) j where j.account_id = e.account_id and j.course_id = e.course_id
"""
_INVITATIONS = """
update matricula_preenrollment i set created = (
    select max(j.at) from matricula_journalentry j
    where j.subject in ('course_enrollment', 'pre_enrollment') and j.course_id = i.course_id
      and j.after ? 'pre_enrollment' and not j.before ? 'pre_enrollment'
      and (j.account_id = i.account_id or lower(j.email collate "C") = i.email_key
           or j.account_id = (select id from matricula_account a where a.email_key = i.email_key))
)
"""
_STUDENTS = """
update matricula_programenrollment e set created = j.first, updated = j.last from (
    select program_id, lower(student_key collate "C") as key, min(at) as first, max(at) as last
    from matricula_journalentry where subject = 'program_enrollment' group by 1, 2
) j where j.program_id = e.program_id and j.key = e.student_key_folded
"""
_IN_COURSES = """
update matricula_programcourseenrollment c set created = j.first, updated = j.last
from matricula_programenrollment e, (
    select program_id, course_id, lower(student_key collate "C") as key, min(at) as first, max(at) as last
    from matricula_journalentry where subject = 'program_course_enrollment' group by 1, 2, 3
) j
where e.id = c.program_enrollment_id
  and j.program_id = e.program_id and j.course_id = c.course_id and j.key = e.student_key_folded
"""


def backdate_the_demo(operations: Mapping[uuid.UUID, datetime], accounts: Mapping[int, datetime]) -> None:
    """Moves what these operations and jobs wrote, and these accounts, to the given moments.

    This rewrites the journal, past the trigger that keeps it from being changed. Only ``matricula up`` may come here,
    in the transaction in which it fills a database that was empty: nothing in it has truly happened. Every time of an
    enrollment is set to what the journal says.
    """
    moments: list[Any] = [list(operations), list(operations.values())]
    joined: list[Any] = [list(accounts), list(accounts.values())]
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_journalentry disable trigger journal_is_append_only")
        cursor.execute("alter table matricula_operation disable trigger operations_are_kept_as_they_are")
        cursor.execute(_JOURNAL, moments)
        cursor.execute(_OPERATIONS, moments)
        cursor.execute("alter table matricula_journalentry enable trigger journal_is_append_only")
        cursor.execute("alter table matricula_operation enable trigger operations_are_kept_as_they_are")
        cursor.execute(_JOBS, moments)
        cursor.execute(_ACCOUNTS, joined)
        for query in (_SEATS, _INVITATIONS, _STUDENTS, _IN_COURSES):
            cursor.execute(query)
