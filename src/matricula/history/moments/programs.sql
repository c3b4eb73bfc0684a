-- The rows that a program had at a moment, by the journal. How statements are written here:
-- matricula/foundation/statements.py.

-- piece: about_students
j.program_id = %(program)s and j.subject = 'program_enrollment'

-- The account that a row had: named where it changed, else that of the entry.
-- piece: account
case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end

-- piece: roster
select l.*, a.username
from (
    select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
        j.id, j.after ->> 'status' as status,
        --> account
        as account_id
    from matricula_journalentry j
    where
        --> about_students
        and j.at <= %(at)s
    order by lower(j.student_key collate "C"), j.id desc
) l left join matricula_account a on a.id = l.account_id
where l.status is not null

-- A cursor is an entry of the journal, or, of today, a row.
-- piece: cursor_key
select lower(student_key collate "C") from matricula_journalentry
where id = %(change)s and program_id = %(program)s and subject = 'program_enrollment'
union all
select student_key_folded from matricula_programenrollment where id = %(row)s and program_id = %(program)s

-- Today's rows are those of the table.
-- piece: rows
select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.program_id = %(program)s

-- statement: page_now
-- maybe: behind_cursor
--> rows
--? behind_cursor
and e.student_key_folded > (
    --> cursor_key
)
--? end
order by e.student_key_folded limit %(limit)s

-- statement: count_now
select count(*) from matricula_programenrollment where program_id = %(program)s

-- statement: page
-- maybe: behind_cursor
with roster as materialized (
    --> roster
)
select r.id, r.student_key, r.status, r.username, r.key from roster r
--? behind_cursor
where r.key > (
    --> cursor_key
)
--? end
order by r.key limit %(limit)s

-- "is not distinct from" keeps the planner from the index of programs: for each key, it would read all of the program's.
-- piece: by_key
j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null

-- Of so many student keys, in order, those that were there. The keys are found one by one in the index, which has those
-- of all programs: where this one has few, there are many between two of them.
-- statement: page_of_some
-- maybe: behind_cursor
with recursive keys as (
    (
        select lower(j.student_key collate "C") as key, 1 as place from matricula_journalentry j
        where
            --> by_key
            --? behind_cursor
            and lower(j.student_key collate "C") > (
                --> cursor_key
            )
            --? end
        order by lower(j.student_key collate "C") limit 1
    )
    union all
    select following.key, k.place + 1 from keys k
    cross join lateral (
        select lower(j.student_key collate "C") as key from matricula_journalentry j
        where
            --> by_key
            and lower(j.student_key collate "C") > k.key
        order by lower(j.student_key collate "C") limit 1
    ) following
    where k.place < %(keys)s
)
select total.keys, page.* from (select count(*) as keys from keys) total left join (
    select l.id, l.student_key, l.status, a.username, k.key
    from keys k
    cross join lateral (
        select j.id, j.student_key, j.after ->> 'status' as status,
            --> account
            as account_id
        from (
            -- those of a key are few, but the planner would walk the journal backwards to the first of them
            select j.* from matricula_journalentry j
            where
                --> by_key
                and lower(j.student_key collate "C") = k.key and j.at <= %(at)s
            offset 0
        ) j order by j.id desc limit 1
    ) l
    left join matricula_account a on a.id = l.account_id
    where l.status is not null
    order by k.key limit %(limit)s
) page on true order by page.key

-- statement: exported
-- one of: now | then
-- one of: by_key | by_bytes
-- maybe: nameless
select {cells} from (
    select r.key, r.student_key, r.status,
    null::text as username  --? nameless
    r.username  --? not nameless
    from (
        --> rows  --? now
        --> roster  --? then
    ) r
) r
order by r.key  --? by_key
order by r.student_key collate "C"  --? by_bytes

-- statement: cursor
--> cursor_key

-- Lines for the digest, several thousand in one row.
-- statement: lines
-- one of: now | then
select count(*), string_agg(line, '' order by line)
from (
    select line, (row_number() over (order by line) - 1) / %(lines)s as block
    from (
        select (r.student_key || e'\t' || r.status || e'\n') collate "C" as line
        --? now
        from matricula_programenrollment r where r.program_id = %(program)s
        --? end
        --? then
        from (
            --> roster
        ) r
        --? end
    ) lines
) lines group by block order by block
