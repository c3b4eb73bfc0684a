-- The pages of a roster, one statement a page: the count of all that fit, and the page.
-- How statements are written here: matricula/foundation/statements.py. Why so: docs/decisions/0013.

-- A roster, or one mode of it, is counted and entered by its blocks. Its index has the seats of each state by
-- themselves, ordered by username: of both, each is walked, and what they give is merged.
-- statement: page_by_blocks
-- one of: active | inactive | both
-- one of: from_offset | behind_cursor
-- maybe: mode
-- maybe: without_testers
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active  --? active
            and not e.is_active  --? inactive
            and e.mode = %(mode)s  --? mode
        --? without_testers
        union all
        select
            --> block_of_seat
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.is_active  --? active
            and not e.is_active  --? inactive
            and e.mode = %(mode)s  --? mode
            and e.account_id in (
                --> testers
            )
        --? end
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
--? from_offset
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
-- names alone are skipped within the index
first_shown as (
    select * from (
        --? active, both
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                --> seat_fits
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        --? end
        union all  --? both
        --? inactive, both
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                --> seat_fits
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        --? end
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
--? end
page as materialized (
    select * from (
        --? active, both
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                --> seat_fits
                --> from_start
            order by e.username_key limit %(limit)s
        )
        --? end
        union all  --? both
        --? inactive, both
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                --> seat_fits
                --> from_start
            order by e.username_key limit %(limit)s
        )
        --? end
    ) e order by e.username_key limit %(limit)s
)
--> count_and_page

-- piece: seat_fits
and e.mode = %(mode)s  --? mode
--? without_testers
and e.account_id not in (
    --> testers
)
--? end

-- piece: from_start
and e.username_key >= (select username_key from first_shown)  --? from_offset
and e.username_key > (  --? behind_cursor
    --> cursor_name  --? behind_cursor
)  --? behind_cursor

-- piece: cursor_name
select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s

-- piece: testers
select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'

-- piece: count_and_page
select total.count, shown.* from total left join (
    --> shown
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    --> invitation
) shown on true order by shown.username_key

-- What is searched for is found by the people who fit, beta testers by their role. "offset 0" keeps the order: first
-- the people, then the seat of each; joined as a whole, all seats would be read. "(select …)" hides the course run from
-- the planner, whose statistics may be older than its seats.
-- statement: page_by_people
-- one of: search_few_seats | search_many_seats | testers
with found as materialized (
    select e.* from
    --? search_few_seats
    (select * from matricula_courseenrollment where course_id = %(course)s offset 0) e
    join matricula_account a on a.id = e.account_id and a.search_text like '%%' || lower(%(search)s) || '%%'
    --? end
    --? search_many_seats, testers
    (
        --> searched  --? search_many_seats
        --> testers  --? testers
        offset 0
    ) p
    cross join lateral (
        select * from matricula_courseenrollment
        where course_id = (select %(course)s::bigint) and account_id = p.account_id offset 0
    ) e
    --? end
    where (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
        and (%(mode)s::text is null or e.mode = %(mode)s)
        and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
            --> testers
        )))
),
total as (select count(*) as count from found),
page as materialized (
    select * from found e
    where %(after)s::bigint is null or e.username_key > (
        --> cursor_name
    )
    order by e.username_key limit %(limit)s offset %(offset)s
)
--> count_and_page

-- piece: searched
select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'

-- By date: the index is walked from the nearer end (rosters.py), past at most half of the roster, without a look at the
-- seats themselves unless a filter needs one. Of both states, each is walked, and what they give is merged.
-- statement: page_by_date
-- one of: active | inactive | both
-- one of: created_up | created_down
-- one of: everybody | testers | no_testers
-- maybe: mode
-- maybe: search
with found as materialized (
    select e.id from (
        --? active, both
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                --> dated_fits
            order by
                --> sorting
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        --? end
        union all  --? both
        --? inactive, both
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                --> dated_fits
            order by
                --> sorting
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        --? end
    ) e
    order by
        --> sorting
    limit %(limit)s offset %(offset)s
)
--> shown
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
--> invitation
order by
    --> sorting

-- piece: dated_fits
and e.mode = %(mode)s  --? mode
--? testers
and e.account_id in (
    --> testers
)
--? end
--? no_testers
and e.account_id not in (
    --> testers
)
--? end
--? search
and e.account_id in (
    --> searched
)
--? end

-- piece: sorting
e.created, e.id  --? created_up
e.created desc, e.id desc  --? created_down

-- All who fit, for a plan about them; ``selected`` is the caller's temporary table.
-- statement: select_learners
-- maybe: search
insert into selected (key)
select a.username from matricula_courseenrollment e join matricula_account a on a.id = e.account_id
where e.course_id = %(course)s
    and (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
    and (%(mode)s::text is null or e.mode = %(mode)s)
    and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
        --> testers
    )))
    and a.search_text like '%%' || lower(%(search)s) || '%%'  --? search
order by e.username_key
