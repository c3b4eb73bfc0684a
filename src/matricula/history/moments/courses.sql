-- Who was enrolled in a course run at a moment, by the journal. How statements are written here:
-- matricula/foundation/statements.py.

-- Entries about seats. A step from no seat to no seat says nothing of one.
-- piece: about_seats
j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and (j.before ? 'enrollment' or j.after ? 'enrollment')

-- Those of one person, by the index of the account. "is not distinct from" keeps the planner from the indexes of course
-- runs: by figures that are older than the entries, a course run seems to have fewer entries than a person.
-- piece: of_one
j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
    and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')

-- piece: joined
(j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')

-- piece: left
(j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')

-- piece: is_active
coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)

-- Whom each last entry leaves in which mode, in one number, so that a million people need one pass without sorting:
-- the number of the entry, and 0 for who has left, or the place of the mode. Transitions say most of it without a look
-- into the state. 63 is a mode that the course run and its seats no longer have: that is looked up.
-- piece: states
select j.account_id, max(j.id * 64 + case
        when j.transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled',
            'from enrolled to enrolled')
            then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
        when j.transition in ('from enrolled to unenrolled', 'from unenrolled to unenrolled',
            'from allowed to enroll to unenrolled', 'from unenrolled to allowed to enroll') then 0
        when
            --> is_active
            then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
        else 0 end) as state,
    coalesce(max(j.at) filter (where
        --> joined
    ), min(j.at)) as since
from matricula_journalentry j
where
    --> about_seats
    and j.at <= %(at)s
group by 1

-- piece: modes
select array_agg(mode order by mode) as list from (
    select mode from (
        select unnest(modes) as mode from matricula_course where id = %(course)s
        union select mode from matricula_rostercount where course_id = %(course)s
    ) known order by mode limit 62
) known

-- piece: mode
coalesce((select list from modes)[e.state %% 64], (
    select j.after -> 'enrollment' ->> 'mode' from matricula_journalentry j where j.id = e.state / 64 and j.at <= %(at)s
))

-- piece: cursor_name
select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s

-- Today's roster is that of the seats; the journal says since when.
-- statement: page_now
-- maybe: behind_cursor
select e.account_id, a.username, a.email, e.mode, coalesce((
    select j.at from matricula_journalentry j
    where
        --> of_one
        and
        --> joined
    order by j.id desc limit 1
), e.created)
from (
    select * from matricula_courseenrollment where course_id = %(course)s and is_active
        --> behind
    order by username_key limit %(limit)s
) e join matricula_account a on a.id = e.account_id
order by e.username_key

-- All of them at once: for moments at which few were enrolled of those who ever were.
-- statement: page_of_all
-- maybe: behind_cursor
with modes as materialized (
    --> modes
)
select e.account_id, a.username, a.email,
    --> mode
    , e.since
from (
    --> states
) e join matricula_account a on a.id = e.account_id
where e.state %% 64 > 0
    --? behind_cursor
    and a.username_key > (
        --> cursor_name
    )
    --? end
order by a.username_key limit %(limit)s

-- Everyone who ever was in the course run has a seat: of some of these, by username, those who were enrolled. Each is
-- looked up by the index of the account.
-- statement: page_of_some
-- maybe: behind_cursor
select e.account_id, a.username, a.email, l.mode, coalesce(case when l.joined then l.at end, (
    select j.at from matricula_journalentry j
    where
        --> of_one
        and j.id < l.id and j.at <= %(at)s and
        --> joined
    order by j.id desc limit 1
), l.at)
from (
    --> seats
) e
cross join lateral (
    select j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
        --> is_active
        as is_active,
        --> joined
        as joined
    from matricula_journalentry j
    where
        --> of_one
        and j.at <= %(at)s
    order by j.id desc limit 1
) l
join matricula_account a on a.id = e.account_id
where l.is_active
order by e.username_key limit %(limit)s

-- How many seats are left from a cursor on, as far as that is asked for.
-- statement: seats_left
-- maybe: behind_cursor
select count(*) from (
    --> seats
) e

-- piece: seats
select e.account_id, e.username_key from (
    (
        select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and is_active
            --> behind
        order by username_key limit %(seats)s
    )
    union all
    (
        select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and not is_active
            --> behind
        order by username_key limit %(seats)s
    )
) e order by username_key limit %(seats)s

-- piece: behind
--? behind_cursor
and username_key > (
    --> cursor_name
)
--? end

-- statement: exported
-- one of: now | then
--? then
with modes as materialized (
    --> modes
)
--? end
select {cells} from (
    --? now
    select a.username, a.email, e.mode, {since} as since, e.username_key
    from (
        select e.*, coalesce(s.since, e.created) as since
        from matricula_courseenrollment e left join (
            select j.account_id, max(j.at) as since from matricula_journalentry j
            where
                --> about_seats
                and
                --> joined
            group by 1
        ) s on s.account_id = e.account_id
        where e.course_id = %(course)s and e.is_active
    ) e join matricula_account a on a.id = e.account_id
    --? end
    --? then
    select a.username, a.email,
        --> mode
        as mode, {since} as since, a.username_key
    from (
        --> states
    ) e join matricula_account a on a.id = e.account_id
    where e.state %% 64 > 0
    --? end
) r order by r.username_key

-- Lines for the digest, several thousand in one row.
-- statement: lines
-- one of: now | then
--? then
with modes as materialized (
    --> modes
)
--? end
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    --? now
    from matricula_courseenrollment r where r.course_id = %(course)s and r.is_active
    --? end
    --? then
    from (
        select a.username_key,
            --> mode
            as mode
        from (
            --> states
        ) e join matricula_account a on a.id = e.account_id
        where e.state %% 64 > 0
    ) r
    --? end
) lines group by block order by block

-- statement: cursor
--> cursor_name
