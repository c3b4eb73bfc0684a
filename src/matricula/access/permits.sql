-- The right to write, read again and held. How statements are written here: matricula/foundation/statements.py.

-- One row for an account that is still signed in, with what it may; none for another. "for share": an update of the
-- account waits, and one that was first is seen. Roles, features, memberships and tokens are known by all their columns
-- and change only as a whole: "for key share" is enough there.
-- statement: permit
-- maybe: by_token
-- maybe: of_course
-- maybe: of_program
-- maybe: with_features
with me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
--? by_token
, living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
--? end
--? of_course
, managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
--? end
--? of_program
, own_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        --> on_program
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p
    join matricula_rolegrant h on
        --> on_program
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
--? end
--? with_features
, own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
--? end
select me.is_staff, me.is_superuser,
    exists (select from managing),  --? of_course
    false,  --? not of_course
    --? of_program
    (select manages_enrollments from matricula_program where id = %(program)s),
    array(select role from own_roles union select role from group_roles),
    --? end
    false, '{}'::text[],  --? not of_program
    array(select feature from own_features union select feature from group_features)  --? with_features
    '{}'::text[]  --? not with_features
from me
where exists (select from living)  --? by_token
