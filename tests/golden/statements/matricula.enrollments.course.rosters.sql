-- page_by_blocks(active, behind_cursor)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, behind_cursor, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.is_active
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, behind_cursor, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, behind_cursor, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, from_offset)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, from_offset, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.is_active
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, from_offset, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(active, from_offset, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.is_active
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, behind_cursor)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, behind_cursor, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, behind_cursor, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, behind_cursor, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, from_offset)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        union all
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, from_offset, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        union all
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, from_offset, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        union all
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(both, from_offset, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
        union all
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
        union all
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, behind_cursor)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, behind_cursor, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and not e.is_active
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, behind_cursor, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, behind_cursor, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key > (
                    select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
                )
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, from_offset)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, from_offset, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and not e.is_active
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, from_offset, mode)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_blocks(inactive, from_offset, mode, without_testers)
with blocks as (
    select block, sum(seats) as seats from (
        select e.block, e.seats from matricula_rostercount e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
        union all
        select
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            , -1
        from matricula_courseenrollment e
        where e.course_id = %(course)s
            and not e.is_active
            and e.mode = %(mode)s
            and e.account_id in (
                select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
            )
    ) parts group by block
),
total as (select coalesce(sum(seats), 0) as count from blocks),
entry as (
    select block, %(offset)s - (upto - seats)::bigint as skipped from (
        select block, seats, sum(seats) over (order by block) as upto from blocks
    ) running where upto > %(offset)s order by block limit 1
),
first_shown as (
    select * from (
        (
            select e.username_key from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select block from entry)
            order by e.username_key limit 1 + (select skipped from entry)
        )
    ) e order by e.username_key limit 1 offset (select skipped from entry)
),
page as materialized (
    select * from (
        (
            select e.* from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.username_key >= (select username_key from first_shown)
            order by e.username_key limit %(limit)s
        )
    ) e order by e.username_key limit %(limit)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_people(search_few_seats)
with found as materialized (
    select e.* from
    (select * from matricula_courseenrollment where course_id = %(course)s offset 0) e
    join matricula_account a on a.id = e.account_id and a.search_text like '%%' || lower(%(search)s) || '%%'
    where (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
        and (%(mode)s::text is null or e.mode = %(mode)s)
        and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
            select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
        )))
),
total as (select count(*) as count from found),
page as materialized (
    select * from found e
    where %(after)s::bigint is null or e.username_key > (
        select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
    )
    order by e.username_key limit %(limit)s offset %(offset)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_people(search_many_seats)
with found as materialized (
    select e.* from
    (
        select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
        offset 0
    ) p
    cross join lateral (
        select * from matricula_courseenrollment
        where course_id = (select %(course)s::bigint) and account_id = p.account_id offset 0
    ) e
    where (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
        and (%(mode)s::text is null or e.mode = %(mode)s)
        and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
            select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
        )))
),
total as (select count(*) as count from found),
page as materialized (
    select * from found e
    where %(after)s::bigint is null or e.username_key > (
        select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
    )
    order by e.username_key limit %(limit)s offset %(offset)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_people(testers)
with found as materialized (
    select e.* from
    (
        select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
        offset 0
    ) p
    cross join lateral (
        select * from matricula_courseenrollment
        where course_id = (select %(course)s::bigint) and account_id = p.account_id offset 0
    ) e
    where (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
        and (%(mode)s::text is null or e.mode = %(mode)s)
        and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
            select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
        )))
),
total as (select count(*) as count from found),
page as materialized (
    select * from found e
    where %(after)s::bigint is null or e.username_key > (
        select username_key from matricula_courseenrollment where id = %(after)s and course_id = %(course)s
    )
    order by e.username_key limit %(limit)s offset %(offset)s
)
select total.count, shown.* from total left join (
    select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
        where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
    , e.username_key
    from page e join matricula_account a on a.id = e.account_id
    left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
) shown on true order by shown.username_key;

-- page_by_date(active, created_down, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_down, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(active, created_up, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(active, created_up, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_down, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_down, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(both, created_up, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(both, created_up, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
        union all
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_down, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_down, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created desc, e.id desc
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created desc, e.id desc
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created desc, e.id desc;

-- page_by_date(inactive, created_up, everybody)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, everybody, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, everybody, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, everybody, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, no_testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, no_testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, no_testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, no_testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id not in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, testers)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, testers, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, testers, mode)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- page_by_date(inactive, created_up, testers, mode, search)
with found as materialized (
    select e.id from (
        (
            select e.created, e.id from matricula_courseenrollment e
            where e.course_id = %(course)s and not e.is_active
                and e.mode = %(mode)s
                and e.account_id in (
                    select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
                )
                and e.account_id in (
                    select id as account_id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'
                )
            order by
                e.created, e.id
            limit %(limit)s::bigint + %(offset)s::bigint
        )
    ) e
    order by
        e.created, e.id
    limit %(limit)s offset %(offset)s
)
select a.username, a.email, a.first_name, a.last_name, e.mode, e.is_active, to_char(e.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       i.id is not null, coalesce(i.auto_enroll, false), exists (select 1 from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'), e.id, e.account_id
from found join matricula_courseenrollment e using (id) join matricula_account a on a.id = e.account_id
left join matricula_preenrollment i on i.account_id = e.account_id and i.course_id = e.course_id
order by
    e.created, e.id;

-- select_learners()
insert into selected (key)
select a.username from matricula_courseenrollment e join matricula_account a on a.id = e.account_id
where e.course_id = %(course)s
    and (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
    and (%(mode)s::text is null or e.mode = %(mode)s)
    and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
        select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
    )))
order by e.username_key;

-- select_learners(search)
insert into selected (key)
select a.username from matricula_courseenrollment e join matricula_account a on a.id = e.account_id
where e.course_id = %(course)s
    and (%(is_active)s::boolean is null or e.is_active = %(is_active)s)
    and (%(mode)s::text is null or e.mode = %(mode)s)
    and (%(is_beta_tester)s::boolean is null or %(is_beta_tester)s = (e.account_id in (
        select r.account_id from matricula_courserole r where r.course_id = %(course)s and r.role = 'beta_tester'
    )))
    and a.search_text like '%%' || lower(%(search)s) || '%%'
order by e.username_key;

