-- Rows of plans. How statements are written here: matricula/foundation/statements.py.

-- People who are in the roster and whom no row names, not even a rejected one, become rows behind the others.
-- piece: stored
insert into matricula_jobchunk (job_id, number, version, keys, asks, numbers)
select %(job)s, %(chunks)s + (a.n - 1) / %(size)s + 1, %(version)s, array_agg(a.key order by a.n),
    array_agg(a.ask order by a.n), array[%(lines)s + min(a.n)]
from absent a group by 2

-- piece: named
named as materialized (
    select distinct lower(r.key collate "C") as folded
    from matricula_jobchunk c, unnest(c.keys) r(key) where c.job_id = %(job)s
)

-- statement: absent_learners
with
    --> named
, absent as (
    select a.username as key, %(ask)s as ask, row_number() over (order by a.username_key) as n
    from matricula_courseenrollment e join matricula_account a on a.id = e.account_id
    where e.course_id = %(course)s and e.is_active
        and not exists (select from named n where n.folded = a.username_key)
        and not exists (select from named n where n.folded = a.email_key)
        -- nor by a name of an account that was merged into this one
        and not exists (
            select from matricula_account m
            where m.merged_into_id = a.id
                and exists (select from named n where n.folded in (m.username_key, m.email_key))
        )
)
--> stored

-- statement: absent_students
with
    --> named
, absent as (
    select e.student_key as key, %(ask)s as ask, row_number() over (order by e.student_key_folded) as n
    from matricula_programenrollment e
    where e.program_id = %(program)s and e.status <> all(%(left)s)
        and not exists (select from named n where n.folded = e.student_key_folded)
)
--> stored

-- A row that was rejected before names the student in every course run.
-- statement: absent_course_students
with named as materialized (
    select distinct (r.ask::jsonb ->> 3)::bigint as course_id, lower(r.key collate "C") as folded
    from matricula_jobchunk c, unnest(c.keys, c.asks) r(key, ask) where c.job_id = %(job)s
),
absent as (
    select e.student_key as key, k.ask, row_number() over (order by c.course_id, e.student_key_folded) as n
    from unnest(%(courses)s::bigint[], %(asks)s::text[]) k(course_id, ask)
    join matricula_programcourseenrollment c on c.course_id = k.course_id and c.status = 'active'
    join matricula_programenrollment e on e.id = c.program_enrollment_id and e.program_id = %(program)s
    where not exists (
        select from named n
        where n.folded = e.student_key_folded and (n.course_id = c.course_id or n.course_id is null)
    )
)
--> stored

-- Gives the job that applies a plan its rows: each asks for what it asked for, of someone who is as the plan saw
-- (``standing`` is the place of that in an outcome). Others are left out.
-- statement: copy_planned
insert into matricula_jobchunk (job_id, number, version, keys, asks, reasons, numbers, people)
select %(applied_by)s, c.number, c.version, c.keys, r.asks, c.reasons, c.numbers, c.people
from matricula_jobchunk c
cross join lateral (
    select array_agg(t.value ->> %(standing)s order by t.n) as told
    from jsonb_array_elements(c.outcomes) with ordinality t(value, n)
) o
cross join lateral (
    select array_agg(
        case when u.excluded is not true and o.told[u.code + 1] is not null
            then left(u.ask, -5) || to_json(o.told[u.code + 1])::text || ']'
        end order by u.place
    ) as asks
    from unnest(c.asks, c.codes, c.excluded) with ordinality u(ask, code, excluded, place)
) r
where c.job_id = %(job)s

-- statement: count_asks
select count(ask) from matricula_jobchunk c, unnest(c.asks) ask where c.job_id = %(job)s

-- "offset 0": an array is read once for its chunk, and not once for each row
-- piece: numbered
(
    select number, keys, codes, numbers, excluded, outcomes, cardinality(numbers) = 1 as follow, numbers[1] as first
    from matricula_jobchunk where job_id = %(job)s offset 0
) c

-- piece: line
case when c.follow then c.first + u.place::int - 1 else u.line end

-- The numbers that no row of the plan has.
-- statement: unknown_lines
with known as materialized (
    select
        --> line
        as line
    from
        --> numbered
    cross join lateral unnest(c.keys, c.numbers) with ordinality u(key, line, place)
)
select n from unnest(%(lines)s::int[]) n where not exists (select from known k where k.line = n) order by n

-- Takes rows out of a plan, or in again: those with some numbers, and those with some outcomes (null: rejected before).
-- statement: exclude
with marked as (
    select c.number, array_agg(
        case when
            --> line
            = any(%(lines)s::int[]) or coalesce(u.code = any(o.codes), u.code is null and %(rejected)s)
            then %(excluded)s else coalesce(u.excluded, false) end
        order by u.place
    ) as excluded
    from
        --> numbered
    cross join lateral (
        select coalesce(array_agg(t.n::int - 1), '{}') as codes
        from jsonb_array_elements(coalesce(c.outcomes, '[]')) with ordinality t(value, n)
        where t.value = any(%(outcomes)s::jsonb[])
    ) o
    cross join lateral unnest(c.keys, c.codes, c.numbers, c.excluded)
        with ordinality u(key, code, line, excluded, place)
    group by c.number
)
update matricula_jobchunk c set excluded = m.excluded
from marked m where c.job_id = %(job)s and c.number = m.number

-- statement: last_chunk
select number, case when cardinality(numbers) = 1 then numbers[1] + cardinality(keys) - 1
    else numbers[cardinality(numbers)] end
from matricula_jobchunk where job_id = %(job)s order by number desc limit 1

-- statement: count_rows
select coalesce(sum(cardinality(keys)), 0) from matricula_jobchunk where job_id = %(job)s
