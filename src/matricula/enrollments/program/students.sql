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
        limit %(limit)s
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
        limit %(limit)s
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
limit %(limit)s

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
        limit %(limit)s
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
        limit %(limit)s
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
        limit %(limit)s
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

-- statement: student
--> shown
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.id = %(student)s and e.program_id = %(program)s
