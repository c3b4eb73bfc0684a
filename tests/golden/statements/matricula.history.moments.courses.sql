-- page_now()
select e.account_id, a.username, a.email, e.mode, coalesce((
    select j.at from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    order by j.id desc limit 1
), e.created)
from (
    select * from matricula_courseenrollment where course_id = %(course)s and is_active
    order by username_key limit %(limit)s
) e join matricula_account a on a.id = e.account_id
order by e.username_key;

-- page_now(behind_cursor)
select e.account_id, a.username, a.email, e.mode, coalesce((
    select j.at from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    order by j.id desc limit 1
), e.created)
from (
    select * from matricula_courseenrollment where course_id = %(course)s and is_active
        and username_key > (
            select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
        )
    order by username_key limit %(limit)s
) e join matricula_account a on a.id = e.account_id
order by e.username_key;

-- page_of_all()
with modes as materialized (
    select array_agg(mode order by mode) as list from (
        select mode from (
            select unnest(modes) as mode from matricula_course where id = %(course)s
            union select mode from matricula_rostercount where course_id = %(course)s
        ) known order by mode limit 62
    ) known
)
select e.account_id, a.username, a.email,
    coalesce((select list from modes)[e.state %% 64], (
        select j.after -> 'enrollment' ->> 'mode' from matricula_journalentry j where j.id = e.state / 64 and j.at <= %(at)s
    ))
    , e.since
from (
    select j.account_id, max(j.id * 64 + case
            when j.transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled',
                'from enrolled to enrolled')
                then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
            when j.transition in ('from enrolled to unenrolled', 'from unenrolled to unenrolled',
                'from allowed to enroll to unenrolled', 'from unenrolled to allowed to enroll') then 0
            when
                coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
            else 0 end) as state,
        coalesce(max(j.at) filter (where
            (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
        ), min(j.at)) as since
    from matricula_journalentry j
    where
        j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
            and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.at <= %(at)s
    group by 1
) e join matricula_account a on a.id = e.account_id
where e.state %% 64 > 0
order by a.username_key limit %(limit)s;

-- page_of_all(behind_cursor)
with modes as materialized (
    select array_agg(mode order by mode) as list from (
        select mode from (
            select unnest(modes) as mode from matricula_course where id = %(course)s
            union select mode from matricula_rostercount where course_id = %(course)s
        ) known order by mode limit 62
    ) known
)
select e.account_id, a.username, a.email,
    coalesce((select list from modes)[e.state %% 64], (
        select j.after -> 'enrollment' ->> 'mode' from matricula_journalentry j where j.id = e.state / 64 and j.at <= %(at)s
    ))
    , e.since
from (
    select j.account_id, max(j.id * 64 + case
            when j.transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled',
                'from enrolled to enrolled')
                then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
            when j.transition in ('from enrolled to unenrolled', 'from unenrolled to unenrolled',
                'from allowed to enroll to unenrolled', 'from unenrolled to allowed to enroll') then 0
            when
                coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
            else 0 end) as state,
        coalesce(max(j.at) filter (where
            (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
        ), min(j.at)) as since
    from matricula_journalentry j
    where
        j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
            and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.at <= %(at)s
    group by 1
) e join matricula_account a on a.id = e.account_id
where e.state %% 64 > 0
    and a.username_key > (
        select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
    )
order by a.username_key limit %(limit)s;

-- page_of_some()
select e.account_id, a.username, a.email, l.mode, coalesce(case when l.joined then l.at end, (
    select j.at from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.id < l.id and j.at <= %(at)s and
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    order by j.id desc limit 1
), l.at)
from (
    select e.account_id, e.username_key from (
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and is_active
            order by username_key limit %(seats)s
        )
        union all
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and not is_active
            order by username_key limit %(seats)s
        )
    ) e order by username_key limit %(seats)s
) e
cross join lateral (
    select j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
        coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
        as is_active,
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
        as joined
    from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.at <= %(at)s
    order by j.id desc limit 1
) l
join matricula_account a on a.id = e.account_id
where l.is_active
order by e.username_key limit %(limit)s;

-- page_of_some(behind_cursor)
select e.account_id, a.username, a.email, l.mode, coalesce(case when l.joined then l.at end, (
    select j.at from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.id < l.id and j.at <= %(at)s and
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    order by j.id desc limit 1
), l.at)
from (
    select e.account_id, e.username_key from (
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and is_active
                and username_key > (
                    select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
                )
            order by username_key limit %(seats)s
        )
        union all
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and not is_active
                and username_key > (
                    select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
                )
            order by username_key limit %(seats)s
        )
    ) e order by username_key limit %(seats)s
) e
cross join lateral (
    select j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
        coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
        as is_active,
        (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
        as joined
    from matricula_journalentry j
    where
        j.account_id = e.account_id and j.course_id is not distinct from %(course)s and j.program_id is null
            and j.subject = 'course_enrollment' and (j.before ? 'enrollment' or j.after ? 'enrollment')
        and j.at <= %(at)s
    order by j.id desc limit 1
) l
join matricula_account a on a.id = e.account_id
where l.is_active
order by e.username_key limit %(limit)s;

-- seats_left()
select count(*) from (
    select e.account_id, e.username_key from (
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and is_active
            order by username_key limit %(seats)s
        )
        union all
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and not is_active
            order by username_key limit %(seats)s
        )
    ) e order by username_key limit %(seats)s
) e;

-- seats_left(behind_cursor)
select count(*) from (
    select e.account_id, e.username_key from (
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and is_active
                and username_key > (
                    select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
                )
            order by username_key limit %(seats)s
        )
        union all
        (
            select account_id, username_key from matricula_courseenrollment where course_id = %(course)s and not is_active
                and username_key > (
                    select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
                )
            order by username_key limit %(seats)s
        )
    ) e order by username_key limit %(seats)s
) e;

-- exported(now)
select {cells} from (
    select a.username, a.email, e.mode, {since} as since, e.username_key
    from (
        select e.*, coalesce(s.since, e.created) as since
        from matricula_courseenrollment e left join (
            select j.account_id, max(j.at) as since from matricula_journalentry j
            where
                j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                    and (j.before ? 'enrollment' or j.after ? 'enrollment')
                and
                (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
            group by 1
        ) s on s.account_id = e.account_id
        where e.course_id = %(course)s and e.is_active
    ) e join matricula_account a on a.id = e.account_id
) r order by r.username_key;

-- exported(then)
with modes as materialized (
    select array_agg(mode order by mode) as list from (
        select mode from (
            select unnest(modes) as mode from matricula_course where id = %(course)s
            union select mode from matricula_rostercount where course_id = %(course)s
        ) known order by mode limit 62
    ) known
)
select {cells} from (
    select a.username, a.email,
        coalesce((select list from modes)[e.state %% 64], (
            select j.after -> 'enrollment' ->> 'mode' from matricula_journalentry j where j.id = e.state / 64 and j.at <= %(at)s
        ))
        as mode, {since} as since, a.username_key
    from (
        select j.account_id, max(j.id * 64 + case
                when j.transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled',
                    'from enrolled to enrolled')
                    then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
                when j.transition in ('from enrolled to unenrolled', 'from unenrolled to unenrolled',
                    'from allowed to enroll to unenrolled', 'from unenrolled to allowed to enroll') then 0
                when
                    coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                    then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
                else 0 end) as state,
            coalesce(max(j.at) filter (where
                (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
            ), min(j.at)) as since
        from matricula_journalentry j
        where
            j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                and (j.before ? 'enrollment' or j.after ? 'enrollment')
            and j.at <= %(at)s
        group by 1
    ) e join matricula_account a on a.id = e.account_id
    where e.state %% 64 > 0
) r order by r.username_key;

-- lines(now)
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    from matricula_courseenrollment r where r.course_id = %(course)s and r.is_active
) lines group by block order by block;

-- lines(then)
with modes as materialized (
    select array_agg(mode order by mode) as list from (
        select mode from (
            select unnest(modes) as mode from matricula_course where id = %(course)s
            union select mode from matricula_rostercount where course_id = %(course)s
        ) known order by mode limit 62
    ) known
)
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    from (
        select a.username_key,
            coalesce((select list from modes)[e.state %% 64], (
                select j.after -> 'enrollment' ->> 'mode' from matricula_journalentry j where j.id = e.state / 64 and j.at <= %(at)s
            ))
            as mode
        from (
            select j.account_id, max(j.id * 64 + case
                    when j.transition in ('from unenrolled to enrolled', 'from allowed to enroll to enrolled',
                        'from enrolled to enrolled')
                        then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
                    when j.transition in ('from enrolled to unenrolled', 'from unenrolled to unenrolled',
                        'from allowed to enroll to unenrolled', 'from unenrolled to allowed to enroll') then 0
                    when
                        coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                        then coalesce(array_position((select list from modes), j.after -> 'enrollment' ->> 'mode'), 63)
                    else 0 end) as state,
                coalesce(max(j.at) filter (where
                    (j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
                ), min(j.at)) as since
            from matricula_journalentry j
            where
                j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                    and (j.before ? 'enrollment' or j.after ? 'enrollment')
                and j.at <= %(at)s
            group by 1
        ) e join matricula_account a on a.id = e.account_id
        where e.state %% 64 > 0
    ) r
) lines group by block order by block;

-- cursor()
select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s;

