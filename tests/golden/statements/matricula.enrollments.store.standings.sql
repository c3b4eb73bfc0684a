-- _FIND()
with names as (select * from unnest(%b::text[]) k(key)),
addresses as (select * from unnest(%b::text[]) k(key)),
named as (
    select k.key, a.* from names k join matricula_account a on a.username_key = k.key
    union all
    select k.key, a.* from addresses k join matricula_account a on a.email_key = k.key
    union all
    select k.key, a.* from addresses k join matricula_account a
        on a.username_key = k.key and a.username_key like '%%@%%' and a.email_key <> k.key
),
fitting as (
    select *, username_key = key as is_username, email_key = key as is_address from named where merged_into_id is null
    union all
    select n.key, a.*, n.is_username, n.is_address
    from (
        select distinct key, merged_into_id, username_key = key as is_username, email_key = key as is_address
        from named n where merged_into_id is not null
            and not exists (select from named o where o.key = n.key and o.id = n.merged_into_id)
    ) n
    cross join lateral (select * from matricula_account where id = n.merged_into_id offset 0) a
)
select f.key, f.id, f.email, f.email_key, f.is_active, e.mode, e.is_active from fitting f
left join lateral (
    select mode, is_active from matricula_courseenrollment
    where course_id = (select %s::bigint) and account_id = f.id offset 0
) e on true;

