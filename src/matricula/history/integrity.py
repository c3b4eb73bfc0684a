"""Everything derived, computed once more from scratch, and everything kept, rebuilt from the journal alone
(``check --deep``).

Each check is one statement, so that it sees one moment, also while others write.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from matricula.enrollments.course.counts import BLOCK_OF_SEAT
from matricula.foundation.statements import Statement
from matricula.history.rebuilt import REBUILT, Rebuilt


class Difference(NamedTuple):
    """What does not agree: how often, and where the first of them are, by ids."""

    what: str
    times: int
    examples: list[str]


_COUNTS = Statement(
    """
select 'course ' || course_id || ', block "' || block || '"' from (
    select course_id, block, is_active, mode, count(*) as seats from (
        select e.course_id, e.is_active, e.mode,
            --> block_of_seat
            as block
        from matricula_courseenrollment e
    ) seats group by 1, 2, 3, 4
    union all
    select course_id, block, is_active, mode, -sum(seats) from matricula_rostercount group by 1, 2, 3, 4
) both_ways group by course_id, block, is_active, mode having sum(seats) <> 0
""",
    block_of_seat=BLOCK_OF_SEAT,
)
_STUDENT_COUNTS = """
select 'program ' || program_id || coalesce(', course ' || course_id, '') || ', ' || status from (
    select program_id, null::bigint as course_id, status, account_id is not null as is_linked, count(*) as students
    from matricula_programenrollment group by 1, 2, 3, 4
    union all
    select p.program_id, c.course_id, c.status, null::boolean, count(*)
    from matricula_programcourseenrollment c join matricula_programenrollment p on p.id = c.program_enrollment_id
    group by 1, 2, 3, 4
    union all
    select program_id, course_id, status, is_linked, -sum(students) from matricula_studentcount group by 1, 2, 3, 4
) both_ways group by program_id, course_id, status, is_linked having sum(students) <> 0
"""
# with rows in several programs of which some are active, the newest word counts: nothing can be said
_ROWS_AND_SEATS = """
select 'course ' || c.course_id || ', account ' || e.account_id
from matricula_programcourseenrollment c
join matricula_programenrollment e on e.id = c.program_enrollment_id and e.account_id is not null
left join matricula_courseenrollment s on s.course_id = c.course_id and s.account_id = e.account_id
group by c.course_id, e.account_id
having bool_and(c.status = 'active') and not bool_or(coalesce(s.is_active, false))
    or bool_and(c.status = 'inactive') and bool_or(coalesce(s.is_active, false))
"""
# An invitation that waits is known by its address, a bound one by its account; an entry with both moves it. Rows of
# version 1 did not name the address of an account.
_INVITATION_ENTRIES = """
    select id, transition = 'recorded' as recorded, course_id, account_id, lower(email collate "C") as address,
        before -> 'pre_enrollment' as was, after -> 'pre_enrollment' as became
    from matricula_journalentry
    where subject in ('course_enrollment', 'pre_enrollment') and (before ? 'v' or after ? 'v')
        and (before ? 'pre_enrollment' or after ? 'pre_enrollment')
"""
_INVITATION_STEPS = Statement(
    """
select 'journal row ' || id from (
    select id, recorded, was, account_id, address,
        lag(case when (became -> 'bound')::boolean then became end) over (
            partition by course_id, account_id order by id) as left_to_account,
        lag(case when not (became -> 'bound')::boolean then became end) over (
            partition by course_id, address order by id) as left_to_address
    from (
        --> entries
    ) entries
) steps
where not recorded
    and (account_id is null or was is distinct from left_to_account)
    and (address is null or was is distinct from left_to_address)
""",
    entries=_INVITATION_ENTRIES,
)
_INVITATIONS = Statement(
    """
with entries as (
    --> entries
)
select 'course ' || course_id || coalesce(', account ' || nullif(account_id, 0), ', an address') from (
    select distinct on (course_id, account_id, address) course_id, account_id, address, became from (
        select id, course_id, account_id, '' as address,
            case when (became -> 'bound')::boolean then became - 'bound' end as became
        from entries where account_id is not null
        union all
        select id, course_id, 0, address, case when not (became -> 'bound')::boolean then became - 'bound' end
        from entries where address is not null
    ) touched order by course_id, account_id, address, id desc
) journal
full join (
    select course_id, coalesce(account_id, 0) as account_id, case when account_id is null then email_key else '' end
        as address, jsonb_build_object('mode', mode, 'auto_enroll', auto_enroll) as stored
    from matricula_preenrollment
) invitations using (course_id, account_id, address)
where became is distinct from stored
""",
    entries=_INVITATION_ENTRIES,
)
# Who invited last, and why. An invitation that waited and a bound one of the same person become one, and either may be
# the one that is kept; what was before the journal began has neither.
_INVITERS = """
with became as (
    select id, course_id, account_id, lower(email collate "C") as address, actor_id, reason,
        transition = 'recorded' as recorded
    from matricula_change
    where subject in ('course_enrollment', 'pre_enrollment') and after ? 'pre_enrollment'
        and (transition in ('from unenrolled to allowed to enroll', 'recorded')
            or before -> 'pre_enrollment' is distinct from after -> 'pre_enrollment' and (kind = 'undo'
                -- an invitation that came with a merge of accounts
                or operation in (
                    select operation from matricula_journalentry where subject = 'account' and transition = 'merged'
                )))
), latest as (
    (select distinct on (course_id, account_id) course_id, account_id, null as address, actor_id, reason, recorded
     from became where account_id is not null order by course_id, account_id, id desc)
    union all
    (select distinct on (course_id, address) course_id, null, address, actor_id, reason, recorded
     from became where address is not null order by course_id, address, id desc)
), named as (
    select id, course_id, account_id, null as address from matricula_preenrollment where account_id is not null
    union
    select id, course_id, null, email_key from matricula_preenrollment
    union
    select i.id, i.course_id, null, lower(e.email collate "C") from matricula_preenrollment i
    join matricula_journalentry e on e.course_id = i.course_id and e.account_id = i.account_id and e.email is not null
    where e.subject in ('course_enrollment', 'pre_enrollment')
), inviters as (
    select n.id, l.actor_id, l.reason, l.recorded from named n
    join latest l on l.course_id = n.course_id and l.account_id = n.account_id
    union all
    select n.id, l.actor_id, l.reason, l.recorded from named n
    join latest l on l.course_id = n.course_id and l.address = n.address
)
select 'invitation ' || i.id from matricula_preenrollment i join inviters t using (id)
group by i.id having not bool_or(t.recorded)
    and not bool_or((t.actor_id, t.reason) is not distinct from (i.actor_id, i.reason))
"""
# days up to the last one that is kept; those of parts of the journal that were detached can't be computed any more
_DAYS = Statement("""
-- one of: course | program | students
select 'course ' || course_id || ', ' || day from (  --? course
select 'program ' || program_id || ', ' || day from (  --? not course
    select
        course_id, (at at time zone 'UTC')::date as day,  --? course
        program_id, (at at time zone 'UTC')::date as day,  --? not course
        --? course
        count(*) filter (where transition like '%% to enrolled' and transition <> 'from enrolled to enrolled') as came,
        count(*) filter (where transition like 'from enrolled to %%' and transition <> 'from enrolled to enrolled')
            as went,
        --? end
        --? program
        count(*) filter (where after ->> 'status' = 'enrolled' and before ->> 'status' is distinct from 'enrolled')
            as came,
        count(*) filter (where before ->> 'status' = 'enrolled' and after ->> 'status' is distinct from 'enrolled')
            as went,
        --? end
        --? students
        count(*) filter (where before ->> 'status' is null and after ->> 'status' is not null) as came,
        count(*) filter (where before ->> 'status' is not null and after ->> 'status' is null) as went,
        --? end
        min(id) as first_id, max(id) as last_id
    from matricula_journalentry
    where subject = 'course_enrollment' and program_id is null and account_id is not null  --? course
    where subject = 'program_enrollment'  --? not course
    group by 1, 2
) j
--? course
join (select course_id, max(day) as last from matricula_rosterday group by 1) kept using (course_id)
left join matricula_rosterday r using (course_id, day)
--? end
--? program
join (select program_id, max(day) as last from matricula_programday group by 1) kept using (program_id)
left join matricula_programday r using (program_id, day)
--? end
--? students
join (select program_id, max(day) as last from matricula_studentday group by 1) kept using (program_id)
left join matricula_studentday r using (program_id, day)
--? end
where day <= last and (j.came, j.went, j.first_id, j.last_id)
    is distinct from (r.came, r.went, r.first_id, r.last_id)
""")
# that a worker has begun is no change; jobs are deleted one day, their entries stay
_JOBS = """
select 'job ' || j.id from matricula_job j
left join lateral (
    select after ->> 'state' as became, (after ->> 'done')::bigint as done, (after ->> 'total')::bigint as total
    from matricula_journalentry
    where subject = 'job' and after ->> 'job_id' = j.id::text order by id desc limit 1
) e on true
where (became is not null or j.kind !~ '^(list|get|check|export)_')
    and (became, e.done, e.total) is distinct from (j.state, j.done::bigint, j.total::bigint)
    -- how far it is, is recorded once it has ended
    and not (became in ('pending', 'running') and j.state in ('pending', 'running'))
"""
_OPERATIONS = """
select 'journal row ' || e.id from matricula_journalentry e
where not exists (select 1 from matricula_operation o where o.id = e.operation)
"""
_STEPS = """
select 'journal row ' || id from (
    select id, recorded, was, lag(became) over (
        partition by
        --> keys
        order by id
    ) as left_as
    from (
        --> entries
    ) entries
) steps where not recorded and was is distinct from left_as
"""
_REBUILT = """
select
    --> shown
from (
    select distinct on (
        --> keys
    ) entries.*
    from (
        --> entries
    ) entries
    order by
    --> keys
    , id desc
) journal
full join (
    --> stored
) kept using (
    --> keys
)
where became is distinct from stored
"""
# in an answer, a row is known by ids: no names of people
_SECRET = {"student", "address", "what"}


def _steps(subject: Rebuilt) -> str:
    return Statement(_STEPS, keys=subject.keys, entries=subject.entries)()


def _rebuilt(subject: Rebuilt) -> str:
    shown = " || ', ' || ".join(
        f"'{key.removesuffix('_id')} ' || {key}" for key in subject.keys.split(", ") if key not in _SECRET
    )
    return Statement(_REBUILT, keys=subject.keys, entries=subject.entries, stored=subject.stored, shown=shown)()


_TOLD = "differ from what the journal tells"
_CHECKS = {
    "journal entries have no operation": _OPERATIONS,
    "counts of a roster differ from its seats": _COUNTS(),
    "counts of students differ from their rows": _STUDENT_COUNTS,
    f"days of a roster {_TOLD}": _DAYS("course"),
    f"days of a program {_TOLD}": _DAYS("program"),
    f"days of the students of a program {_TOLD}": _DAYS("students"),
    **{f"journal entries of {s.name} do not begin where the one before ended": _steps(s) for s in REBUILT},
    **{f"{s.name} {_TOLD} last": _rebuilt(s) for s in REBUILT},
    "journal entries of invitations do not begin where the one before ended": _INVITATION_STEPS(),
    f"invitations {_TOLD} last": _INVITATIONS(),
    f"inviters {_TOLD} last": _INVITERS,
    f"jobs {_TOLD} last": _JOBS,
    "rows of programs contradict the course enrollments behind them": _ROWS_AND_SEATS,
}
_SHOWN = 5


def list_differences() -> Iterator[Difference]:
    """What does not agree; nothing where all is well. Reads whole tables: minutes, where there are millions of rows."""
    with connection.cursor() as cursor:
        for what, query in _CHECKS.items():
            # one of the statements above
            counted = f"with found(example) as ({query}) select count(*) over (), example from found limit %s"  # noqa: S608
            cursor.execute(counted, [_SHOWN])
            if found := cursor.fetchall():
                yield Difference(what, found[0][0], [example for _, example in found])
