-- next(early)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, some)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, program)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, program, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, program, some)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, program, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, some)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, program)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, program, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, program, some)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(early, course, program, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where e.xact is null and e.id > %(id)s
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, some)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, program)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, program, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, program, some)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, program, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, some)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, program)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, program, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, program, some)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- next(late, course, program, some, subjects)
with looked as materialized (
    select * from matricula_journalentry e
    where (e.xact, e.id) > (%(xact)s::text::xid8, %(id)s) and e.xact < matricula_journal_horizon()
    order by e.xact nulls first, e.id limit %(looked)s
), found as (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
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
    %(xact)s::text::xid8 >= matricula_journal_horizon();

-- head()
select coalesce(h.xact::text, '0')::bigint, h.id, matricula_journal_is_elsewhere() from (
    (select e.xact, e.id from matricula_journalentry e where e.xact < matricula_journal_horizon()
     order by e.xact desc nulls last, e.id desc limit 1)
    union all
    (select e.xact, e.id from matricula_journalentry e where e.xact is null
     order by e.xact desc nulls last, e.id desc limit 1)
) h order by h.xact desc nulls last limit 1;

