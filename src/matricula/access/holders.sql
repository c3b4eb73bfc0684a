-- Who holds what. How statements are written here: matricula/foundation/statements.py.

-- statement: grants
-- one of: page | count
-- one of: course_role | role | feature | member | pending
-- one of: all | one | of_account | of_groups | person_of_groups | searched
--? page
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        --> granted
    ) g
    --> fitting
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc
--? end
--? count
select count(*) from (
    --> granted
) g
--> fitting
--? end

-- piece: granted
--? course_role
select id, role as what, account_id, null as address, null::bigint as group_id,
    null::bigint as organization_id, null::bigint as program_id, course_id
from matricula_courserole
--? end
--? role
select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
from matricula_rolegrant
--? end
--? feature
select id, feature as what, account_id, null as address, group_id,
    null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
from matricula_featuregrant
--? end
--? member
select id, '' as what, account_id, null as address, group_id,
    null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
from matricula_membership
--? end
--? pending
select id, '' as what, null::bigint as account_id, email as address, group_id,
    null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
from matricula_pendingmember
--? end

-- what is searched is found in each table by itself: one condition over all of them would join all grants first
-- piece: fitting
where g.id = %(id)s  --? one
where g.account_id = %(account)s  --? of_account
where g.group_id = any(%(groups)s)  --? of_groups, person_of_groups
--? person_of_groups
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    )
--? end
--? searched
where (
    g.account_id in (select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%')
    or g.course_id in (
        select id from matricula_course where lower(key || ' ' || title) like '%%' || lower(%(search)s) || '%%'
    )
    or g.program_id in (
        select id from matricula_program where lower(key || ' ' || title) like '%%' || lower(%(search)s) || '%%'
    )
    or g.organization_id in (
        select id from matricula_organization where lower(key || ' ' || name) like '%%' || lower(%(search)s) || '%%'
    )
    or g.group_id in (select id from matricula_group where lower(name) like '%%' || lower(%(search)s) || '%%')
    or lower(g.address) like '%%' || lower(%(search)s) || '%%'
)
--? end

-- statement: clients
-- one of: page | count
--? page
select k.id, k.client_id, k.name, k.scopes, k.created, k.user_id, a.username,
    (select count(*) from oauth2_provider_accesstoken t where t.application_id = k.id and t.expires > now()),
    (select max(t.created) from oauth2_provider_accesstoken t where t.application_id = k.id),
    string_to_array(k.redirect_uris, ' '), k.client_type = 'public'
from (
    select * from matricula_client k
    --> fitting_client
    order by k.id desc limit %(limit)s offset %(offset)s
) k
left join matricula_account a on a.id = k.user_id
order by k.id desc
--? end
--? count
select count(*) from matricula_client k
--> fitting_client
--? end

-- piece: fitting_client
where (%(id)s::bigint is null or k.id = %(id)s)
    -- apps act for those who allow it, and not as the account that is responsible
    and (%(account)s::bigint is null or k.user_id = %(account)s and k.redirect_uris = '')
    and (
        %(search)s = ''
        or lower(k.client_id || ' ' || k.name) like '%%' || lower(%(search)s) || '%%'
        or k.user_id in (
            select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
        )
    )

-- Who may approve a plan and wants mail about it. Roles on a program, on its organization or everywhere, also of groups.
-- statement: reviewers
-- one of: of_course | of_program | of_operators
select a.id from matricula_account a
where a.is_active and a.wants_plan_mail and a.id is distinct from %(maker)s::bigint
    --? of_course
    and a.id in (
        select r.account_id from matricula_courserole r
        where r.course_id = %(course)s and r.role = any(%(course_roles)s)
    )
    --? end
    --? of_program
    and a.id in (
        select coalesce(g.account_id, m.account_id)
        from matricula_program p
        join matricula_rolegrant g on g.role = any(%(roles)s) and (
            g.program_id = p.id or g.organization_id = p.organization_id
            or (g.program_id is null and g.organization_id is null)
        )
        left join matricula_membership m on m.group_id = g.group_id
        where p.id = %(program)s and p.manages_enrollments
    )
    --? end
    and a.is_superuser  --? of_operators
order by a.id limit %(limit)s
