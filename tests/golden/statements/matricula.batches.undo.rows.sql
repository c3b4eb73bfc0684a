-- keep()
with
    entries as (
        select e.id, e.subject, e.account_id, e.email, e.course_id, e.program_id, e.student_key,
            case when e.subject = 'pre_enrollment' then 'course_enrollment' else e.subject end as family,
            case when e.subject in ('program_enrollment', 'program_course_enrollment', 'student_key') then null
                else e.account_id end as person,
            case when e.subject in ('program_enrollment', 'program_course_enrollment', 'student_key')
                    then lower(e.student_key collate "C")
                when e.account_id is null then lower(e.email collate "C") end as who,
            case e.subject
                when 'course_role' then coalesce(e.before ->> 'role', e.after ->> 'role')
                when 'student_key' then (e.before || e.after) ->> 'organization_id'
                when 'role' then ((e.before || e.after) - 'v')::text
                when 'feature' then ((e.before || e.after) - 'v')::text
                when 'membership' then ((e.before || e.after) - 'v')::text
            end as role,
            e.before, e.after
        from matricula_journalentry e
        where e.operation = %(operation)s and e.subject = any(%(subjects)s)
            and (%(changes)s::bigint[] is null or e.id = any(%(changes)s::bigint[]))
            and (e.subject = 'student_key' or not (e.before ? 'account_id' or e.after ? 'account_id'))
    ),
    chains as (
        select distinct on (person, who, course_id, family, program_id, role) family, course_id, program_id, account_id, email,
            student_key, role, first_value(before) over chain as target, last_value(after) over chain as left_as,
            last_value(id) over chain as entry
        from entries
        window chain as (
            partition by person, who, course_id, family, program_id, role order by id
            rows between unbounded preceding and unbounded following
        )
        order by person, who, course_id, family, program_id, role
    )
, ordered as (
    select c.family, coalesce(
            case when c.family in ('program_enrollment', 'program_course_enrollment', 'student_key') then c.student_key end,
            a.username, c.email
        ) as key,
        jsonb_build_array(
            c.family, (c.target - 'v')::text, (c.left_as - 'v')::text, c.course_id, c.program_id, c.role, null
        )::text as ask,
        c.account_id, row_number() over (
            order by case
                    when c.family = 'program_enrollment' then case when c.target = '{}' then 4 else 0 end
                    when c.family = 'program_course_enrollment' then 1 when c.family = 'course_enrollment' then 2 else 3
                end,
                c.family, c.course_id, c.program_id, c.account_id, c.entry
        ) as n
    from chains c left join matricula_account a on a.id = c.account_id
    where c.target - 'v' <> c.left_as - 'v'
),
stored as (
    insert into matricula_jobchunk (job_id, number, version, keys, asks, people, numbers)
    select %(job)s, (n - 1) / %(size)s + 1, %(version)s, array_agg(key order by n), array_agg(ask order by n),
        array_agg(account_id order by n), array[min(n)]
    from ordered group by 2
    returning cardinality(keys) as rows
)
select coalesce(sum(rows), 0), (select case when count(distinct family) = 1 then min(family) end from ordered)
from stored;

-- latest()
with wanted as materialized (
    select * from unnest(%(families)s::text[], %(courses)s::bigint[], %(programs)s::bigint[], %(accounts)s::bigint[],
        %(emails)s::text[], %(keys)s::text[])
        with ordinality w(family, course_id, program_id, account_id, email, key, n)
),
students as (
    select distinct on (w.n) w.n, e.id, e.at, e.operation, e.actor_id
    from wanted w
    join matricula_change e on e.program_id = w.program_id and lower(e.student_key collate "C") = w.key
        and e.course_id is not distinct from w.course_id and e.subject = w.family
    where e.operation <> %(operation)s
    order by w.n, e.id desc
),
people as (
    select w.n, j.*
    from wanted w
    cross join lateral (
        select e.id, e.at, e.operation, e.actor_id from (
            select * from matricula_change e where e.account_id = w.account_id
            union all
            select * from matricula_change e where w.account_id is null and lower(e.email) = w.email
        ) e
        where e.course_id is not distinct from w.course_id
            and (e.subject = w.family or (w.family = 'course_enrollment' and e.subject = 'pre_enrollment'))
            and e.operation <> %(operation)s
        order by e.id desc limit 1
    ) j
    where w.key is null
)
select j.n, j.id, j.at, j.operation, a.username
from (select * from students union all select * from people) j
left join matricula_account a on a.id = j.actor_id;

-- programs_of_keys()
with recursive acts as (
    select o.id, o.id as origin from matricula_operation o where o.id = any(%(operations)s) and o.program_id is not null
    union all
    select o.id, a.origin from acts a join matricula_operation r on r.id = a.id join matricula_operation o on o.id = r.reverts
)
select distinct a.origin, e.program_id
from acts a
join matricula_operation o on o.id = a.id and o.job_id is null and o.program_id is not null
join matricula_journalentry j on j.operation = o.id and j.subject = 'student_key'
join matricula_programenrollment e on e.student_key_folded = lower(j.student_key collate "C")
join matricula_program p on p.id = e.program_id
    and p.organization_id = ((j.before || j.after) ->> 'organization_id')::bigint
order by 1, 2;

