-- _STATEMENT()
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
select me.is_staff, me.is_superuser,
    false,
    false, '{}'::text[],
    '{}'::text[]
from me;

-- _STATEMENT(with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    false,
    false, '{}'::text[],
    array(select feature from own_features union select feature from group_features)
from me;

-- _STATEMENT(of_program)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
select me.is_staff, me.is_superuser,
    false,
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    '{}'::text[]
from me;

-- _STATEMENT(of_program, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    false,
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    array(select feature from own_features union select feature from group_features)
from me;

-- _STATEMENT(of_course)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    false, '{}'::text[],
    '{}'::text[]
from me;

-- _STATEMENT(of_course, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    false, '{}'::text[],
    array(select feature from own_features union select feature from group_features)
from me;

-- _STATEMENT(of_course, of_program)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    '{}'::text[]
from me;

-- _STATEMENT(of_course, of_program, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    array(select feature from own_features union select feature from group_features)
from me;

-- _STATEMENT(by_token)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
select me.is_staff, me.is_superuser,
    false,
    false, '{}'::text[],
    '{}'::text[]
from me
where exists (select from living);

-- _STATEMENT(by_token, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    false,
    false, '{}'::text[],
    array(select feature from own_features union select feature from group_features)
from me
where exists (select from living);

-- _STATEMENT(by_token, of_program)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
select me.is_staff, me.is_superuser,
    false,
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    '{}'::text[]
from me
where exists (select from living);

-- _STATEMENT(by_token, of_program, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    false,
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    array(select feature from own_features union select feature from group_features)
from me
where exists (select from living);

-- _STATEMENT(by_token, of_course)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    false, '{}'::text[],
    '{}'::text[]
from me
where exists (select from living);

-- _STATEMENT(by_token, of_course, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    false, '{}'::text[],
    array(select feature from own_features union select feature from group_features)
from me
where exists (select from living);

-- _STATEMENT(by_token, of_course, of_program)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    '{}'::text[]
from me
where exists (select from living);

-- _STATEMENT(by_token, of_course, of_program, with_features)
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        (h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
select me.is_staff, me.is_superuser,
    exists (select from managing),
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    array(select feature from own_features union select feature from group_features)
from me
where exists (select from living);

