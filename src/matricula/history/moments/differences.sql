-- Who joined, left and changed between two moments: from the state before the first step between them to the state after
-- the last one. Steps without a difference are none. How statements are written here: matricula/foundation/statements.py.

-- piece: course_step
j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'

-- piece: course_states
array_agg(j.id order by j.id) as ids, (array_agg(j.before -> 'enrollment' order by j.id))[1] as was,
    (array_agg(j.after -> 'enrollment' order by j.id desc))[1] as became

-- piece: course_steps
select j.account_id,
    --> course_states
from matricula_journalentry j
where j.course_id = %(course)s and j.account_id is not null and
    --> course_step
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

-- piece: program_step
j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
    and j.before ->> 'status' is distinct from j.after ->> 'status'

-- piece: program_states
(array_agg(j.student_key order by j.id desc))[1] as name, array_agg(j.id order by j.id) as ids,
    (array_agg(j.before ->> 'status' order by j.id))[1] as was,
    (array_agg(j.after ->> 'status' order by j.id desc))[1] as became

-- piece: program_steps
select lower(j.student_key collate "C") as key,
    --> program_states
from matricula_journalentry j
where j.program_id = %(program)s and
    --> program_step
group by 1

-- Those who are there, but canceled or ended, have left: "coalesce" makes the same of a row that is not there.
-- piece: program_way
case when coalesce(s.was, 'ended') = any(%(left)s) and not coalesce(s.became, 'ended') = any(%(left)s) then 'joined'
    when not coalesce(s.was, 'ended') = any(%(left)s) and coalesce(s.became, 'ended') = any(%(left)s) then 'left'
    else 'changed' end

-- piece: program_differences
select s.ids, s.name, s.key, jsonb_strip_nulls(jsonb_build_object('status', s.was)) as was,
    jsonb_strip_nulls(jsonb_build_object('status', s.became)) as became,
    --> program_way
    as way
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

-- The modes of seats, which are numbers by their places here; 0 is who isn't enrolled, 1023 a mode that the course run
-- and its seats no longer have.
-- piece: modes
select array_agg(mode) as list from (
    select unnest(modes) as mode from matricula_course where id = %(course)s
    union select mode from matricula_rostercount where course_id = %(course)s
    limit 1000
) known

-- Who differs: of each person the first state and the last one, each in one number with that of its entry. So a million
-- people take one pass without sorting, and only those of the page are looked at as a whole.
-- piece: course_ends
select s.account_id, case when s.was = 0 then 'joined' when s.became = 0 then 'left' else 'changed' end as way
from (
    select account_id, first / 1024 as first_id, last / 1024 as last_id, first %% 1024 as was, last %% 1024 as became
    from (
        select j.account_id,
            min(j.id * 1024 + case when (j.before -> 'enrollment' ->> 'is_active')::boolean then
                coalesce(array_position((select list from modes), j.before -> 'enrollment' ->> 'mode'), 1023)
                else 0 end) as first,
            max(j.id * 1024 + case when (j.after -> 'enrollment' ->> 'is_active')::boolean then
                coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 1023)
                else 0 end) as last
        from matricula_journalentry j
        where j.course_id = %(course)s and j.account_id is not null
            and j.id >= %(first)s and j.id <= %(last)s and
            --> course_step
        group by 1
    ) ends
) s
where s.was <> s.became or s.was = 1023
    and (select before -> 'enrollment' from matricula_journalentry where id = s.first_id)
        is distinct from (select after -> 'enrollment' from matricula_journalentry where id = s.last_id)

-- piece: program_ends
select s.key,
    --> program_way
    as way
from (
    select key, (%(statuses)s::text[])[(first %% 64)::integer] as was, (%(statuses)s::text[])[(last %% 64)::integer] as became
    from (
        select lower(j.student_key collate "C") as key,
            min(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.before ->> 'status'), 0)) as first,
            max(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.after ->> 'status'), 0)) as last
        from matricula_journalentry j
        where j.program_id = %(program)s and j.id >= %(first)s and j.id <= %(last)s and
            --> program_step
        group by 1
    ) ends
) s
where s.was is distinct from s.became

-- The steps of those on the page are found by the index of accounts or of student keys: "is not distinct from" keeps the
-- planner from those of course runs and programs.
-- statement: page
-- one of: courses | programs
-- maybe: behind_cursor
with
--? courses
modes as materialized (
    --> modes
),
--? end
differences as materialized (
    --> course_ends  --? courses
    --> program_ends  --? programs
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    --? courses
    select d.way, d.name, coalesce(s.was, '{}')::text, coalesce(s.became, '{}')::text, s.ids, d.key
    --? end
    --? programs
    select d.way, s.name, jsonb_strip_nulls(jsonb_build_object('status', s.was))::text,
        jsonb_strip_nulls(jsonb_build_object('status', s.became))::text, s.ids, d.key
    --? end
    from (
        select d.way, d.account_id, a.username as name, a.username_key as key  --? courses
        select d.way, d.key  --? programs
        from differences d
        join matricula_account a on a.id = d.account_id  --? courses
        where (%(ways)s::text[] is null or d.way = any(%(ways)s))
        --? behind_cursor
        and a.username_key > (  --? courses
        and d.key > (  --? programs
            --> cursor_name
        )
        --? end
        order by key limit %(limit)s
    ) d
    cross join lateral (
        select
            --> course_states  --? courses
            --> program_states  --? programs
        from (
            select j.* from matricula_journalentry j
            --? courses
            where j.account_id = d.account_id and j.course_id is not distinct from %(course)s and
                --> course_step
            --? end
            --? programs
            where lower(j.student_key collate "C") = d.key and j.student_key is not null
                and j.program_id is not distinct from %(program)s and
                --> program_step
            --? end
            offset 0
        ) j
    ) s
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
