-- page_of_program(backwards, any_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, any_status, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, any_status, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, any_status, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, enrolled, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, enrolled, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, enrolled, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, enrolled, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, rare_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, rare_status, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, rare_status, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(backwards, rare_status, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_program(forwards, any_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, any_status, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, any_status, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, any_status, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, enrolled, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, enrolled, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, enrolled, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, enrolled, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, rare_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, rare_status, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, rare_status, keyed_or_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_program(forwards, rare_status, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and e.status <> 'enrolled'
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(backwards, active, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, active, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, active, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, active, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, either, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, either, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, either, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, either, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, inactive, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, inactive, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, inactive, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(backwards, inactive, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded < %(from)s
        order by c.student_key_folded
            desc
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s;

-- page_of_course(forwards, active, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, active, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, active, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, active, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, either, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, either, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, either, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, either, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, inactive, all_students)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, inactive, keyed)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, inactive, keyed_or_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and (
                c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- page_of_course(forwards, inactive, keyed_then_named)
with found as materialized (
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
            and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
        order by c.student_key_folded
        limit %(limit)s
    )
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and c.status = 'inactive'
            and e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and c.student_key_folded > %(from)s
        order by c.student_key_folded
        limit %(limit)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s;

-- student()
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.id = %(student)s and e.program_id = %(program)s;

