-- resolve_courses()
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with known as materialized (
    select * from unnest(%(asks)s::text[], %(expected)s::text[], %(targets)s::text[]) k(ask, expected, target)
),
invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, q.person as held, a.generation,
        case when q.person is null then q.folded end as other, s.standing,
        k.ask is not null and a.is_active and s.standing in (k.expected, k.target)
            and not exists (select from invited i where i.account_id = a.id)
            and not exists (select from invited i where i.account_id is null and i.email_key = a.email_key) as is_plain
    from asked q
    left join known k on k.ask = q.ask
    left join matricula_account a on a.id = q.person
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = q.person
    cross join lateral (select coalesce(e.is_active || ' ' || e.mode, '') as standing) s
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

-- resolve_students()
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with known as materialized (
    select * from unnest(%(asks)s::text[], %(expected)s::text[], %(targets)s::text[]) k(ask, expected, target)
),
found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, e.id as held, null::int as generation,
        case when e.id is null then q.folded end as other, coalesce(e.status, '') as standing,
        k.ask is not null and coalesce(e.status, '') in (k.expected, k.target)
            and (k.target <> '' or not exists (
                select from matricula_programcourseenrollment c where c.program_enrollment_id = e.id
            )) as is_plain
    from asked q
    left join known k on k.ask = q.ask
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

