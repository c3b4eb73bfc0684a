-- drop()
drop table if exists pg_temp.newcomers;

-- make()
create temporary table newcomers (
    place integer not null, is_apart boolean not null, username text not null, email text not null, first_name text,
    last_name text, is_active boolean, language text,
    username_key text collate "C" not null generated always as (lower(username collate "C")) stored,
    email_key text collate "C" not null generated always as (lower(email collate "C")) stored,
    skeleton text not null generated always as (matricula_skeleton(username)) stored
) on commit drop;

-- fill()
copy newcomers (place, is_apart, username, email, first_name, last_name, is_active, language) from stdin;

-- take_known()
delete from newcomers n
where n.is_apart
    or exists (select from matricula_account a where a.username_key = n.username_key offset 0)
    or exists (select from matricula_account a where a.email_key = n.email_key offset 0)
    or exists (
        select from matricula_account a
        where matricula_skeleton(a.username) = n.skeleton and a.username !~ '^[ -~]*$' offset 0
    )
returning n.place, (
    select a.id from matricula_account a
    where not n.is_apart and a.username_key = n.username_key and a.username = n.username and a.email = n.email
        and a.first_name = coalesce(n.first_name, a.first_name) and a.last_name = coalesce(n.last_name, a.last_name)
        and a.is_active = coalesce(n.is_active, a.is_active) and a.language = coalesce(n.language, a.language)
        and not (a.self_registered and a.activated is null and not a.is_active)
        and a.merged_into_id is null
    limit 1
);

-- take_known(mixed)
delete from newcomers n
where n.is_apart
    or exists (select from matricula_account a where a.username_key = n.username_key offset 0)
    or exists (select from matricula_account a where a.email_key = n.email_key offset 0)
    or exists (
        select from matricula_account a
        where matricula_skeleton(a.username) = n.skeleton and a.username !~ '^[ -~]*$' offset 0
    )
    or n.skeleton in (select o.skeleton from newcomers o where o.username !~ '^[ -~]*$')
returning n.place, (
    select a.id from matricula_account a
    where not n.is_apart and a.username_key = n.username_key and a.username = n.username and a.email = n.email
        and a.first_name = coalesce(n.first_name, a.first_name) and a.last_name = coalesce(n.last_name, a.last_name)
        and a.is_active = coalesce(n.is_active, a.is_active) and a.language = coalesce(n.language, a.language)
        and not (a.self_registered and a.activated is null and not a.is_active)
        and a.merged_into_id is null
    limit 1
);

-- write()
with added as (
    insert into matricula_account (username, email, first_name, last_name, is_active, is_staff, is_superuser, language,
        password, self_registered, wanted_email, generation, date_joined, activated)
    select n.username, n.email, coalesce(n.first_name, ''), coalesce(n.last_name, ''), coalesce(n.is_active, true),
        false, false, coalesce(n.language, ''), %(unusable)s || replace(gen_random_uuid()::text, '-', ''), false, '', 0,
        now(), case when coalesce(n.is_active, true) then now() end
    from newcomers n order by n.place
    returning id, username, username_key, email, first_name, last_name, is_active, language
),
journaled as (
    insert into matricula_journalentry (at, operation, subject, account_id, transition, before, after)
    select clock_timestamp(), %(operation)s, %(subject)s, a.id, %(transition)s, %(before)s::jsonb,
        %(same)s::jsonb || jsonb_build_object('username', a.username, 'email', a.email, 'first_name', a.first_name,
            'last_name', a.last_name, 'is_active', a.is_active, 'language', a.language)
    from added a order by a.id
)
select n.place, a.id, a.is_active from added a join newcomers n using (username_key);

