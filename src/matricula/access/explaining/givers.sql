-- Who gave what. How statements are written here: matricula/foundation/statements.py.

-- Of an account by its own index, of groups by that of entries about access. The latest last.
-- statement: grants
select j.subject, j.transition, (j.after ->> 'group_id')::bigint, (j.after ->> 'organization_id')::bigint,
    (j.after ->> 'program_id')::bigint, j.course_id, j.at, actor.username, j.source, j.reason
from (
    select * from matricula_change where account_id = %(account)s and
        --> about_access
        and transition like 'granted %%'
    union all
    select * from matricula_change where (after -> 'group_id')::bigint = any(%(groups)s::bigint[])
        and account_id is null and email is null and
        --> about_access
        and transition like 'granted %%'
) j
left join matricula_account actor on actor.id = j.actor_id
order by j.id

-- The marks of an account: each entry that set one.
-- statement: flags
select f.flag, j.at, actor.username, j.source, j.reason
from matricula_change j
cross join (values ('is_staff'), ('is_superuser')) f(flag)
left join matricula_account actor on actor.id = j.actor_id
where j.account_id = %(account)s and j.subject = 'account'
    and (j.after ->> f.flag)::boolean and (j.before ->> f.flag)::boolean is not true
order by j.id

-- statement: operators
select username from matricula_account where is_superuser and is_active order by lower(username), id limit %(limit)s
