-- page()
with roster as materialized (
    select l.account_id, l.id, l.at, l.mode, a.username_key, a.username, a.email
    from (
        select distinct on (j.account_id) j.account_id, j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
            coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
            as is_active
        from matricula_journalentry j
        where
            j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                and (j.before ? 'enrollment' or j.after ? 'enrollment')
            and j.at <= %(at)s
        order by j.account_id, j.id desc
    ) l join matricula_account a on a.id = l.account_id
    where l.is_active
)
select total.count, page.* from (select count(*) as count from roster) total left join (
    select r.account_id, r.username, r.email, r.mode, coalesce((
        select j.at from matricula_journalentry j
        where
            j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                and (j.before ? 'enrollment' or j.after ? 'enrollment')
            and j.account_id = r.account_id and j.id <= r.id
            and
            coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
            and not
            coalesce((j.before -> 'enrollment' ->> 'is_active')::boolean, false)
        order by j.id desc limit 1
    ), r.at) as since, r.username_key
    from roster r
    order by r.username_key limit %(limit)s
) page on true order by page.username_key;

-- page(behind_cursor)
with roster as materialized (
    select l.account_id, l.id, l.at, l.mode, a.username_key, a.username, a.email
    from (
        select distinct on (j.account_id) j.account_id, j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
            coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
            as is_active
        from matricula_journalentry j
        where
            j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                and (j.before ? 'enrollment' or j.after ? 'enrollment')
            and j.at <= %(at)s
        order by j.account_id, j.id desc
    ) l join matricula_account a on a.id = l.account_id
    where l.is_active
)
select total.count, page.* from (select count(*) as count from roster) total left join (
    select r.account_id, r.username, r.email, r.mode, coalesce((
        select j.at from matricula_journalentry j
        where
            j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                and (j.before ? 'enrollment' or j.after ? 'enrollment')
            and j.account_id = r.account_id and j.id <= r.id
            and
            coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
            and not
            coalesce((j.before -> 'enrollment' ->> 'is_active')::boolean, false)
        order by j.id desc limit 1
    ), r.at) as since, r.username_key
    from roster r
    where r.username_key > (
        select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s
    )
    order by r.username_key limit %(limit)s
) page on true order by page.username_key;

-- exported()
select {cells} from (
    select r.username, r.email, r.mode, {since} as since, r.username_key from (
        select r.*, coalesce((
            select j.at from matricula_journalentry j
            where
                j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                    and (j.before ? 'enrollment' or j.after ? 'enrollment')
                and j.account_id = r.account_id and j.id <= r.id
                and
                coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                and not
                coalesce((j.before -> 'enrollment' ->> 'is_active')::boolean, false)
            order by j.id desc limit 1
        ), r.at) as since
        from (
            select l.account_id, l.id, l.at, l.mode, a.username_key, a.username, a.email
            from (
                select distinct on (j.account_id) j.account_id, j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
                    coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                    as is_active
                from matricula_journalentry j
                where
                    j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                        and (j.before ? 'enrollment' or j.after ? 'enrollment')
                    and j.at <= %(at)s
                order by j.account_id, j.id desc
            ) l join matricula_account a on a.id = l.account_id
            where l.is_active
        ) r
    ) r
) r order by r.username_key;

-- lines(now)
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    from matricula_courseenrollment r where r.course_id = %(course)s and r.is_active
) lines group by block order by block;

-- lines(then)
select count(*), string_agg(line, '' order by username_key)
from (
    select r.username_key, r.username_key || e'\t' || r.mode || e'\n' as line,
        (row_number() over (order by r.username_key) - 1) / %(lines)s as block
    from (
        select l.account_id, l.id, l.at, l.mode, a.username_key, a.username, a.email
        from (
            select distinct on (j.account_id) j.account_id, j.id, j.at, j.after -> 'enrollment' ->> 'mode' as mode,
                coalesce((j.after -> 'enrollment' ->> 'is_active')::boolean, false)
                as is_active
            from matricula_journalentry j
            where
                j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
                    and (j.before ? 'enrollment' or j.after ? 'enrollment')
                and j.at <= %(at)s
            order by j.account_id, j.id desc
        ) l join matricula_account a on a.id = l.account_id
        where l.is_active
    ) r
) lines group by block order by block;

-- cursor()
select username_key from matricula_courseenrollment where account_id = %(after)s and course_id = %(course)s;

