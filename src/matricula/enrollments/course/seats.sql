-- Enrollments of any course run, as pages and of one account. How statements are written here:
-- matricula/foundation/statements.py.

-- A page is walked along an index, whichever part of the table is asked for: all by their ids, those of a course run by
-- username (active and ended ones are two parts of its index, and are merged). Those of a few people are found first:
-- "offset 0" keeps the planner from walking all ids until it has met them.
-- statement: page
-- one of: everyone | of_course | of_people
-- one of: forwards | backwards
select
    --> shown
from (
    --? everyone
    select e.* from matricula_courseenrollment e
    where
        --> behind_id
    order by
        --> by_id
    limit %(limit)s
    --? end
    --? of_course
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and e.is_active
            --> behind_name
        order by
            --> by_name
        limit %(limit)s
    )
    union all
    (
        select e.* from matricula_courseenrollment e
        where e.course_id = %(course)s and not e.is_active
            --> behind_name
        order by
            --> by_name
        limit %(limit)s
    )
    --? end
    --? of_people
    select e.* from (
        select * from matricula_courseenrollment
        where account_id = any(%(accounts)s) and (%(course)s::bigint is null or course_id = %(course)s) offset 0
    ) e
    where
        --> behind_id
    order by
        --> by_id
    limit %(limit)s
    --? end
) e
--> named
order by
    --> by_name  --? of_course
    --> by_id  --? not of_course
limit %(limit)s

-- statement: of_account
-- one of: active | in_course
select
    --> shown
from matricula_courseenrollment e
--> named
where e.account_id = %(account)s
    and e.is_active  --? active
    -- hides the course run from the planner, whose statistics may be older than its seats
    and e.course_id = (select %(course)s::bigint)  --? in_course
order by e.id

-- piece: shown
e.id, e.course_id, c.key, a.username, e.mode, e.is_active,
--> created

-- piece: named
join matricula_account a on a.id = e.account_id
join matricula_course c on c.id = e.course_id

-- piece: behind_id
e.id > %(after)s  --? forwards
e.id < %(after)s  --? backwards

-- piece: by_id
e.id  --? forwards
e.id desc  --? backwards

-- piece: behind_name
and e.username_key > coalesce((  --? forwards
and e.username_key < coalesce((  --? backwards
    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
), '')

-- piece: by_name
e.username_key  --? forwards
e.username_key desc  --? backwards
