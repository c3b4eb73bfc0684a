-- Many new accounts at once. How statements are written here: matricula/foundation/statements.py. Why so:
-- docs/decisions/0030.

-- statement: drop
drop table if exists pg_temp.newcomers

-- What is null stays as it is, or is as by default.
-- statement: make
create temporary table newcomers (
    place integer not null, is_apart boolean not null, username text not null, email text not null, first_name text,
    last_name text, is_active boolean, language text,
    username_key text collate "C" not null generated always as (lower(username collate "C")) stored,
    email_key text collate "C" not null generated always as (lower(email collate "C")) stored,
    skeleton text not null generated always as (matricula_skeleton(username)) stored
) on commit drop

-- statement: fill
copy newcomers (place, is_apart, username, email, first_name, last_name, is_active, language) from stdin

-- Takes away who can't be made as one of a set: whose name or address an account has, and who may look like someone;
-- names in ASCII don't look like each other. Says of each which account is just as it shall be.
-- offset 0: each look is one into an index, however many accounts there are.
-- statement: take_known
-- maybe: mixed
delete from newcomers n
where n.is_apart
    or exists (select from matricula_account a where a.username_key = n.username_key offset 0)
    or exists (select from matricula_account a where a.email_key = n.email_key offset 0)
    or exists (
        select from matricula_account a
        where matricula_skeleton(a.username) = n.skeleton and a.username !~ '^[ -~]*$' offset 0
    )
    or n.skeleton in (select o.skeleton from newcomers o where o.username !~ '^[ -~]*$')  --? mixed
returning n.place, (
    select a.id from matricula_account a
    where not n.is_apart and a.username_key = n.username_key and a.username = n.username and a.email = n.email
        and a.first_name = coalesce(n.first_name, a.first_name) and a.last_name = coalesce(n.last_name, a.last_name)
        and a.is_active = coalesce(n.is_active, a.is_active) and a.language = coalesce(n.language, a.language)
        -- an unconfirmed sign-up is no such account yet
        and not (a.self_registered and a.activated is null and not a.is_active)
        -- one that was merged away is rejected with the rest
        and a.merged_into_id is null
    limit 1
)

-- A password that no one can have differs from account to account, as what is signed with it must.
-- statement: write
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
select n.place, a.id, a.is_active from added a join newcomers n using (username_key)
