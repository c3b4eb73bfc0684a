-- resolve()
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with known as materialized (
    select * from unnest(%(asks)s::text[], %(courses)s::bigint[], %(staff)s::boolean[], %(alone)s::boolean[])
        k(ask, course_id, course_staff, is_plain)
),
elsewhere as materialized (
    select t.course_id, t.organization_id, t.student_key_folded, t.status, o.account_id
    from matricula_programcourseenrollment t
    join matricula_programenrollment o on o.id = t.program_enrollment_id and o.program_id <> %(program)s
    where t.course_id = any(%(courses)s::bigint[])
),
invited as materialized (
    select course_id, account_id, email_key from matricula_preenrollment where course_id = any(%(courses)s::bigint[])
),
found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, e.id as held, null::int as generation,
        case when e.id is null then q.folded || ' ' else '' end || coalesce(k.course_id::text, '') as other,
        case when e.id is null then 'none' else
            coalesce(c.status || ' ' || c.course_staff, '') || '/'
            || case when e.account_id is null then '-' else coalesce(s.is_active || ' ' || s.mode, '') end
        end
        as standing,
        coalesce(k.is_plain, false)
            and coalesce(k.course_staff = coalesce(c.course_staff, false), true)
            and a.is_active is not false
            and through.course_id is null and active.course_id is null
            and bound.course_id is null and waiting.course_id is null as is_plain
    from asked q
    left join known k on k.ask = q.ask
    left join matricula_programenrollment e on e.program_id = %(program)s and e.student_key_folded = q.folded
    left join matricula_account a on a.id = e.account_id
    left join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = k.course_id
    left join matricula_courseenrollment s on s.account_id = e.account_id and s.course_id = k.course_id
    left join (select distinct course_id, account_id from elsewhere) through
        on through.account_id = e.account_id and through.course_id = k.course_id
    left join elsewhere active on active.student_key_folded = e.student_key_folded
        and active.course_id = k.course_id and active.organization_id = %(organization)s and active.status = 'active'
    left join invited bound on bound.account_id = e.account_id and bound.course_id = k.course_id
    left join invited waiting on waiting.email_key = a.email_key and waiting.course_id = k.course_id
        and waiting.account_id is null
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

-- lock_students()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
)
, named as (
    select distinct e.student_key_folded from w join matricula_programenrollment e on e.id = w.held
),
shared as materialized (
    select distinct student_key_folded from named n join matricula_programenrollment o using (student_key_folded)
    where o.program_id in (
        select id from matricula_program where organization_id = %(organization)s and id <> %(program)s
    )
),
held as (
    select e.id from shared join matricula_programenrollment e using (student_key_folded)
    where e.program_id in (select id from matricula_program where organization_id = %(organization)s)
    order by e.id for no key update of e
)
select count(*) from held;

-- lock_seats()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
)
, held as (
    select s.id from w
    join matricula_programenrollment e on e.id = w.held
    join matricula_courseenrollment s on s.account_id = e.account_id and s.course_id = w.course_id
    order by s.id for no key update of s
)
select count(*) from held;

-- lock_rows()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
)
, held as (
    select c.id from w
    join matricula_programcourseenrollment c on c.program_enrollment_id = w.held and c.course_id = w.course_id
    order by c.id for no key update of c
)
select count(*) from held;

-- compare()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
)
select count(*) from w
join matricula_programenrollment e on e.id = w.held
left join matricula_account a on a.id = e.account_id
left join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = w.course_id
left join matricula_courseenrollment s on s.account_id = e.account_id and s.course_id = w.course_id
where a.is_active is not false
    and w.standing =
        case when e.id is null then 'none' else
            coalesce(c.status || ' ' || c.course_staff, '') || '/'
            || case when e.account_id is null then '-' else coalesce(s.is_active || ' ' || s.mode, '') end
        end
    and not exists (
        select from matricula_preenrollment i where i.account_id = e.account_id and i.course_id = w.course_id
    )
    and not exists (
        select from matricula_preenrollment i
        where i.email_key = a.email_key and i.course_id = w.course_id and i.account_id is null
    )
    and not exists (
        select from matricula_programenrollment o
        join matricula_programcourseenrollment t on t.program_enrollment_id = o.id
        where o.account_id = e.account_id and o.program_id <> %(program)s and t.course_id = w.course_id
    );

-- update_rows()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.updates
)
update matricula_programcourseenrollment c set status = w.status, updated = now()
from w where c.program_enrollment_id = w.held and c.course_id = w.course_id;

-- insert_rows()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.inserts
)
insert into matricula_programcourseenrollment
    (program_enrollment_id, course_id, status, course_staff, organization_id, student_key_folded, created, updated)
select e.id, w.course_id, w.status, false, %(organization)s, e.student_key_folded, now(), now()
from w join matricula_programenrollment e on e.id = w.held
order by e.id, w.course_id
on conflict do nothing;

-- insert_seats()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.inserts_seat
)
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select w.course_id, a.id, a.username_key, w.mode, w.is_active, now()
from w
join matricula_programenrollment e on e.id = w.held
join matricula_account a on a.id = e.account_id
order by w.course_id, a.id
on conflict do nothing;

-- update_seats()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.updates_seat
)
update matricula_courseenrollment s set mode = w.mode, is_active = w.is_active
from w join matricula_programenrollment e on e.id = w.held
where s.account_id = e.account_id and s.course_id = w.course_id;

-- journal_rows()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and (c.inserts or c.updates)
)
insert into matricula_journalentry
    (at, operation, subject, account_id, course_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_course_enrollment', e.account_id, w.course_id, e.program_id,
    e.student_key, w.transition, w.before, w.after
from w join matricula_programenrollment e on e.id = w.held
order by e.id, w.course_id;

-- journal_seats()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(course_id)s::bigint[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(status)s::text[],
            %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[],
            %(inserts_seat)s::boolean[], %(updates_seat)s::boolean[], %(mode)s::text[], %(is_active)s::boolean[],
            %(seat_transition)s::text[], %(seat_before)s::jsonb[], %(seat_after)s::jsonb[])
        c(number, standing, course_id, inserts, updates, status, transition, before, after,
            inserts_seat, updates_seat, mode, is_active, seat_transition, seat_before, seat_after)
    )
, w as materialized (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and (c.inserts_seat or c.updates_seat)
)
insert into matricula_journalentry (at, operation, subject, account_id, course_id, transition, before, after)
select clock_timestamp(), %(operation)s, 'course_enrollment', e.account_id, w.course_id, w.seat_transition,
    w.seat_before, w.seat_after
from w join matricula_programenrollment e on e.id = w.held
order by e.id, w.course_id;

