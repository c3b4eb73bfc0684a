-- next(early)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, some)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, some, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, program)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, program, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, program, some)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, program, some, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, some)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, some, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, program)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, program, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, program, some)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(early, course, program, some, subjects)
with looked as materialized (
    select * from matricula_journal_early(%(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, some)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, some, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, program)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, program, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, program, some)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, program, some, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, some)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, some, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, program)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, program, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, program, some)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- next(late, course, program, some, subjects)
with looked as materialized (
    select * from matricula_journal_after(%(xact)s::text::xid8, %(id)s, %(looked)s)
)
select (select matricula_journal_is_elsewhere()),
    (select %(xact)s::text::xid8 >= matricula_journal_horizon()
        or not exists (select from matricula_journalentry e where e.xact = %(xact)s::text::xid8 and e.id = %(id)s)
        and exists (select from matricula_journalentry e where (e.xact, e.id) < (%(xact)s::text::xid8, %(id)s))),
    (select count(*) from looked),
    (select l.xact::text from looked l order by l.xact desc, l.id desc limit 1),
    (select l.id from looked l order by l.xact desc, l.id desc limit 1),
    r.xact::text,
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from (select) one
left join (
    select * from looked e
    where true
        and e.course_id = %(course)s
        and e.program_id = %(program)s
        and e.subject = any(%(subjects)s)
        and (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
    order by e.xact, e.id limit %(limit)s
) r on true
left join matricula_operation o on o.id = r.operation
order by r.xact, r.id;

-- head()
select coalesce(h.xact::text, '0')::bigint, coalesce(h.id, 0), matricula_journal_is_elsewhere()
from (select) one left join matricula_journal_head() h on true;

-- held_back()
select min(e.at) from matricula_journalentry e where e.xact >= matricula_journal_horizon();

-- by_id()
select
    r.id, to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.subject, r.account_id,
    r.email, r.student_key, r.course_id, r.program_id, r.operation::text, coalesce(r.source, o.source),
    case when r.own or r.source is not null then r.actor_id else coalesce(r.actor_id, o.actor_id) end, r.transition,
    r.before::text, r.after::text,
    case when r.own or r.source is not null then r.reason else coalesce(r.reason, o.reason) end
from matricula_journalentry r left join matricula_operation o on o.id = r.operation
where r.id = any(%(ids)s);

