-- What is known about one person. How statements are written here: matricula/foundation/statements.py.

-- statement: seat
select mode, is_active, created from matricula_courseenrollment
where course_id = (select %(course)s::bigint) and account_id = %(account)s

-- Bound to the account, or waiting under its address, or under one that differs by case or invisible letters.
-- statement: invitations
select i.email, i.email_key, i.mode, i.auto_enroll, i.account_id is not null, i.created, a.username, i.reason
from matricula_preenrollment i left join matricula_account a on a.id = i.actor_id
where i.course_id = (select %(course)s::bigint) and i.account_id = %(account)s
union all
select i.email, i.email_key, i.mode, i.auto_enroll, false, i.created, a.username, i.reason
from matricula_preenrollment i left join matricula_account a on a.id = i.actor_id
where i.course_id = (select %(course)s::bigint) and i.account_id is null and i.email_key = any(%(emails)s::text[])

-- Rows in programs that have the course run, by account or by key.
-- statement: students
select s.id, p.id, p.key, p.title, s.student_key, s.status, s.account_id, c.status, coalesce(c.created, s.created)
from (
    select id from matricula_programenrollment where account_id = %(account)s
    union
    select id from matricula_programenrollment where student_key_folded = %(key)s
) found
join matricula_programenrollment s on s.id = found.id
join matricula_program p on p.id = s.program_id
left join matricula_programcourse r on r.program_id = p.id and r.course_id = %(course)s
left join matricula_programcourseenrollment c on c.program_enrollment_id = s.id and c.course_id = %(course)s
where (%(every)s or p.id = any(%(programs)s::bigint[])) and (r.id is not null or c.id is not null)
order by c.status = 'active' desc nulls last, s.id

-- statement: programs
select program_id from matricula_programcourse
where course_id = %(course)s and (%(every)s or program_id = any(%(programs)s::bigint[]))

-- statement: students_of
select s.id, p.id, p.key, p.title, s.student_key, s.status, s.account_id, null, s.created
from matricula_programenrollment s join matricula_program p on p.id = s.program_id
where s.program_id = %(program)s and s.student_key_folded = any(%(keys)s::text[])

-- The account that the organization has linked a key to, and the key under which that account is in the program.
-- statement: linked
select i.account_id, other.student_key
from matricula_studentidentity i
left join matricula_programenrollment other
    on other.account_id = i.account_id and other.program_id = %(program)s and other.student_key_folded <> %(key)s
where i.organization_id = %(organization)s and i.student_key_folded = %(key)s

-- piece: link
select j.id, j.at, j.subject, j.account_id, j.email, j.student_key, j.program_id, p.key, p.title, c.key, j.transition,
    j.before::text, j.after::text, j.reason, j.operation, j.kind, j.source, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), o.file, o.program_id
from matricula_change j
left join matricula_operation o on o.id = j.operation
left join matricula_account a on a.id = j.actor_id
left join matricula_program p on p.id = j.program_id
left join matricula_course c on c.id = j.course_id
-- the planner expects many more of them than there are
where j.id = any(array(select id from ids order by id desc limit %(limit)s))
order by j.id desc

-- What happened to an account in a course run, and to those that were merged into it, to an address before it had one,
-- and to student keys that lead there.
-- statement: course_chain
with ids as materialized (
    select id from matricula_journalentry
    where account_id = any(%(accounts)s::bigint[]) and course_id = %(course)s and subject = any(%(subjects)s)
        and (program_id is null or %(every)s or program_id = any(%(programs)s::bigint[]))
    union
    select id from matricula_journalentry
    where lower(email) = any(%(emails)s::text[]) and course_id = %(course)s and subject = any(%(subjects)s)
        and program_id is null and (account_id is null or %(anyone)s or account_id = any(%(accounts)s::bigint[]))
    union
    select id from matricula_journalentry
    where student_key is not null and lower(student_key collate "C") = any(%(keys)s::text[])
        and program_id = any(%(keyed)s::bigint[]) and (course_id is null or course_id = %(course)s)
)
--> link

-- What happened to a student key in a program.
-- statement: program_chain
with ids as materialized (
    select id from matricula_journalentry
    where student_key is not null and lower(student_key collate "C") = %(key)s and program_id = %(program)s
        and subject = 'program_enrollment'
    union
    select id from matricula_journalentry
    where student_key is not null and lower(student_key collate "C") = %(key)s and program_id is null
        and subject = 'student_key'
        and coalesce(after -> 'organization_id', before -> 'organization_id')::bigint = %(organization)s
)
--> link
