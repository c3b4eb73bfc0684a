-- grants()
select j.subject, j.transition, (j.after ->> 'group_id')::bigint, (j.after ->> 'organization_id')::bigint,
    (j.after ->> 'program_id')::bigint, j.course_id, j.at, actor.username, j.source, j.reason
from (
    select * from matricula_change where account_id = %(account)s and
        subject in ('course_role', 'role', 'feature', 'membership', 'group', 'client', 'account') and not transition in ('registered', 'recorded')
        and transition like 'granted %%'
    union all
    select * from matricula_change where (after -> 'group_id')::bigint = any(%(groups)s::bigint[])
        and account_id is null and email is null and
        subject in ('course_role', 'role', 'feature', 'membership', 'group', 'client', 'account') and not transition in ('registered', 'recorded')
        and transition like 'granted %%'
) j
left join matricula_account actor on actor.id = j.actor_id
order by j.id;

-- flags()
select f.flag, j.at, actor.username, j.source, j.reason
from matricula_change j
cross join (values ('is_staff'), ('is_superuser')) f(flag)
left join matricula_account actor on actor.id = j.actor_id
where j.account_id = %(account)s and j.subject = 'account'
    and (j.after ->> f.flag)::boolean and (j.before ->> f.flag)::boolean is not true
order by j.id;

-- operators()
select username from matricula_account where is_superuser and is_active order by lower(username), id limit %(limit)s;

