-- Acts: what one operation changed about a course run, a program or a person, as one line of a history.
-- How statements are written here: matricula/foundation/statements.py.

-- A page walks the entries from the latest on, so many at most ("walk"), and puts those of one operation together. The
-- place of an act is that of its latest entry: one that is on an earlier page isn't here again. Filters about the
-- operation are applied behind the walk, so that a page takes the same time whatever is looked for.
-- statement: acts
-- one of: of_course | of_program | of_person
-- maybe: everything
-- maybe: one_person
with
--> walked
acts as (
    select operation, max(id) as head, count(*) as changes,
        count(distinct
            --> who
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
        --> by_operation
        and (%(before)s::bigint is null or not exists (
            select
            --> from_entries
            where e.operation = a.operation and e.id >= %(before)s
                --> in_scope
        ))
    order by a.head desc limit %(limit)s
) a on true
order by a.head desc

-- The entries of the same acts, one by one: those of the first so many that are walked, without the ones of which the
-- filters about the operation want none.
-- statement: entries
-- one of: of_course | of_program | of_person
-- maybe: everything
-- maybe: one_person
with
--> walked
wanted as (
    select w.id from walked w left join matricula_operation o on o.id = w.operation
    where
        --> by_operation
)
select (select count(*) from walked), (select min(id) from walked), (select array_agg(id) from wanted)

-- How many people they are about; "walk" is null, so that all are looked at.
-- statement: people
-- one of: of_course | of_program | of_person
-- maybe: everything
-- maybe: one_person
with
--> walked
wanted as (
    select w.* from walked w left join matricula_operation o on o.id = w.operation
    where
        --> by_operation
)
select count(distinct
    --> who
)
from wanted

-- piece: walked
--? one_person
-- the entries of the one who is looked for: few, by the indexes of people
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
--? end
walked as materialized (
    select * from (
        --? of_course
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            --> from_entries
            where e.course_id = %(course)s and e.program_id is null
                --> fits
            order by e.id desc limit %(walk)s
        )
        union all
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            --> from_entries
            where e.course_id = %(course)s and e.program_id is not null
                and e.program_id = any(%(programs)s)  --? not everything
                --> fits
            order by e.id desc limit %(walk)s
        )
        --? end
        --? of_program
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            --> from_entries
            where e.program_id = %(program)s
                --> fits
            order by e.id desc limit %(walk)s
        )
        --? end
        --? of_person
        (
            select e.id, e.operation, e.account_id, e.email, e.student_key
            from unnest(%(accounts)s::bigint[]) a(id)
            cross join lateral (
                select e.* from matricula_journalentry e
                where e.account_id = a.id
                    and
                        --> seen_of_person
                    --> fits
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
                    --> fits
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
                        --> seen_of_person
                    --> fits
                order by e.id desc limit %(walk)s
            ) e
        )
        --? end
    ) e order by id desc limit %(walk)s
),

-- piece: by_operation
(%(kind)s::text is null or o.kind = %(kind)s)
and (%(actor)s::text is null
    or o.actor_id = (select id from matricula_account where username_key = lower(%(actor)s::text collate "C")))

-- piece: who
coalesce(account_id::text, lower(email), lower(student_key collate "C"))

-- piece: from_entries
from matricula_journalentry e  --? not one_person
from named e  --? one_person

-- That a job began or ended is on the job's own page.
-- piece: fits
and (e.subject <> 'job' or e.transition = 'canceled')
and e.at >= coalesce(%(since)s::timestamptz, '-infinity')
and e.at < coalesce(%(until)s::timestamptz, 'infinity')
and e.id < coalesce(%(before)s, 9223372036854775807)

-- piece: in_scope
and (e.subject <> 'job' or e.transition = 'canceled')
and e.at < coalesce(%(until)s::timestamptz, 'infinity')
--? of_course
and e.course_id = %(course)s
and (e.program_id is null or e.program_id = any(%(programs)s))  --? not everything
--? end
and e.program_id = %(program)s  --? of_program
--? of_person
and (
    e.account_id = any(%(accounts)s) and
        --> seen_of_person
    or exists (
        select from unnest(%(keyed_programs)s::bigint[], %(keys)s::text[]) k(program_id, folded)
        where k.program_id = e.program_id and k.folded = lower(e.student_key collate "C")
    )
    or lower(e.email) = any(%(emails)s) and e.account_id is null and
        --> seen_of_person
)
--? end

-- What is about an account alone, is for those who see everything; a student key, for those who see it beside a name.
-- piece: seen_of_person
(
    true  --? everything
    --? not everything
    e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
    or e.program_id = any(%(programs)s)
    or e.subject = 'student_key'
        and (e.before || e.after -> 'organization_id')::bigint = any(%(organizations)s)
    --? end
)
