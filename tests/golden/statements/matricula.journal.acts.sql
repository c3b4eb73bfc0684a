-- acts(of_course)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.course_id = %(course)s
                and (e.program_id is null or e.program_id = any(%(programs)s))
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_course, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.course_id = %(course)s
                and (e.program_id is null or e.program_id = any(%(programs)s))
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_course, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.course_id = %(course)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_course, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.course_id = %(course)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_person)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and (
                    e.account_id = any(%(accounts)s) and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    or exists (
                        select from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
                        where k.program_id = e.program_id and k.folded = lower(e.student_key collate "C")
                    )
                    or lower(e.email) = any(%(emails)s) and e.account_id is null and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                )
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_person, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and (
                    e.account_id = any(%(accounts)s) and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    or exists (
                        select from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
                        where k.program_id = e.program_id and k.folded = lower(e.student_key collate "C")
                    )
                    or lower(e.email) = any(%(emails)s) and e.account_id is null and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                )
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_person, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and (
                    e.account_id = any(%(accounts)s) and
                        (
                            true
                        )
                    or exists (
                        select from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
                        where k.program_id = e.program_id and k.folded = lower(e.student_key collate "C")
                    )
                    or lower(e.email) = any(%(emails)s) and e.account_id is null and
                        (
                            true
                        )
                )
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_person, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and (
                    e.account_id = any(%(accounts)s) and
                        (
                            true
                        )
                    or exists (
                        select from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
                        where k.program_id = e.program_id and k.folded = lower(e.student_key collate "C")
                    )
                    or lower(e.email) = any(%(emails)s) and e.account_id is null and
                        (
                            true
                        )
                )
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_program)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.program_id = %(program)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_program, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.program_id = %(program)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_program, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from matricula_journalentry e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.program_id = %(program)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- acts(of_program, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            coalesce(account_id::text, lower(email), lower(student_key collate "C"))
        ) as people,
        (array_agg(id order by id desc))[1:%(unfolded)s] as entries
    from walked group by operation
)
select w.walked, w.oldest, a.* from (select count(*) as walked, min(id) as oldest from walked) w
left join lateral (
    select a.operation, a.head, a.changes, a.people, a.entries,
        exists (select from matricula_journalentry e where e.operation = a.operation and e.id < w.oldest) as is_more
    from acts a left join matricula_operation o on o.id = a.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
        and (%(before)s::bigint is null or not exists (
            select
            from named e
            where e.operation = a.operation and e.id >= %(before)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.program_id = %(program)s
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc;

-- entries(of_course)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_course, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_course, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_course, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_person)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_person, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_person, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_person, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_program)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_program, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_program, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- entries(of_program, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted);

-- people(of_course)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_course, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_course, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_course, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.course_id = %(course)s and e.program_id is not null
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_person)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_person, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                            or e.program_id = any(%(programs)s)
                            or e.subject = 'student_key'
                                and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_person, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_person, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.student_key collate "C") = k.folded and e.student_key is not null
                    and e.program_id = k.program_id
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
        union
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(emails)s::text[]) m(folded)
            cross join lateral (
                select e.* from matricula_journalentry e
                where lower(e.email) = m.folded and e.email is not null and e.account_id is null
                    and
                        (
                            true
                        )
                    and (e.subject <> 'job' or e.transition = 'canceled')
                    and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                    and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                    and e.id < coalesce(%(before)s, 9223372036854775807)
                order by e.id desc limit %(walk)s
            ) e
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_program)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_program, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_program, everything)
with
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from matricula_journalentry e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

-- people(of_program, everything, one_person)
with
named as materialized (
    select e.* from unnest(%(looked_for)s::bigint[]) a(id)
    cross join lateral (
        select * from matricula_journalentry where account_id = a.id and (student_key is null or %(names)s)
    ) e
    union
    select e.* from unnest(%(looked_for_keys)s::text[]) k(folded)
    cross join lateral (
        select * from matricula_journalentry
        where lower(student_key collate "C") = k.folded and student_key is not null
    ) e
    union
    select e.* from unnest(%(looked_for_emails)s::text[]) m(folded)
    cross join lateral (
        select * from matricula_journalentry where lower(email) = m.folded and email is not null
    ) e
),
walked as materialized (
    select * from (
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from named e
            where e.program_id = %(program)s
                and (e.subject <> 'job' or e.transition = 'canceled')
                and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
                and e.at < coalesce(%(until)s::timestamptz, 'infinity')
                and e.id < coalesce(%(before)s, 9223372036854775807)
            order by e.id desc limit %(walk)s
        )
    ) e order by id desc limit %(walk)s
),
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        (%(kind)s::text is null or o.kind = %(kind)s)
        and (%(actor)s::text is null
            or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))
)
select count(distinct
    coalesce(account_id::text, lower(email), lower(student_key collate "C"))
)
from wanted;

