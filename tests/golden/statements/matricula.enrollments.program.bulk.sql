-- resolve()
insert into matricula_jobwork (job_id, slice, number, key, held, standing, ask)
select %(job)s,
    case when q.ask = any(%(asks)s::text[]) then (row_number() over (order by q.folded) - 1) / %(size)s + 1 + %(above)s
    else 0 end,
    q.number, q.key, e.id, coalesce(e.status, ''), q.ask
from asked q
left join matricula_programenrollment e on e.program_id = %(program)s and e.student_key_folded = q.folded
order by q.folded;

-- update()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(ask)s::text[], %(inserts)s::boolean[],
            %(updates)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, ask, inserts, updates, status, transition, before, after)
    )
, w as (
    select w.number, w.key, w.held, w.standing, c.status, c.transition, c.before, c.after
    from matricula_jobwork w join cases c using (standing, ask)
    where w.job_id = %(job)s and w.slice = %(slice)s
        and c.updates
),
held as (
    select e.id, e.account_id, e.student_key, w.status, w.transition, w.before, w.after
    from w join matricula_programenrollment e on e.id = w.held and e.status = w.standing
    order by e.id for no key update of e
),
changed as (
    update matricula_programenrollment e set status = h.status, updated = now() from held h where e.id = h.id
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', h.account_id, %(program)s, h.student_key, h.transition,
    h.before, h.after
from held h;

-- insert()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(ask)s::text[], %(inserts)s::boolean[],
            %(updates)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, ask, inserts, updates, status, transition, before, after)
    )
, w as (
    select w.number, w.key, w.held, w.standing, c.status, c.transition, c.before, c.after
    from matricula_jobwork w join cases c using (standing, ask)
    where w.job_id = %(job)s and w.slice = %(slice)s
        and c.inserts
),
new as (
    insert into matricula_programenrollment (program_id, student_key, account_id, status, created, updated)
    select %(program)s, w.key, i.account_id, w.status, now(), now()
    from w left join matricula_studentidentity i
        on i.organization_id = %(organization)s and i.student_key_folded = lower(w.key collate "C")
    order by lower(w.key collate "C")
    on conflict do nothing
    returning student_key, account_id, status
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', n.account_id, %(program)s, n.student_key, c.transition,
    c.before, c.after
from new n join cases c on c.inserts and c.status = n.status;

