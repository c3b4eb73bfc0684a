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
select key, id, username, email, email_key, is_active, language, trim(first_name || ' ' || last_name),
    activated is not null and not is_active, activated is null and not is_active and self_registered, is_username,
    is_address
from fitting;

