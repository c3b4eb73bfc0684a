-- The journal in feed order. How statements are written here: matricula/foundation/statements.py.

-- The next rows; each with what its operation says once for all, as the view matricula_change puts it together. Only
-- the rows that are looked at are joined, and only those that fit are written as JSON: whoever asks for few of many
-- goes on from the last row that was looked at.
-- statement: next
-- one of: early | late
-- maybe: course
-- maybe: program
-- maybe: subjects
-- maybe: some
with looked as materialized (
    select * from matricula_journalentry e
    -- before transactions were recorded
    where e.xact is null and e.id > %(id)s  --? early
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()  --? late
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
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
    order by e.xact nulls first, e.id limit %(limit)s
), shown as (
    select e.xact, e.id as change_id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
        e.subject, e.account_id, e.email, e.student_key, e.course_id as course, e.program_id as program,
        e.operation as operation_id, coalesce(e.source, o.source) as source,
        case when e.own or e.source is not null then e.actor_id else coalesce(e.actor_id, o.actor_id) end as actor_id,
        e.transition, e.before, e.after,
        case when e.own or e.source is not null then e.reason else coalesce(e.reason, o.reason) end as reason
    from found e left join matricula_operation o on o.id = e.operation
)
select (select count(*) from looked),
    (select coalesce(l.xact::text, '0')::bigint from looked l order by l.xact desc nulls last, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc nulls last, l.id desc limit 1),
    (select coalesce(array_agg(coalesce(f.xact::text, '0')::bigint order by f.xact nulls first, f.id), '{}') from found f),
    (select coalesce(json_agg(s order by s.xact nulls first, s.change_id), '[]')::text from shown s),
    matricula_journal_is_elsewhere(),
    %(xact)s::text::xid8 >= matricula_journal_horizon()

-- statement: head
select coalesce(h.xact::text, '0')::bigint, h.id, matricula_journal_is_elsewhere() from (
    (select e.xact, e.id from matricula_journalentry e where e.xact < matricula_journal_horizon()
     order by e.xact desc nulls last, e.id desc limit 1)
    union all
    (select e.xact, e.id from matricula_journalentry e where e.xact is null
     order by e.xact desc nulls last, e.id desc limit 1)
) h order by h.xact desc nulls last limit 1
