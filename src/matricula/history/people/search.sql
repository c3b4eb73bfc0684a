-- Finding people. How statements are written here: matricula/foundation/statements.py.

-- People first, by the index of their names; then where the reader may see them. Names of an account that was merged
-- away lead to the one that was kept. Where someone is, is looked up for those alone who are shown.
-- statement: people
-- one of: everyone | some
-- one of: searched | given
-- maybe: names
with worded as materialized (
    --? searched
    select id, merged_into_id from matricula_account
    where matricula_names(username, email, first_name, last_name) @@ matricula_query(%(search)s)
    limit %(candidates)s
    --? end
    select id, merged_into_id from matricula_account where id = any(%(given)s)  --? given
),
exact as materialized (
    select id, merged_into_id from matricula_account where username_key = lower(%(search)s collate "C")
    union
    select id, merged_into_id from matricula_account where email_key = lower(%(search)s collate "C")
),
keyed as materialized (
    select k.* from unnest(%(programs)s::bigint[]) p(id)
    cross join lateral (
        select s.id, s.account_id, s.student_key, s.student_key_folded, s.program_id from matricula_programenrollment s
        where s.program_id = p.id and s.student_key_folded like lower(%(pattern)s collate "C") || '%%'
        order by s.student_key_folded limit %(limit)s
    ) k
),
--? names
linked as materialized (
    select k.* from unnest(%(organizations)s::bigint[]) o(id)
    cross join lateral (
        select i.account_id, i.student_key_folded from matricula_studentidentity i
        where i.organization_id = o.id and i.student_key_folded like lower(%(pattern)s collate "C") || '%%'
        order by i.student_key_folded limit %(limit)s
    ) k
),
--? end
fitting as (
    select coalesce(merged_into_id, id) as id, merged_into_id is not null as is_merged, id as named, 0 as rank from exact
    --? names
    union all
    select account_id, false, account_id, case when student_key_folded = lower(%(search)s collate "C") then 0 else 1 end
    from keyed where account_id is not null
    union all
    select account_id, false, account_id, case when student_key_folded = lower(%(search)s collate "C") then 0 else 1 end
    from linked
    --? end
    union all
    select coalesce(merged_into_id, id), merged_into_id is not null, id, 1 from worded
),
-- "(select … limit 1)" and not "exists": each is looked up, where a join would read whole rosters
visible as materialized (
    select * from fitting f
    --? some
    where (
        select true from matricula_courseenrollment e
        where e.account_id = f.id and e.course_id = any(%(courses)s) limit 1
    )
        or (
            select true from matricula_preenrollment i
            where i.account_id = f.id and i.course_id = any(%(courses)s) limit 1
        )
        --? names
        or (
            select true from matricula_programenrollment s
            where s.account_id = f.id and s.program_id = any(%(programs)s) limit 1
        )
        --? end
    --? end
    limit %(most)s
),
accounts as (
    select id, min(rank) as rank, min(named) filter (where is_merged) as merged, bool_or(not is_merged) as own
    from visible group by id
),
shown as materialized (
    select a.id, null::bigint as student, null::bigint as invitation, a.username, a.email,
        btrim(a.first_name || ' ' || a.last_name) as full_name, a.is_active, f.rank, a.username_key as place,
        case when not f.own then (select username from matricula_account where id = f.merged) end as merged,
        null::bigint as program_id, null::text as student_key
    from accounts f join matricula_account a on a.id = f.id
    union all
    select null, k.id, null, '', '', '', true,
        case when k.student_key_folded = lower(%(search)s collate "C") then 0 else 1 end, k.student_key_folded, null,
        k.program_id, k.student_key
    from keyed k
    where k.account_id is null  --? names
    union all
    (
        -- each address once, of one of its course runs
        select distinct on (i.email_key) null::bigint, null::bigint, i.id, '', i.email, '', true,
            case when i.email_key = lower(%(search)s collate "C") then 0 else 1 end, i.email_key, null::text,
            null::bigint, null::text
        from matricula_preenrollment i
        where i.account_id is null and i.email_key like lower(%(pattern)s collate "C") || '%%'
            and i.course_id = any(%(courses)s)  --? some
            and not exists (select from matricula_account a where a.email_key = i.email_key and a.id in (select id from accounts))
        order by i.email_key, i.id limit %(limit)s
    )
    order by 8, 9 limit %(limit)s
)
select p.id, p.student, p.invitation, p.username, p.email, p.full_name, p.is_active, p.merged,
    coalesce(p.student_key, (
        --? names
        select string_agg(distinct s.student_key, ', ') from matricula_programenrollment s
        where s.account_id = p.id and s.program_id = any(%(programs)s)
        --? end
        select null  --? not names
    )),
    (select title from matricula_program where id = p.program_id),
    array(
        --? names
        (
            select array[g.title, null] from matricula_programenrollment s join matricula_program g on g.id = s.program_id
            where s.account_id = p.id and s.program_id = any(%(programs)s) order by s.created desc, s.id desc limit 3
        )
        union all
        --? end
        (
            select array[c.title, c.key] from matricula_courseenrollment e join matricula_course c on c.id = e.course_id
            where e.account_id = p.id and e.is_active
                and e.course_id = any(%(courses)s)  --? some
            order by e.created desc, e.id desc limit 3
        )
    ),
    (select count(*) from worded) >= %(candidates)s or (select count(*) from visible) >= %(most)s
from shown p order by p.rank, p.place

-- Course runs and programs among those given that have all the words in key or title.
-- statement: things
with words as (
    select word from unnest(string_to_array(matricula_folded(%(pattern)s), ' ')) word where word <> ''
)
select kind, id from (
    (
        select 0 as kind, p.id, p.key from matricula_program p
        where p.id = any(%(programs)s) and not exists (
            select from words where matricula_folded(p.key || ' ' || p.title) not like '%%' || word || '%%'
        )
        order by p.key collate "C" limit %(limit)s
    )
    union all
    (
        select 1, c.id, c.key from matricula_course c
        where (%(courses)s::bigint[] is null or c.id = any(%(courses)s)) and not exists (
            select from words where matricula_folded(c.key || ' ' || c.title) not like '%%' || word || '%%'
        )
        order by c.key collate "C" limit %(limit)s
    )
) found order by kind, key collate "C"
