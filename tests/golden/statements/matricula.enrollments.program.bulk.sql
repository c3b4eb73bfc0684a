-- resolve()
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, e.id as held, null::int as generation,
        case when e.id is null then q.folded end as other, coalesce(e.status, '') as standing,
        q.ask = any(%(asks)s::text[]) as is_plain
    from asked q
    left join matricula_programenrollment e on e.program_id = %(program)s and e.student_key_folded = q.folded
)
select %(job)s, p.slice, count(*), array_agg(p.number), array_agg(p.key), array_agg(p.held), array_agg(p.generation),
    case when bool_or(p.reason is not null) then array_agg(p.reason) end,
    case when bool_or(p.line is not null) then array_agg(p.line) end,
    case when bool_or(p.person is not null) then array_agg(p.person) end,
    array_agg(p.standing || e'\x1f' || p.ask)
from (
    select n.*, case
        when n.is_alone then (count(*) filter (where n.is_alone) over earlier - 1) / %(size)s + 1
        else -1 - (count(*) filter (where not n.is_alone and n.nth = 1) over earlier - 1) / %(chunk)s
    end as slice
    from (
        select f.*, f.is_plain and count(*) over same = 1 as is_alone, row_number() over same_in_turn as nth
        from found f
        window same as (partition by f.held, f.other), same_in_turn as (partition by f.held, f.other order by f.number)
    ) n
    window earlier as (order by n.held, n.other, n.number rows unbounded preceding)
) p group by p.slice;

-- update()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(inserts)s::boolean[], %(updates)s::boolean[],
            %(deletes)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, inserts, updates, deletes, status, transition, before, after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
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
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(inserts)s::boolean[], %(updates)s::boolean[],
            %(deletes)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, inserts, updates, deletes, status, transition, before, after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
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

-- delete()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(inserts)s::boolean[], %(updates)s::boolean[],
            %(deletes)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, inserts, updates, deletes, status, transition, before, after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.deletes
),
held as (
    select e.id, w.transition, w.before, w.after
    from w join matricula_programenrollment e on e.id = w.held and e.status = w.standing
    order by e.id for update of e
),
gone as (
    delete from matricula_programenrollment e using held h
    where e.id = h.id
        and not exists (select from matricula_programcourseenrollment c where c.program_enrollment_id = h.id)
    returning e.account_id, e.student_key, h.transition, h.before, h.after
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', g.account_id, %(program)s, g.student_key, g.transition,
    g.before, g.after
from gone g;

