-- grants(count, course_role, all)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g;

-- grants(count, course_role, of_account)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g
where g.account_id = %(account)s;

-- grants(count, course_role, of_groups)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g
where g.group_id = any(%(groups)s);

-- grants(count, course_role, one)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g
where g.id = %(id)s;

-- grants(count, course_role, person_of_groups)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g
where g.group_id = any(%(groups)s)
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    );

-- grants(count, course_role, searched)
select count(*) from (
    select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id
    from matricula_courserole
) g
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
);

-- grants(count, feature, all)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g;

-- grants(count, feature, of_account)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g
where g.account_id = %(account)s;

-- grants(count, feature, of_groups)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g
where g.group_id = any(%(groups)s);

-- grants(count, feature, one)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g
where g.id = %(id)s;

-- grants(count, feature, person_of_groups)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g
where g.group_id = any(%(groups)s)
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    );

-- grants(count, feature, searched)
select count(*) from (
    select id, feature as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_featuregrant
) g
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
);

-- grants(count, member, all)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g;

-- grants(count, member, of_account)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g
where g.account_id = %(account)s;

-- grants(count, member, of_groups)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g
where g.group_id = any(%(groups)s);

-- grants(count, member, one)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g
where g.id = %(id)s;

-- grants(count, member, person_of_groups)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g
where g.group_id = any(%(groups)s)
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    );

-- grants(count, member, searched)
select count(*) from (
    select id, '' as what, account_id, null as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_membership
) g
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
);

-- grants(count, pending, all)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g;

-- grants(count, pending, of_account)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g
where g.account_id = %(account)s;

-- grants(count, pending, of_groups)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g
where g.group_id = any(%(groups)s);

-- grants(count, pending, one)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g
where g.id = %(id)s;

-- grants(count, pending, person_of_groups)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g
where g.group_id = any(%(groups)s)
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    );

-- grants(count, pending, searched)
select count(*) from (
    select id, '' as what, null::bigint as account_id, email as address, group_id,
        null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
    from matricula_pendingmember
) g
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
);

-- grants(count, role, all)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g;

-- grants(count, role, of_account)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g
where g.account_id = %(account)s;

-- grants(count, role, of_groups)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g
where g.group_id = any(%(groups)s);

-- grants(count, role, one)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g
where g.id = %(id)s;

-- grants(count, role, person_of_groups)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g
where g.group_id = any(%(groups)s)
    and g.account_id in (
        select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
    );

-- grants(count, role, searched)
select count(*) from (
    select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
    from matricula_rolegrant
) g
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
);

-- grants(page, course_role, all)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, course_role, of_account)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
    where g.account_id = %(account)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, course_role, of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
    where g.group_id = any(%(groups)s)
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, course_role, one)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
    where g.id = %(id)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, course_role, person_of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
    where g.group_id = any(%(groups)s)
        and g.account_id in (
            select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
        )
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, course_role, searched)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, null::bigint as group_id,
            null::bigint as organization_id, null::bigint as program_id, course_id
        from matricula_courserole
    ) g
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
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, all)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, of_account)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
    where g.account_id = %(account)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
    where g.group_id = any(%(groups)s)
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, one)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
    where g.id = %(id)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, person_of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
    where g.group_id = any(%(groups)s)
        and g.account_id in (
            select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
        )
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, feature, searched)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, feature as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_featuregrant
    ) g
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
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, all)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, of_account)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
    where g.account_id = %(account)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
    where g.group_id = any(%(groups)s)
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, one)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
    where g.id = %(id)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, person_of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
    where g.group_id = any(%(groups)s)
        and g.account_id in (
            select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
        )
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, member, searched)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, account_id, null as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_membership
    ) g
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
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, all)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, of_account)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
    where g.account_id = %(account)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
    where g.group_id = any(%(groups)s)
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, one)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
    where g.id = %(id)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, person_of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
    where g.group_id = any(%(groups)s)
        and g.account_id in (
            select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
        )
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, pending, searched)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, '' as what, null::bigint as account_id, email as address, group_id,
            null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id
        from matricula_pendingmember
    ) g
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
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, all)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, of_account)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
    where g.account_id = %(account)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
    where g.group_id = any(%(groups)s)
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, one)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
    where g.id = %(id)s
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, person_of_groups)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
    where g.group_id = any(%(groups)s)
        and g.account_id in (
            select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%'
        )
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- grants(page, role, searched)
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (
    select * from (
        select id, role as what, account_id, null as address, group_id, organization_id, program_id, null::bigint as course_id
        from matricula_rolegrant
    ) g
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
    order by g.id desc limit %(limit)s offset %(offset)s
) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc;

-- clients(count)
select count(*) from matricula_client k
where (%(id)s::bigint is null or k.id = %(id)s)
    and (%(account)s::bigint is null or k.user_id = %(account)s and k.redirect_uris = '')
    and (
        %(search)s = ''
        or lower(k.client_id || ' ' || k.name) like '%%' || lower(%(search)s) || '%%'
        or k.user_id in (
            select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
        )
    );

-- clients(page)
select k.id, k.client_id, k.name, k.scopes, k.created, k.user_id, a.username,
    (select count(*) from oauth2_provider_accesstoken t where t.application_id = k.id and t.expires > now()),
    (select max(t.created) from oauth2_provider_accesstoken t where t.application_id = k.id),
    string_to_array(k.redirect_uris, ' '), k.client_type = 'public'
from (
    select * from matricula_client k
    where (%(id)s::bigint is null or k.id = %(id)s)
        and (%(account)s::bigint is null or k.user_id = %(account)s and k.redirect_uris = '')
        and (
            %(search)s = ''
            or lower(k.client_id || ' ' || k.name) like '%%' || lower(%(search)s) || '%%'
            or k.user_id in (
                select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
            )
        )
    order by k.id desc limit %(limit)s offset %(offset)s
) k
left join matricula_account a on a.id = k.user_id
order by k.id desc;

-- reviewers(of_course)
select a.id from matricula_account a
where a.is_active and a.wants_plan_mail and a.id is distinct from %(maker)s::bigint
    and a.id in (
        select r.account_id from matricula_courserole r
        where r.course_id = %(course)s and r.role = any(%(course_roles)s)
    )
order by a.id limit %(limit)s;

-- reviewers(of_operators)
select a.id from matricula_account a
where a.is_active and a.wants_plan_mail and a.id is distinct from %(maker)s::bigint
    and a.is_superuser
order by a.id limit %(limit)s;

-- reviewers(of_program)
select a.id from matricula_account a
where a.is_active and a.wants_plan_mail and a.id is distinct from %(maker)s::bigint
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
order by a.id limit %(limit)s;

