-- The journal in feed order. How statements are written here: matricula/foundation/statements.py.

-- What a record has, of an entry r and its operation o.
-- piece: record
r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
r.before::text, r.after::text,
case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end

-- The next rows; each with what its operation says once for all, as the view matricula_change puts it together, behind
-- what is true of the whole slice: a journal in another server, a place that isn't in it, how many rows were looked at,
-- and the last of them. A place is that of a row; the row isn't there where the database was restored to an earlier
-- moment. What is before all rows was in a part that was detached since. One row without an id where none fits: whoever asks for few of many goes on from the
-- last row that was looked at.
-- statement: next
-- one of: early | late
-- maybe: course
-- maybe: program
-- maybe: subjects
-- maybe: some
with looked as materialized (
    -- before transactions were recorded
    select * from matricula_journal_early(%(id)s, %(looked)s)  --? early
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)  --? late
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    --> record
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s  --? course
        and e.program_id = %(program)s  --? program
        and e.subject = any(%(subjects)s)  --? subjects
        -- no student by key, unless in a program of theirs
        --? some
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
        --? end
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id

-- Always one row: also of a journal of which nothing is final, it is to be known that it is another server's.
-- statement: head
select coalesce(h.xact::text, '0')::bigint, coalesce(h.id, 0), matricula_journal_is_elsewhere()
from (select) one left join matricula_journal_head() h on true

-- statement: held_back
select min(e.at) from matricula_journalentry e where e.xact >= matricula_journal_horizon()

-- Some entries, whatever their order.
-- statement: by_id
select
    --> record
from matricula_journalentry r left join matricula_operation o on o.id = r.operation
where r.id = any(%(ids)s)
