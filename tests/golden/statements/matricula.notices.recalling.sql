-- recall(chosen)
with waiting as (
    select m.id from matricula_outgoingmail m where m.due is not null
        and m.id = any(%(ids)s::bigint[])
        and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
            or m.course_id is null and m.program_id = any(%(programs)s::bigint[]))
    order by m.id for update skip locked
)
update matricula_outgoingmail m
set due = null, recalled = clock_timestamp(), recall = %(recall)s,
    context = case when m.kind = any(%(with_secrets)s) then m.context - 'link' else m.context end
from waiting where m.id = waiting.id
returning m.id;

-- recall(of_operation)
with waiting as (
    select m.id from matricula_outgoingmail m where m.due is not null
        and m.operation = %(of)s
        and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
            or m.course_id is null and m.program_id = any(%(programs)s::bigint[]))
    order by m.id for update skip locked
)
update matricula_outgoingmail m
set due = null, recalled = clock_timestamp(), recall = %(recall)s,
    context = case when m.kind = any(%(with_secrets)s) then m.context - 'link' else m.context end
from waiting where m.id = waiting.id
returning m.id;

-- still_due(chosen)
select count(*) from matricula_outgoingmail m where m.due is not null
    and m.id = any(%(ids)s::bigint[])
    and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
        or m.course_id is null and m.program_id = any(%(programs)s::bigint[]));

-- still_due(of_operation)
select count(*) from matricula_outgoingmail m where m.due is not null
    and m.operation = %(of)s
    and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
        or m.course_id is null and m.program_id = any(%(programs)s::bigint[]));

-- about(chosen)
select distinct m.course_id, m.program_id from matricula_outgoingmail m where true
    and m.id = any(%(ids)s::bigint[])
    and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
        or m.course_id is null and m.program_id = any(%(programs)s::bigint[]));

-- about(of_operation)
select distinct m.course_id, m.program_id from matricula_outgoingmail m where true
    and m.operation = %(of)s
    and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
        or m.course_id is null and m.program_id = any(%(programs)s::bigint[]));

-- lock(chosen)
with wanted as materialized (
    select m.id, m.copy_of from matricula_outgoingmail m where true
        and m.id = any(%(ids)s::bigint[])
        and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
            or m.course_id is null and m.program_id = any(%(programs)s::bigint[]))
    order by m.id limit %(limit)s
)
select m.id, m.id in (select id from wanted) from matricula_outgoingmail m
where m.id in (select id from wanted union select copy_of from wanted) order by m.id for update of m;

-- lock(of_operation)
with wanted as materialized (
    select m.id, m.copy_of from matricula_outgoingmail m where true
        and m.operation = %(of)s
        and (%(everything)s or m.course_id = any(%(courses)s::bigint[])
            or m.course_id is null and m.program_id = any(%(programs)s::bigint[]))
        and m.due is null and m.sent is null and m.recalled is null
    order by m.id limit %(limit)s
)
select m.id, m.id in (select id from wanted) from matricula_outgoingmail m
where m.id in (select id from wanted union select copy_of from wanted) order by m.id for update of m;

-- facts()
select m.id, m.kind, m."to", m.due, m.sent, m.recalled,
    (select count(*) from matricula_outgoingmail c
        where c.copy_of = coalesce(m.copy_of, m.id) and c.queued > now() - %(days)s * interval '1 day'),
    m.context ? 'link' or m.kind = any(%(without_links)s)
from matricula_outgoingmail m where m.id = any(%(ids)s::bigint[]) order by m.id;

-- retry()
update matricula_outgoingmail set due = now(), attempts = 0 where id = any(%(ids)s::bigint[]);

-- copy()
insert into matricula_outgoingmail
    (kind, "to", language, context, operation, course_id, program_id, queued, due, attempts, copy_of)
select m.kind, m."to", m.language, m.context || jsonb_build_object('copy_of', to_char(
        coalesce(o.sent, m.sent) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')),
    %(operation)s, m.course_id, m.program_id, now(), now(), 0, coalesce(m.copy_of, m.id)
from matricula_outgoingmail m left join matricula_outgoingmail o on o.id = m.copy_of
where m.id = any(%(ids)s::bigint[]) order by m.id;

