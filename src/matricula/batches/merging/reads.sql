-- What two accounts of one person have. How statements are written here: matricula/foundation/statements.py.

-- statement: accounts
select a.id, a.username, a.email, a.is_active, a.is_staff, a.is_superuser, m.username
from matricula_account a left join matricula_account m on m.id = a.merged_into_id
where a.id = any(%(accounts)s::bigint[]) or a.merged_into_id = %(other)s order by a.id

-- Course runs in which the other account has an enrollment, or an invitation: its own, or one that waits for its address.
-- statement: courses
select course_id from matricula_courseenrollment where account_id = %(other)s
union select course_id from matricula_preenrollment where account_id = %(other)s
union select course_id from matricula_preenrollment where account_id is null and email_key = %(email)s

-- statement: keys
select organization_id, student_key, account_id from matricula_studentidentity
where account_id = any(%(accounts)s::bigint[]) order by organization_id

-- Rows of course runs in programs that are the other account's, with their organizations' keys.
-- statement: graded
select course_id from matricula_grade where account_id = %(other)s order by 1

-- statement: clients
select client_id from matricula_client where user_id = %(other)s order by 1
