-- mails(everything, any_state)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select m.* from matricula_outgoingmail m where true
        and (%(kind)s::text is null or m.kind = %(kind)s)
        and (%(operation)s::uuid is null or m.operation = %(operation)s)
        and (%(since)s::timestamptz is null or m.queued >= %(since)s)
        and (%(until)s::timestamptz is null or m.queued < %(until)s)
        and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
    order by m.queued desc, m.id desc limit %(limit)s
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(everything, failed)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select m.* from matricula_outgoingmail m where true
        and m.due is null and m.sent is null and m.recalled is null
        and (%(kind)s::text is null or m.kind = %(kind)s)
        and (%(operation)s::uuid is null or m.operation = %(operation)s)
        and (%(since)s::timestamptz is null or m.queued >= %(since)s)
        and (%(until)s::timestamptz is null or m.queued < %(until)s)
        and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
    order by m.queued desc, m.id desc limit %(limit)s
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(everything, recalled)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select m.* from matricula_outgoingmail m where true
        and m.recalled is not null
        and (%(kind)s::text is null or m.kind = %(kind)s)
        and (%(operation)s::uuid is null or m.operation = %(operation)s)
        and (%(since)s::timestamptz is null or m.queued >= %(since)s)
        and (%(until)s::timestamptz is null or m.queued < %(until)s)
        and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
    order by m.queued desc, m.id desc limit %(limit)s
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(everything, sent)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select m.* from matricula_outgoingmail m where true
        and m.sent is not null
        and (%(kind)s::text is null or m.kind = %(kind)s)
        and (%(operation)s::uuid is null or m.operation = %(operation)s)
        and (%(since)s::timestamptz is null or m.queued >= %(since)s)
        and (%(until)s::timestamptz is null or m.queued < %(until)s)
        and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
    order by m.queued desc, m.id desc limit %(limit)s
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(everything, waiting)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select m.* from matricula_outgoingmail m where true
        and m.due is not null
        and (%(kind)s::text is null or m.kind = %(kind)s)
        and (%(operation)s::uuid is null or m.operation = %(operation)s)
        and (%(since)s::timestamptz is null or m.queued >= %(since)s)
        and (%(until)s::timestamptz is null or m.queued < %(until)s)
        and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
    order by m.queued desc, m.id desc limit %(limit)s
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(some, any_state)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(some, failed)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            and m.due is null and m.sent is null and m.recalled is null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            and m.due is null and m.sent is null and m.recalled is null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(some, recalled)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            and m.recalled is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            and m.recalled is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(some, sent)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            and m.sent is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            and m.sent is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- mails(some, waiting)
select m.id, m.kind, m."to", m.language, m.course_id, m.program_id, m.operation, m.queued, m.due, m.attempts, m.sent,
    m.last_error, m.recalled, m.recall, m.copy_of
from (
    select found.* from unnest(%(courses)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.course_id = k.id
            and m.due is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
    union all
    select found.* from unnest(%(programs)s::bigint[]) k(id) cross join lateral (
        select m.* from matricula_outgoingmail m where m.program_id = k.id and m.course_id is null
            and m.due is not null
            and (%(kind)s::text is null or m.kind = %(kind)s)
            and (%(operation)s::uuid is null or m.operation = %(operation)s)
            and (%(since)s::timestamptz is null or m.queued >= %(since)s)
            and (%(until)s::timestamptz is null or m.queued < %(until)s)
            and (%(before)s::timestamptz is null or (m.queued, m.id) < (%(before)s, %(before_id)s))
        order by m.queued desc, m.id desc limit %(limit)s
    ) found
) m
order by m.queued desc, m.id desc limit %(limit)s;

-- being_sent()
select m.id from unnest(%(ids)s::bigint[]) m(id) join pg_locks l
    on l.locktype = 'advisory' and l.granted and l.classid = %(lock)s::oid and l.objid = (m.id %% 2147483647)::oid
        and l.database = (select oid from pg_database where datname = current_database());

