-- grant(course_roles)
insert into matricula_courserole (role, account_id, course_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[])
on conflict do nothing returning role, account_id, course_id;

-- grant(features)
insert into matricula_featuregrant (feature, account_id, group_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[])
on conflict do nothing returning feature, account_id, group_id;

-- grant(members)
insert into matricula_membership (group_id, account_id)
select * from unnest(%b::bigint[], %b::bigint[])
on conflict do nothing returning group_id, account_id;

-- grant(pending_members)
insert into matricula_pendingmember (group_id, email)
select * from unnest(%b::bigint[], %b::text[])
on conflict do nothing returning group_id, email;

-- grant(roles)
insert into matricula_rolegrant (role, account_id, group_id, organization_id, program_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
on conflict do nothing returning role, account_id, group_id, organization_id, program_id;

-- held_by(course_roles)
select role, account_id, course_id from matricula_courserole where account_id = any(%b::bigint[]);

-- held_by(features)
select feature, account_id, group_id from matricula_featuregrant where account_id = any(%b::bigint[]);

-- held_by(members)
select group_id, account_id from matricula_membership where account_id = any(%b::bigint[]);

-- held_by(roles)
select role, account_id, group_id, organization_id, program_id from matricula_rolegrant
where account_id = any(%b::bigint[]);

-- withdraw(course_roles)
delete from matricula_courserole t
using unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
where t.role = k.role and t.account_id = k.account_id and t.course_id = k.course_id
returning t.role, t.account_id, t.course_id;

-- withdraw(features)
delete from matricula_featuregrant t
using unnest(%b::text[], %b::bigint[], %b::bigint[]) k(feature, account_id, group_id)
where t.feature is not distinct from k.feature
    and t.account_id is not distinct from k.account_id
    and t.group_id is not distinct from k.group_id
returning t.feature, t.account_id, t.group_id;

-- withdraw(members)
delete from matricula_membership t
using unnest(%b::bigint[], %b::bigint[]) k(group_id, account_id)
where t.group_id = k.group_id and t.account_id = k.account_id
returning t.group_id, t.account_id;

-- withdraw(pending_members)
delete from matricula_pendingmember t
using unnest(%b::bigint[], %b::text[]) k(group_id, email)
where t.group_id = k.group_id and t.email = k.email
returning t.group_id, t.email;

-- withdraw(roles)
delete from matricula_rolegrant t
using unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
    k(role, account_id, group_id, organization_id, program_id)
where t.role is not distinct from k.role
    and t.account_id is not distinct from k.account_id
    and t.group_id is not distinct from k.group_id
    and t.organization_id is not distinct from k.organization_id
    and t.program_id is not distinct from k.program_id
returning t.role, t.account_id, t.group_id, t.organization_id, t.program_id;

-- given_by_group(features)
select feature, account_id, group_id from matricula_featuregrant where group_id = %s;

-- given_by_group(members)
select group_id, account_id from matricula_membership where group_id = %s;

-- given_by_group(pending_members)
select group_id, email from matricula_pendingmember where group_id = %s;

-- given_by_group(roles)
select role, account_id, group_id, organization_id, program_id from matricula_rolegrant where group_id = %s;

-- withdraw_others(course_roles)
delete from matricula_courserole r where r.account_id = any(%s) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
    where k.role = r.role and k.account_id = r.account_id and k.course_id = r.course_id)
returning role, account_id, course_id;

-- withdraw_others(members)
delete from matricula_membership m where m.account_id = any(%s) and not exists (
    select 1 from unnest(%b::bigint[], %b::bigint[]) k(group_id, account_id)
    where k.group_id = m.group_id and k.account_id = m.account_id)
returning group_id, account_id;

-- withdraw_others(pending_members)
delete from matricula_pendingmember p
where p.email_key in (select a.email_key from matricula_account a where a.id = any(%s)) and not exists (
    select 1 from unnest(%b::bigint[], %b::text[]) k(group_id, email)
    where k.group_id = p.group_id and lower(k.email collate "C") = p.email_key)
returning group_id, email;

-- withdraw_others(roles)
delete from matricula_rolegrant r where (r.account_id = any(%s) or r.group_id = any(%s)) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
        k(role, account_id, group_id, organization_id, program_id)
    where k.role = r.role and coalesce(k.account_id, 0) = coalesce(r.account_id, 0)
        and coalesce(k.group_id, 0) = coalesce(r.group_id, 0)
        and coalesce(k.organization_id, 0) = coalesce(r.organization_id, 0)
        and coalesce(k.program_id, 0) = coalesce(r.program_id, 0))
returning role, account_id, group_id, organization_id, program_id;

