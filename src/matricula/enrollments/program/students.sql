-- The students of a program as pages show them. How statements are written here: matricula/foundation/statements.py.
-- A page walks an index in the order of the folded keys; what is searched for is walked in two ways, by key and by name.

-- statement: page_of_program
-- one of: forwards | backwards
-- one of: any_status | enrolled | rare_status
-- one of: all_students | keyed | keyed_or_named | keyed_then_named
with found as materialized (
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            --> student_fits
            --> searched
            and e.student_key_folded > %(from)s  --? forwards
            and e.student_key_folded < %(from)s  --? backwards
        order by e.student_key_folded
            desc  --? backwards
        limit %(reach)s
    )
    --? keyed_then_named
    union
    (
        select e.id from matricula_programenrollment e
        where e.program_id = %(program)s
            --> student_fits
            and e.account_id = any(%(named)s)
            and e.student_key_folded > %(from)s  --? forwards
            and e.student_key_folded < %(from)s  --? backwards
        order by e.student_key_folded
            desc  --? backwards
        limit %(reach)s
    )
    --? end
)
--> page

-- piece: student_fits
and e.status = %(status)s  --? enrolled, rare_status
-- what the index of rare statuses holds
and e.status <> 'enrolled'  --? rare_status
and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))

-- piece: searched
--? keyed, keyed_then_named
and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
--? end
-- too many have such a name: walking on, a page of them comes soon
--? keyed_or_named
and (
    e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
    or (
        select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
    )
)
--? end

-- piece: page
--> shown
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by e.student_key_folded
    desc  --? backwards
limit %(limit)s offset %(offset)s

-- piece: shown
select e.id, e.student_key, e.student_key_folded, e.status, e.updated, e.account_id, a.username,
    btrim(coalesce(a.first_name, '') || ' ' || coalesce(a.last_name, '')), a.email

-- Each status in a course run has an index of its own: of both, each is walked. "offset 0" keeps the order: one index is
-- walked, the other rows are looked up; joined as a whole, all would be read.
-- statement: page_of_course
-- one of: forwards | backwards
-- one of: either | active | inactive
-- one of: all_students | keyed | keyed_or_named | keyed_then_named
with found as materialized (
    --? either, active
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'active'
            --> student_in_course_fits
            --> searched_in_course
        order by c.student_key_folded
            desc  --? backwards
        limit %(reach)s
    )
    --? end
    union  --? either
    --? either, inactive
    (
        select e.id
        from matricula_programcourseenrollment c
        cross join lateral (select * from matricula_programenrollment where id = c.program_enrollment_id offset 0) e
        where c.course_id = %(course)s and c.organization_id = %(organization)s and c.status = 'inactive'
            --> student_in_course_fits
            --> searched_in_course
        order by c.student_key_folded
            desc  --? backwards
        limit %(reach)s
    )
    --? end
    --? keyed_then_named
    union
    (
        select e.id
        from (select * from matricula_programenrollment where account_id = any(%(named)s) offset 0) e
        cross join lateral (
            select * from matricula_programcourseenrollment
            where program_enrollment_id = e.id and course_id = %(course)s offset 0
        ) c
        where c.organization_id = %(organization)s
            and c.status = 'active'  --? active
            and c.status = 'inactive'  --? inactive
            --> student_in_course_fits
        order by c.student_key_folded
            desc  --? backwards
        limit %(reach)s
    )
    --? end
)
--> page

-- piece: student_in_course_fits
and e.program_id = %(program)s
and (%(status)s::text is null or e.status = %(status)s)
and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
and c.student_key_folded > %(from)s  --? forwards
and c.student_key_folded < %(from)s  --? backwards

-- piece: searched_in_course
--? keyed, keyed_then_named
and c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
--? end
--? keyed_or_named
and (
    c.student_key_folded >= %(search)s and c.student_key_folded < %(search_end)s
    or (
        select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
    )
)
--? end

-- The key behind which a page far from the beginning begins: keys alone are skipped, within their index.
-- statement: place_in_program
-- one of: forwards | backwards
-- one of: any_status | enrolled | rare_status
select e.student_key_folded from matricula_programenrollment e
where e.program_id = %(program)s
    --> student_fits
order by e.student_key_folded
    desc  --? backwards
limit 1 offset %(skipped)s

-- Who fits, without an order.
-- piece: fitting
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s  --? of_course
where e.program_id = %(program)s
    --> filtered
    --? keyed, keyed_or_named, keyed_then_named
    and (
        e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
        or e.account_id = any(%(named)s)  --? keyed_then_named
        --? keyed_or_named
        or (
            select search_text like '%%' || lower(%(pattern)s) || '%%' from matricula_account where id = e.account_id
        )
        --? end
    )
    --? end

-- Those of a page in another order than that of the keys: all who fit are looked at.
-- statement: sorted_students
-- one of: of_program | of_course
-- one of: all_students | keyed | keyed_or_named | keyed_then_named
-- one of: by_name | by_status | by_updated
-- one of: up | down
with found as materialized (
    select e.id from (
        select e.*
        --> fitting
    ) e
    left join matricula_account a on a.id = e.account_id  --? by_name
    order by
        --> sorting
    limit %(limit)s offset %(offset)s
)
--> shown
from found join matricula_programenrollment e using (id) left join matricula_account a on a.id = e.account_id
order by
    --> sorting

-- Without an account there is no name: those are last, whatever the direction.
-- piece: sorting
--? by_name
a.id is null,
lower(a.last_name || ' ' || a.first_name)
    desc  --? down
,
--? end
--? by_status
array_position(%(statuses)s::text[], e.status)
    desc  --? down
,
--? end
--? by_updated
e.updated
    desc  --? down
,
--? end
e.student_key_folded

-- How many fit, as far as they are counted.
-- statement: count_fitting
-- one of: of_program | of_course
-- one of: all_students | keyed | keyed_or_named | keyed_then_named
select count(*) from (
    select
    --> fitting
    limit %(counted)s
) fitting

-- Many have such a name: they are counted by their names, and by their keys.
-- statement: count_named
-- one of: of_program | of_course
select count(*) from (
    (
        select e.id
        --> keyed_alone
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
            --> of_account
        ) e
        limit %(counted)s
    )
    limit %(counted)s
) fitting

-- piece: keyed_alone
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s  --? of_course
where e.program_id = %(program)s
    and e.student_key_folded >= %(search)s and e.student_key_folded < %(search_end)s
    --> filtered

-- piece: of_account
from matricula_programenrollment e
join matricula_programcourseenrollment c on c.program_enrollment_id = e.id and c.course_id = %(course)s  --? of_course
where e.account_id = a.id and e.program_id = %(program)s
    --> filtered
offset 0

-- piece: filtered
and (%(status)s::text is null or e.status = %(status)s)
and (%(is_linked)s::boolean is null or %(is_linked)s = (e.account_id is not null))
and (%(course_status)s::text is null or c.status = %(course_status)s)  --? of_course

-- All who fit, for a plan about them; ``selected`` is the caller's temporary table.
-- statement: select_students
-- one of: of_program | of_course
-- one of: all_students | keyed | keyed_or_named | keyed_then_named
insert into selected (key)
select e.student_key
--> fitting
order by e.student_key_folded

-- statement: student
--> shown
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.id = %(student)s and e.program_id = %(program)s
