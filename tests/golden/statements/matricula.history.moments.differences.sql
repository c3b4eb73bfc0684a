-- page(courses)
with
modes as materialized (
    select array_agg(mode) as list from (
        select unnest(modes) as mode from matricula_course where id = %(course)s
        union select mode from matricula_rostercount where course_id = %(course)s
        limit 1000
    ) known
),
differences as materialized (
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
                j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
            group by 1
        ) ends
    ) s
    where s.was <> s.became or s.was = 1023
        and (select before -> 'enrollment' from matricula_journalentry where id = s.first_id)
            is distinct from (select after -> 'enrollment' from matricula_journalentry where id = s.last_id)
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    select d.way, d.name, coalesce(s.was, '{}')::text, coalesce(s.became, '{}')::text, s.ids, d.key
    from (
        select d.way, d.account_id, a.username as name, a.username_key as key
        from differences d
        join matricula_account a on a.id = d.account_id
        where (%(ways)s::text[] is null or d.way = any(%(ways)s))
        order by key limit %(limit)s
    ) d
    cross join lateral (
        select
            array_agg(j.id order by j.id) as ids, (array_agg(j.before -> 'enrollment' order by j.id))[1] as was,
                (array_agg(j.after -> 'enrollment' order by j.id desc))[1] as became
        from (
            select j.* from matricula_journalentry j
            where j.account_id = d.account_id and j.course_id is not distinct from %(course)s and
                j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
            offset 0
        ) j
    ) s
) page on true order by page.key;

-- page(courses, behind_cursor)
with
modes as materialized (
    select array_agg(mode) as list from (
        select unnest(modes) as mode from matricula_course where id = %(course)s
        union select mode from matricula_rostercount where course_id = %(course)s
        limit 1000
    ) known
),
differences as materialized (
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
                j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
            group by 1
        ) ends
    ) s
    where s.was <> s.became or s.was = 1023
        and (select before -> 'enrollment' from matricula_journalentry where id = s.first_id)
            is distinct from (select after -> 'enrollment' from matricula_journalentry where id = s.last_id)
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    select d.way, d.name, coalesce(s.was, '{}')::text, coalesce(s.became, '{}')::text, s.ids, d.key
    from (
        select d.way, d.account_id, a.username as name, a.username_key as key
        from differences d
        join matricula_account a on a.id = d.account_id
        where (%(ways)s::text[] is null or d.way = any(%(ways)s))
        and a.username_key > (
            select a.username_key from matricula_journalentry j join matricula_account a on a.id = j.account_id
            where j.id = %(after)s and j.course_id = %(course)s and j.subject = 'course_enrollment'
        )
        order by key limit %(limit)s
    ) d
    cross join lateral (
        select
            array_agg(j.id order by j.id) as ids, (array_agg(j.before -> 'enrollment' order by j.id))[1] as was,
                (array_agg(j.after -> 'enrollment' order by j.id desc))[1] as became
        from (
            select j.* from matricula_journalentry j
            where j.account_id = d.account_id and j.course_id is not distinct from %(course)s and
                j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
            offset 0
        ) j
    ) s
) page on true order by page.key;

-- page(programs)
with
differences as materialized (
    select s.key,
        case when coalesce(s.was, 'ended') = any(%(left)s) and not coalesce(s.became, 'ended') = any(%(left)s) then 'joined'
            when not coalesce(s.was, 'ended') = any(%(left)s) and coalesce(s.became, 'ended') = any(%(left)s) then 'left'
            else 'changed' end
        as way
    from (
        select key, (%(statuses)s::text[])[(first %% 64)::integer] as was, (%(statuses)s::text[])[(last %% 64)::integer] as became
        from (
            select lower(j.student_key collate "C") as key,
                min(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.before ->> 'status'), 0)) as first,
                max(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.after ->> 'status'), 0)) as last
            from matricula_journalentry j
            where j.program_id = %(program)s and j.id >= %(first)s and j.id <= %(last)s and
                j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before ->> 'status' is distinct from j.after ->> 'status'
            group by 1
        ) ends
    ) s
    where s.was is distinct from s.became
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    select d.way, s.name, jsonb_strip_nulls(jsonb_build_object('status', s.was))::text,
        jsonb_strip_nulls(jsonb_build_object('status', s.became))::text, s.ids, d.key
    from (
        select d.way, d.key
        from differences d
        where (%(ways)s::text[] is null or d.way = any(%(ways)s))
        order by key limit %(limit)s
    ) d
    cross join lateral (
        select
            (array_agg(j.student_key order by j.id desc))[1] as name, array_agg(j.id order by j.id) as ids,
                (array_agg(j.before ->> 'status' order by j.id))[1] as was,
                (array_agg(j.after ->> 'status' order by j.id desc))[1] as became
        from (
            select j.* from matricula_journalentry j
            where lower(j.student_key collate "C") = d.key and j.student_key is not null
                and j.program_id is not distinct from %(program)s and
                j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before ->> 'status' is distinct from j.after ->> 'status'
            offset 0
        ) j
    ) s
) page on true order by page.key;

-- page(programs, behind_cursor)
with
differences as materialized (
    select s.key,
        case when coalesce(s.was, 'ended') = any(%(left)s) and not coalesce(s.became, 'ended') = any(%(left)s) then 'joined'
            when not coalesce(s.was, 'ended') = any(%(left)s) and coalesce(s.became, 'ended') = any(%(left)s) then 'left'
            else 'changed' end
        as way
    from (
        select key, (%(statuses)s::text[])[(first %% 64)::integer] as was, (%(statuses)s::text[])[(last %% 64)::integer] as became
        from (
            select lower(j.student_key collate "C") as key,
                min(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.before ->> 'status'), 0)) as first,
                max(j.id * 64 + coalesce(array_position(%(statuses)s::text[], j.after ->> 'status'), 0)) as last
            from matricula_journalentry j
            where j.program_id = %(program)s and j.id >= %(first)s and j.id <= %(last)s and
                j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before ->> 'status' is distinct from j.after ->> 'status'
            group by 1
        ) ends
    ) s
    where s.was is distinct from s.became
)
select total.*, page.* from (
    select count(*) filter (where way = 'joined'), count(*) filter (where way = 'left'),
        count(*) filter (where way = 'changed') from differences
) total left join (
    select d.way, s.name, jsonb_strip_nulls(jsonb_build_object('status', s.was))::text,
        jsonb_strip_nulls(jsonb_build_object('status', s.became))::text, s.ids, d.key
    from (
        select d.way, d.key
        from differences d
        where (%(ways)s::text[] is null or d.way = any(%(ways)s))
        and d.key > (
            select lower(student_key collate "C") from matricula_journalentry
            where id = %(after)s and program_id = %(program)s and subject = 'program_enrollment'
        )
        order by key limit %(limit)s
    ) d
    cross join lateral (
        select
            (array_agg(j.student_key order by j.id desc))[1] as name, array_agg(j.id order by j.id) as ids,
                (array_agg(j.before ->> 'status' order by j.id))[1] as was,
                (array_agg(j.after ->> 'status' order by j.id desc))[1] as became
        from (
            select j.* from matricula_journalentry j
            where lower(j.student_key collate "C") = d.key and j.student_key is not null
                and j.program_id is not distinct from %(program)s and
                j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before ->> 'status' is distinct from j.after ->> 'status'
            offset 0
        ) j
    ) s
) page on true order by page.key;

-- all(courses)
select d.way, d.name, d.was::text, d.became::text, d.ids from (
    select d.ids, d.way, coalesce(d.was, '{}') as was, coalesce(d.became, '{}') as became, a.username as name,
        a.username_key as key
    from (
        select s.ids, s.account_id, s.was, s.became, case
            when not coalesce((was ->> 'is_active')::boolean, false) then 'joined'
            when not coalesce((became ->> 'is_active')::boolean, false) then 'left'
            else 'changed' end as way
        from (
            select j.account_id,
                array_agg(j.id order by j.id) as ids, (array_agg(j.before -> 'enrollment' order by j.id))[1] as was,
                    (array_agg(j.after -> 'enrollment' order by j.id desc))[1] as became
            from matricula_journalentry j
            where j.course_id = %(course)s and j.account_id is not null and
                j.program_id is null and j.subject = 'course_enrollment' and j.at > %(since)s and j.at <= %(until)s
                    and j.before -> 'enrollment' is distinct from j.after -> 'enrollment'
            group by 1
        ) s
        where ((was ->> 'is_active')::boolean or (became ->> 'is_active')::boolean) and was is distinct from became
    ) d join matricula_account a on a.id = d.account_id
) d order by d.key;

-- all(programs)
select d.way, d.name, d.was::text, d.became::text, d.ids from (
    select s.ids, s.name, s.key, jsonb_strip_nulls(jsonb_build_object('status', s.was)) as was,
        jsonb_strip_nulls(jsonb_build_object('status', s.became)) as became,
        case when coalesce(s.was, 'ended') = any(%(left)s) and not coalesce(s.became, 'ended') = any(%(left)s) then 'joined'
            when not coalesce(s.was, 'ended') = any(%(left)s) and coalesce(s.became, 'ended') = any(%(left)s) then 'left'
            else 'changed' end
        as way
    from (
        select lower(j.student_key collate "C") as key,
            (array_agg(j.student_key order by j.id desc))[1] as name, array_agg(j.id order by j.id) as ids,
                (array_agg(j.before ->> 'status' order by j.id))[1] as was,
                (array_agg(j.after ->> 'status' order by j.id desc))[1] as became
        from matricula_journalentry j
        where j.program_id = %(program)s and
            j.subject = 'program_enrollment' and j.at > %(since)s and j.at <= %(until)s
                and j.before ->> 'status' is distinct from j.after ->> 'status'
        group by 1
    ) s where s.was is distinct from s.became
) d order by d.key;

-- cursor(courses)
select a.username_key from matricula_journalentry j join matricula_account a on a.id = j.account_id
where j.id = %(after)s and j.course_id = %(course)s and j.subject = 'course_enrollment';

-- cursor(programs)
select lower(student_key collate "C") from matricula_journalentry
where id = %(after)s and program_id = %(program)s and subject = 'program_enrollment';

