-- Outgoing mail: page by page. How statements are written here: matricula/foundation/statements.py.

-- The latest first. Those who may not see all are given the course runs and programs whose mails they see: each is
-- searched by its own index, so that a manager of a small course run waits for no one else's million.
-- statement: mails
-- one of: everything | some
-- one of: any_state | waiting | sent | failed | recalled
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    --? everything
    select m.* from matricula_outgoingmail m where true
        --> fitting
    order by m.queued desc, m.id desc limit %(limit)s
    --? end
    --? some
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            --> fitting
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            --> fitting
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    --? end
) m
order by m.queued desc, m.id desc limit %(limit)s

-- piece: fitting
and m.due is not null  --? waiting
and m.sent is not null  --? sent
and m.due is null and m.sent is null and m.recalled is null  --? failed
and m.recalled is not null  --? recalled
and (%(kind)s::text is null or m.kind = %(kind)s)
and (%(operation)s::uuid is null or m.operation = %(operation)s)
and (%(since)s::timestamptz is null or m.queued >= %(since)s)
and (%(until)s::timestamptz is null or m.queued < %(until)s)
and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))

-- Which of the mails are being sent: their sender holds an advisory lock of this database.
-- statement: being_sent
select m.id from unnest(%(ids)s::bigint[]) m(id) join pg_locks l
    on l.locktype = 'advisory' and l.granted and l.classid = %(lock)s::oid and l.objid = (m.id %% 2147483647)::oid
        and l.database = (select oid from pg_database where datname = current_database())
