-- account()
select a.id, a.username, a.email, a.email_key, btrim(a.first_name || ' ' || a.last_name), a.is_active,
    a.date_joined, a.logged_in, a.merged_into_id, a.is_staff, a.is_superuser,
    array(select array[m.id::text, m.username] from matricula_account m where m.merged_into_id = a.id order by m.id)
from matricula_account a where a.id = %(account)s;

-- programs(of_account)
select s.id, s.program_id, s.student_key, s.status, s.account_id
from matricula_programenrollment s
where s.account_id = %(account)s
    and s.program_id = any(%(programs)s)
order by s.status = any(%(left)s), s.created desc, s.id desc limit %(limit)s;

-- programs(of_key)
select s.id, s.program_id, s.student_key, s.status, s.account_id
from matricula_programenrollment s
where s.student_key_folded = %(key)s
    and s.program_id = any(%(programs)s)
order by s.status = any(%(left)s), s.created desc, s.id desc limit %(limit)s;

-- in_courses()
select c.program_enrollment_id, k.key, k.title, c.status, c.course_staff
from matricula_programcourseenrollment c join matricula_course k on k.id = c.course_id
where c.program_enrollment_id = any(%(students)s)
order by c.program_enrollment_id, c.status <> 'active', k.key collate "C" limit %(limit)s;

-- seats()
select k.key, k.title, e.mode, e.is_active, e.created,
    array(
        select r.role from matricula_courserole r where r.course_id = e.course_id and r.account_id = e.account_id
        order by r.role
    ),
    g.percent, g.letter_grade, g.passed, g.error, count(*) over ()
from matricula_courseenrollment e
join matricula_course k on k.id = e.course_id
left join matricula_grade g on g.course_id = e.course_id and g.account_id = e.account_id
where e.account_id = %(account)s
order by e.is_active desc, e.created desc, e.id desc limit %(limit)s;

-- seats(some)
select k.key, k.title, e.mode, e.is_active, e.created,
    array(
        select r.role from matricula_courserole r where r.course_id = e.course_id and r.account_id = e.account_id
        order by r.role
    ),
    g.percent, g.letter_grade, g.passed, g.error, count(*) over ()
from matricula_courseenrollment e
join matricula_course k on k.id = e.course_id
left join matricula_grade g on g.course_id = e.course_id and g.account_id = e.account_id
where e.account_id = %(account)s
    and e.course_id = any(%(courses)s)
order by e.is_active desc, e.created desc, e.id desc limit %(limit)s;

-- invitations()
select k.key, k.title, i.email, i.mode, i.auto_enroll, i.created, actor.username, i.reason
from (
    select * from matricula_preenrollment where account_id = %(account)s
    union all
    select * from matricula_preenrollment where account_id is null and email_key = %(email)s
) i
join matricula_course k on k.id = i.course_id
left join matricula_account actor on actor.id = i.actor_id
where not exists (
    select from matricula_courseenrollment e
    where e.account_id = %(account)s and e.course_id = i.course_id and e.is_active
)
order by i.created desc, i.id desc limit %(limit)s;

-- invitations(some)
select k.key, k.title, i.email, i.mode, i.auto_enroll, i.created, actor.username, i.reason
from (
    select * from matricula_preenrollment where account_id = %(account)s
    union all
    select * from matricula_preenrollment where account_id is null and email_key = %(email)s
) i
join matricula_course k on k.id = i.course_id
left join matricula_account actor on actor.id = i.actor_id
where not exists (
    select from matricula_courseenrollment e
    where e.account_id = %(account)s and e.course_id = i.course_id and e.is_active
)
    and i.course_id = any(%(courses)s)
order by i.created desc, i.id desc limit %(limit)s;

-- invitation()
select email, email_key, account_id, course_id from matricula_preenrollment where id = %(id)s;

-- keys()
select o.id, o.name, i.student_key
from matricula_studentidentity i join matricula_organization o on o.id = i.organization_id
where i.account_id = %(account)s and i.organization_id = any(%(organizations)s) order by o.name;

-- student()
select program_id, student_key, student_key_folded, account_id from matricula_programenrollment where id = %(id)s;

