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

