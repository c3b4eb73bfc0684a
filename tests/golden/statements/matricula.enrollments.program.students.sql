-- page_of_program(backwards, any_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded < %(from)s
        order by e.student_key_folded
            desc
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

-- page_of_program(forwards, any_status, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

-- page_of_program(forwards, any_status, keyed)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

-- page_of_program(forwards, any_status, keyed_then_named)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(reach)s
    )
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.account_id = any(%(named)s)
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

-- page_of_program(forwards, enrolled, all_students)
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.status = %(status)s
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and e.student_key_folded > %(from)s
        order by e.student_key_folded
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

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
        limit %(reach)s
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
        limit %(reach)s
    )
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
limit %(limit)s offset %(offset)s;

-- place_in_program(backwards, any_status)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
    desc
limit 1 offset %(skipped)s;

-- place_in_program(backwards, enrolled)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and e.status = %(status)s
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
    desc
limit 1 offset %(skipped)s;

-- place_in_program(backwards, rare_status)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and e.status = %(status)s
    and e.status <> 'enrolled'
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
    desc
limit 1 offset %(skipped)s;

-- place_in_program(forwards, any_status)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
limit 1 offset %(skipped)s;

-- place_in_program(forwards, enrolled)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and e.status = %(status)s
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
limit 1 offset %(skipped)s;

-- place_in_program(forwards, rare_status)
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    and e.status = %(status)s
    and e.status <> 'enrolled'
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded
limit 1 offset %(skipped)s;

-- sorted_students(of_course, all_students, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, all_students, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_course, all_students, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, all_students, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_course, all_students, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, all_students, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_or_named, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_course, keyed_then_named, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, all_students, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_or_named, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or (
                    select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
                )
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_name, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_name, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    left join matricula_account a on a.id = e.account_id
    order by
        a.id is null,
        lower(a.last_name || ' ' || a.first_name)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    a.id is null,
    lower(a.last_name || ' ' || a.first_name)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_status, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_status, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        array_position(%(statuses)s::text[], e.status)
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    array_position(%(statuses)s::text[], e.status)
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_updated, down)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        e.updated
            desc
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
        desc
    ,
    e.student_key_folded;

-- sorted_students(of_program, keyed_then_named, by_updated, up)
with found as materialized (
    select e.id from (
        select e.*
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (
                e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
                or e.account_id = any(%(named)s)
            )
    ) e
    order by
        e.updated
        ,
        e.student_key_folded
    limit %(limit)s offset %(offset)s
)
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    e.updated
    ,
    e.student_key_folded;

-- count_fitting(of_course, all_students)
select count(*) from (
    select
    from matricula_programenrollment e
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (%(course_status)s::text is null or c.status = %(course_status)s)
    limit %(counted)s
) fitting;

-- count_fitting(of_course, keyed)
select count(*) from (
    select
    from matricula_programenrollment e
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (%(course_status)s::text is null or c.status = %(course_status)s)
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        )
    limit %(counted)s
) fitting;

-- count_fitting(of_course, keyed_or_named)
select count(*) from (
    select
    from matricula_programenrollment e
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (%(course_status)s::text is null or c.status = %(course_status)s)
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            or (
                select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
            )
        )
    limit %(counted)s
) fitting;

-- count_fitting(of_course, keyed_then_named)
select count(*) from (
    select
    from matricula_programenrollment e
    join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (%(course_status)s::text is null or c.status = %(course_status)s)
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            or e.account_id = any(%(named)s)
        )
    limit %(counted)s
) fitting;

-- count_fitting(of_program, all_students)
select count(*) from (
    select
    from matricula_programenrollment e
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    limit %(counted)s
) fitting;

-- count_fitting(of_program, keyed)
select count(*) from (
    select
    from matricula_programenrollment e
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        )
    limit %(counted)s
) fitting;

-- count_fitting(of_program, keyed_or_named)
select count(*) from (
    select
    from matricula_programenrollment e
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            or (
                select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
            )
        )
    limit %(counted)s
) fitting;

-- count_fitting(of_program, keyed_then_named)
select count(*) from (
    select
    from matricula_programenrollment e
    where e.program_id = %(program)s
        and (%(status)s::text is null or e.status = %(status)s)
        and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        and (
            e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            or e.account_id = any(%(named)s)
        )
    limit %(counted)s
) fitting;

-- count_named(of_course)
select count(*) from (
    (
        select e.id
        from matricula_programenrollment e
        join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
        where e.program_id = %(program)s
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            and (%(course_status)s::text is null or c.status = %(course_status)s)
        limit %(counted)s
    )
    union
    (
        select e.id
        from (
            select id from matricula_account where search_text like '%%' || lower(%(pattern)s) || '%%' offset 0
        ) a
        cross join lateral (
            select e.id
            from matricula_programenrollment e
            join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
            where e.account_id = a.id and e.program_id = %(program)s
                and (%(status)s::text is null or e.status = %(status)s)
                and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
                and (%(course_status)s::text is null or c.status = %(course_status)s)
            offset 0
        ) e
        limit %(counted)s
    )
    limit %(counted)s
) fitting;

-- count_named(of_program)
select count(*) from (
    (
        select e.id
        from matricula_programenrollment e
        where e.program_id = %(program)s
            and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
            and (%(status)s::text is null or e.status = %(status)s)
            and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
        limit %(counted)s
    )
    union
    (
        select e.id
        from (
            select id from matricula_account where search_text like '%%' || lower(%(pattern)s) || '%%' offset 0
        ) a
        cross join lateral (
            select e.id
            from matricula_programenrollment e
            where e.account_id = a.id and e.program_id = %(program)s
                and (%(status)s::text is null or e.status = %(status)s)
                and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
            offset 0
        ) e
        limit %(counted)s
    )
    limit %(counted)s
) fitting;

-- select_students(of_course, all_students)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (%(course_status)s::text is null or c.status = %(course_status)s)
order by e.student_key_folded;

-- select_students(of_course, keyed)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (%(course_status)s::text is null or c.status = %(course_status)s)
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
    )
order by e.student_key_folded;

-- select_students(of_course, keyed_or_named)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (%(course_status)s::text is null or c.status = %(course_status)s)
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        or (
            select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
        )
    )
order by e.student_key_folded;

-- select_students(of_course, keyed_then_named)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (%(course_status)s::text is null or c.status = %(course_status)s)
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        or e.account_id = any(%(named)s)
    )
order by e.student_key_folded;

-- select_students(of_program, all_students)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
order by e.student_key_folded;

-- select_students(of_program, keyed)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
    )
order by e.student_key_folded;

-- select_students(of_program, keyed_or_named)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        or (
            select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
        )
    )
order by e.student_key_folded;

-- select_students(of_program, keyed_then_named)
insert into selected (key)
select e.student_key
from matricula_programenrollment e
where e.program_id = %(program)s
    and (%(status)s::text is null or e.status = %(status)s)
    and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        or e.account_id = any(%(named)s)
    )
order by e.student_key_folded;

-- student()
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.id = %(student)s and e.program_id = %(program)s;

