-- Who was enrolled in a course run at a moment, by the journal. How statements are written here:
-- matricula/foundation/statements.py.

-- Entries about seats. A step from no seat to no seat says nothing of one.
-- piece: about_seats
j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and (j.before ? 'enrollment' or j.after ? 'enrollment')

-- piece: was_active
coalesce((j.before -> 'enrollment' ->> 'is_active')::boolean, false)

-- piece: is_active
coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)

-- Since when someone was enrolled without a break.
-- piece: since
select j.at from matricula_journalentry j
where
    --> about_seats
    and j.account_id = r.account_id and j.id <= r.id
    and
    --> is_active
    and not
    --> was_active
order by j.id desc limit 1

-- piece: cursor_name
select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s

-- piece: roster
select l.account_id, l.id, l.at, l.mode, a.username_key, a.username, a.email
from (
    select distinct on (j.account_id) j.account_id, j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
        --> is_active
        as is_active
    from matricula_journalentry j
    where
        --> about_seats
        and j.at <= %(at)s
    order by j.account_id, j.id desc
) l join matricula_account a on a.id = l.account_id
where l.is_active

-- statement: page
-- maybe: behind_cursor
with roster as materialized (
    --> roster
)
select total.count, page.* from (select count(*) as count from roster) total left join (
    select r.account_id, r.username, r.email, r.mode, coalesce((
        --> since
    ), r.at) as since, r.username_key
    from roster r
    --? behind_cursor
    where r.username_key > (
        --> cursor_name
    )
    --? end
    order by r.username_key limit %(limit)s
) page on true order by page.username_key

-- statement: exported
select {cells} from (
    select r.username, r.email, r.mode, {since} as since, r.username_key from (
        select r.*, coalesce((
            --> since
        ), r.at) as since
        from (
            --> roster
        ) r
    ) r
) r order by r.username_key

-- Lines for the digest, several thousand in one row.
-- statement: lines
-- one of: now | then
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    --? now
    from matricula_courseenrollment r where r.course_id = %(course)s and r.is_active
    --? end
    --? then
    from (
        --> roster
    ) r
    --? end
) lines group by block order by block

-- statement: cursor
--> cursor_name
