-- _PAGE()
select i.email, i.mode, i.auto_enroll, i.account_id, a.username, i.reason, i.created, i.id
from (
    select i.id
    from matricula_preenrollment i
    where i.course_id = %(course)s
        and (i.account_id is null or not exists (
            select 1 from matricula_courseenrollment e
            where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
        ))
    order by i.email_key, i.id limit %(limit)s offset %(offset)s
) found
join matricula_preenrollment i using (id) left join matricula_account a on a.id = i.account_id
order by i.email_key, i.id;

-- _PAGE(search)
select i.email, i.mode, i.auto_enroll, i.account_id, a.username, i.reason, i.created, i.id
from (
    select i.id
    from matricula_preenrollment i
    where i.course_id = %(course)s
        and i.email_key like '%%' || lower(%(search)s collate "C") || '%%'
        and (i.account_id is null or not exists (
            select 1 from matricula_courseenrollment e
            where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
        ))
    order by i.email_key, i.id limit %(limit)s offset %(offset)s
) found
join matricula_preenrollment i using (id) left join matricula_account a on a.id = i.account_id
order by i.email_key, i.id;

-- _SELECT()
insert into selected (key)
select i.email
from matricula_preenrollment i
where i.course_id = %(course)s
    and (i.account_id is null or not exists (
        select 1 from matricula_courseenrollment e
        where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
    ))
order by i.email_key, i.id;

-- _SELECT(search)
insert into selected (key)
select i.email
from matricula_preenrollment i
where i.course_id = %(course)s
    and i.email_key like '%%' || lower(%(search)s collate "C") || '%%'
    and (i.account_id is null or not exists (
        select 1 from matricula_courseenrollment e
        where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
    ))
order by i.email_key, i.id;

-- _COUNT()
select count(*)
from matricula_preenrollment i
where i.course_id = %(course)s
    and (i.account_id is null or not exists (
        select 1 from matricula_courseenrollment e
        where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
    ));

-- _COUNT(search)
select count(*)
from matricula_preenrollment i
where i.course_id = %(course)s
    and i.email_key like '%%' || lower(%(search)s collate "C") || '%%'
    and (i.account_id is null or not exists (
        select 1 from matricula_courseenrollment e
        where e.account_id = i.account_id and e.course_id = i.course_id and e.is_active offset 0
    ));

-- _OF_ADDRESS()
select coalesce(a.email, i.email), c.key, i.auto_enroll, a.username,
to_char(i.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from matricula_preenrollment i
join matricula_course c on c.id = i.course_id
left join matricula_account a on a.id = i.account_id
where i.id in (
    select id from matricula_preenrollment where email_key = %(email)s and account_id is null
    union
    select p.id from matricula_account k join matricula_preenrollment p on p.account_id = k.id
    where k.email_key = %(email)s
) and (%(course)s::bigint is null or i.course_id = %(course)s)
order by i.id;

