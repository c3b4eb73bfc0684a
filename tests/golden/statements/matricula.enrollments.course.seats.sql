-- page(everyone, backwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    select e.* from matricula_courseenrollment e
    where
        e.id < %(after)s
    order by
        e.id desc
    limit %(limit)s
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.id desc
limit %(limit)s;

-- page(everyone, forwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    select e.* from matricula_courseenrollment e
    where
        e.id > %(after)s
    order by
        e.id
    limit %(limit)s
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.id
limit %(limit)s;

-- page(of_course, backwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and e.is_active
            and e.username_key < coalesce((
                select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
            ), '')
        order by
            e.username_key desc
        limit %(limit)s
    )
    union all
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and not e.is_active
            and e.username_key < coalesce((
                select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
            ), '')
        order by
            e.username_key desc
        limit %(limit)s
    )
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.username_key desc
limit %(limit)s;

-- page(of_course, forwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and e.is_active
            and e.username_key > coalesce((
                select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
            ), '')
        order by
            e.username_key
        limit %(limit)s
    )
    union all
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and not e.is_active
            and e.username_key > coalesce((
                select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
            ), '')
        order by
            e.username_key
        limit %(limit)s
    )
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.username_key
limit %(limit)s;

-- page(of_people, backwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    select e.* from (
        select * from matricula_courseenrollment
        where account_id = any(%(accounts)s) and (%(course)s::bigint is null or course_id = %(course)s) offset 0
    ) e
    where
        e.id < %(after)s
    order by
        e.id desc
    limit %(limit)s
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.id desc
limit %(limit)s;

-- page(of_people, forwards)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from (
    select e.* from (
        select * from matricula_courseenrollment
        where account_id = any(%(accounts)s) and (%(course)s::bigint is null or course_id = %(course)s) offset 0
    ) e
    where
        e.id > %(after)s
    order by
        e.id
    limit %(limit)s
) e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
order by
    e.id
limit %(limit)s;

-- of_account(active)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from matricula_courseenrollment e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
where e.account_id = %(account)s
    and e.is_active
order by e.id;

-- of_account(in_course)
select
    e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
    to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from matricula_courseenrollment e
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id
where e.account_id = %(account)s
    and e.course_id = (select %(course)s::bigint)
order by e.id;

