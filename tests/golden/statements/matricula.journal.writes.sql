-- _INSERT()
with operation as (
    insert into matricula_operation (id, kind, source, actor_id, reason, course_id, program_id, job_id, file, reverts,
                                     ended)
    select o.*, case when o.job_id is null then clock_timestamp() end
    from (values (%s::uuid, %s::text, %s::text, %s::bigint, %s::text, %s::bigint, %s::bigint, %s::uuid, %s::text,
                  %s::uuid)) o (id, kind, source, actor_id, reason, course_id, program_id, job_id, file, reverts)
    on conflict (id) do nothing
)
insert into matricula_journalentry (at, operation, subject, actor_id, own, account_id, email, course_id,
                                    program_id, student_key, transition, before, after, reason)
select clock_timestamp(), %s, s.subject, s.actor_id, s.own, e.account_id, e.email, s.course_id, s.program_id,
    e.student_key, s.transition, s.before, s.after, s.reason
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[])
    with ordinality e(step, account_id, email, student_key, position)
join unnest(%b::text[], %b::bigint[], %b::boolean[], %b::bigint[], %b::bigint[], %b::text[], %b::jsonb[], %b::jsonb[],
            %b::text[])
    with ordinality s(subject, actor_id, own, course_id, program_id, transition, before, after, reason, step)
    using (step)
order by e.position;

