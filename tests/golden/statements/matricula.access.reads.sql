-- caller(by_account)
select null, null, null,
    a.id, a.username, a.is_staff, a.is_superuser, a.language,
    c.id, c.key, c.title, c.url, c.modes,
    a.is_staff or a.is_superuser or exists (
        select 1 from matricula_courserole r
        where r.account_id = a.id and r.course_id = c.id and r.role = any(%s)
    )
from matricula_account a
left join matricula_course c on c.key = %s
where a.id = %s and a.is_active;

-- caller(by_token)
select t.scope, t.expires, t.application_id,
    a.id, a.username, a.is_staff, a.is_superuser, a.language,
    c.id, c.key, c.title, c.url, c.modes,
    a.is_staff or a.is_superuser or exists (
        select 1 from matricula_courserole r
        where r.account_id = a.id and r.course_id = c.id and r.role = any(%s)
    )
from oauth2_provider_accesstoken t
left join matricula_client k on k.id = t.application_id
join matricula_account a on a.id = coalesce(t.user_id, k.user_id) and a.is_active
left join matricula_course c on c.key = %s
where t.token_checksum = %s;

-- program_caller(by_account)
select null, null, null,
    a.id, a.username, a.is_staff, a.is_superuser, a.language,
    array(
        select distinct h.role from (
            select g.role, g.organization_id, g.program_id from matricula_rolegrant g where g.account_id = a.id
            union all
            select g.role, g.organization_id, g.program_id from matricula_membership m
            join matricula_rolegrant g on g.group_id = m.group_id where m.account_id = a.id
        ) h
        where
            (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    ),
    array(
        select f.feature from matricula_featuregrant f where f.account_id = a.id
        union
        select f.feature from matricula_membership m
        join matricula_featuregrant f on f.group_id = m.group_id where m.account_id = a.id
    ),
    p.id, p.key, p.organization_id, p.title, p.type, p.url, p.manages_enrollments
from matricula_account a
left join matricula_program p on p.key = %s
where a.id = %s and a.is_active;

-- program_caller(by_token)
select t.scope, t.expires, t.application_id,
    a.id, a.username, a.is_staff, a.is_superuser, a.language,
    array(
        select distinct h.role from (
            select g.role, g.organization_id, g.program_id from matricula_rolegrant g where g.account_id = a.id
            union all
            select g.role, g.organization_id, g.program_id from matricula_membership m
            join matricula_rolegrant g on g.group_id = m.group_id where m.account_id = a.id
        ) h
        where
            (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    ),
    array(
        select f.feature from matricula_featuregrant f where f.account_id = a.id
        union
        select f.feature from matricula_membership m
        join matricula_featuregrant f on f.group_id = m.group_id where m.account_id = a.id
    ),
    p.id, p.key, p.organization_id, p.title, p.type, p.url, p.manages_enrollments
from oauth2_provider_accesstoken t
left join matricula_client k on k.id = t.application_id
join matricula_account a on a.id = coalesce(t.user_id, k.user_id) and a.is_active
left join matricula_program p on p.key = %s
where t.token_checksum = %s;

-- programs()
with held as materialized (
    select h.* from matricula_account a, lateral (
        select g.role, g.organization_id, g.program_id from matricula_rolegrant g where g.account_id = a.id
        union all
        select g.role, g.organization_id, g.program_id from matricula_membership m
        join matricula_rolegrant g on g.group_id = m.group_id where m.account_id = a.id
    ) h where a.id = %s
)
select array(
        select distinct h.role from held h
        where
            (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    ),
    p.id, p.key, p.organization_id, p.title, p.type, p.url, p.manages_enrollments
from matricula_program p where %s::bigint is null or p.organization_id = %s order by p.key collate "C";

-- holds_in_organization()
select exists (
    select 1 from matricula_account a, lateral (
        select g.role, g.organization_id, g.program_id from matricula_rolegrant g where g.account_id = a.id
        union all
        select g.role, g.organization_id, g.program_id from matricula_membership m
        join matricula_rolegrant g on g.group_id = m.group_id where m.account_id = a.id
    ) h
    where a.id = %s and h.role <> %s
        and (h.organization_id = %s or (h.program_id is null and h.organization_id is null))
);

