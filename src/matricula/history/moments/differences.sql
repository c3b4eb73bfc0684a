-- Who joined, left and changed between two moments: from the state before the first step between them to the state after
-- the last one. Steps without a difference are none. How statements are written here: matricula/foundation/statements.py.

-- piece: course_steps
select j.account_id, array_agg(j.id order by j.id) as ids,
    (array_agg(j.before -> 'enrollment' order by j.id))[1] as was,
    (array_agg(j.after -> 'enrollment' order by j.id desc))[1] as became
from matricula_journalentry j
where j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment'
    and j.account_id is not null and j.at > %(since)s and j.at <= %(until)s
    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
group by 1

-- piece: course_differences
select d.ids, d.way, coalesce(d.was, '{}') as was, coalesce(d.became, '{}') as became, a.username as name,
    a.username_key as key
from (
    select s.ids, s.account_id, s.was, s.became, case
        when not coalesce((was ->> 'is_active')::boolean, false) then 'joined'
        when not coalesce((became ->> 'is_active')::boolean, false) then 'left'
        else 'changed' end as way
    from (
        --> course_steps
    ) s
    where ((was ->> 'is_active')::boolean or (became ->> 'is_active')::boolean) and was is distinct from became
) d join matricula_account a on a.id = d.account_id

-- piece: program_steps
select lower(j.student_key collate "C") as key, (array_agg(j.student_key order by j.id desc))[1] as name,
    array_agg(j.id order by j.id) as ids, (array_agg(j.before ->> 'status' order by j.id))[1] as was,
    (array_agg(j.after ->> 'status' order by j.id desc))[1] as became
from matricula_journalentry j
where j.program_id = %(program)s and j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
    and j.before ->> 'status' is distinct from j.after ->> 'status'
group by 1

-- Those who are there, but canceled or ended, have left: "coalesce" makes the same of a row that is not there.
-- piece: program_differences
select s.ids, s.name, s.key, jsonb_strip_nulls(jsonb_build_object('status', s.was)) as was,
    jsonb_strip_nulls(jsonb_build_object('status', s.became)) as became, case
    when coalesce(s.was, 'ended') = any(%(left)s) and not coalesce(s.became, 'ended') = any(%(left)s) then 'joined'
    when not coalesce(s.was, 'ended') = any(%(left)s) and coalesce(s.became, 'ended') = any(%(left)s) then 'left'
    else 'changed' end as way
from (
    --> program_steps
) s where s.was is distinct from s.became

-- piece: cursor_name
--? courses
select a.username_key from matricula_journalentry j join matricula_account a on a.id = j.account_id
where j.id = %(after)s and j.course_id = %(course)s and j.subject = 'course_enrollment'
--? end
--? programs
select lower(student_key collate "C") from matricula_journalentry
where id = %(after)s and program_id = %(program)s and subject = 'program_enrollment'
--? end

-- statement: page
-- one of: courses | programs
-- maybe: behind_cursor
with differences as materialized (
    --> course_differences  --? courses
    --> program_differences  --? programs
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    select d.way, d.name, d.was::text, d.became::text, d.ids, d.key from differences d
    where (%(ways)s::text[] is null or d.way = any(%(ways)s))
    --? behind_cursor
    and d.key > (
        --> cursor_name
    )
    --? end
    order by d.key limit %(limit)s
) page on true order by page.key

-- statement: all
-- one of: courses | programs
select d.way, d.name, d.was::text, d.became::text, d.ids from (
    --> course_differences  --? courses
    --> program_differences  --? programs
) d order by d.key

-- statement: cursor
-- one of: courses | programs
--> cursor_name
