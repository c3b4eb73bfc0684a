-- Operations and their changes as they are shown. How statements are written here: matricula/foundation/statements.py.

-- piece: operation
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id

-- statement: one
--> operation
where o.id = %(operation)s

-- What those see of an operation (entries e) who see some course runs and programs: no student by key, unless in a
-- program of theirs.
-- piece: seen
(e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
    or e.program_id = any(%(programs)s))

-- One that says itself about what it was is of that; others are of all that they changed something of.
-- statement: latest
-- maybe: course
-- maybe: program
-- maybe: some
-- maybe: before
-- maybe: person
--> operation
where true
    --? person
    -- few, by the indexes of people; only what the reader sees of them counts
    and o.id in (
        select e.operation from matricula_journalentry e
        where e.account_id = any(%(accounts)s) and (e.student_key is null or %(names)s)
            --? some
            and
                --> seen
            --? end
        union all
        select e.operation from matricula_journalentry e
        where lower(e.student_key collate "C") = any(%(keys)s) and e.student_key is not null
            and (e.program_id is not null or %(names)s)
            --? some
            and
                --> seen
            --? end
        union all
        select e.operation from matricula_journalentry e
        where lower(e.email) = any(%(emails)s) and e.email is not null
            --? some
            and
                --> seen
            --? end
    )
    --? end
    --? course
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    --? end
    --? program
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    --? end
    --? some
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                --> seen
        ))
    --? end
    and (%(actor)s::text is null or o.actor_id = (
        select id from matricula_account where username_key = lower(%(actor)s::text collate "C")
    ))
    and (%(kind)s::text is null or o.kind = %(kind)s)
    and (%(source)s::text is null or o.source = %(source)s)
    and o.started >= coalesce(%(since)s, '-infinity'::timestamptz)
    and o.started < coalesce(%(until)s, 'infinity'::timestamptz)
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)  --? before
order by o.started desc, o.id desc limit %(limit)s

-- Operation, subject, how many of its changes. A job's own entries are no changes of it. With a bound, so many of each
-- operation are looked at, and no more: some have a million.
-- statement: counts
-- maybe: some
-- maybe: bounded
--? not bounded
select e.operation, e.subject, count(*) from matricula_journalentry e
where e.operation = any(%(operations)s) and e.subject <> 'job'
    --? some
    and
        --> seen
    --? end
--? end
--? bounded
select o.id, e.subject, count(*) from unnest(%(operations)s::uuid[]) o(id)
cross join lateral (
    select e.subject from matricula_journalentry e
    where e.operation = o.id and e.subject <> 'job'
        --? some
        and
            --> seen
        --? end
    limit %(most)s
) e
--? end
group by 1, 2

-- How many people some changes are about: one known by the key in one and by the account in another counts twice.
-- statement: people
-- maybe: some
select count(distinct e.account_id)
    + count(distinct coalesce(lower(e.email), e.student_key)) filter (where e.account_id is null)
from matricula_journalentry e
where e.operation = %(operation)s and e.subject <> 'job'
    --? some
    and
        --> seen
    --? end

-- Those that take an operation back, the oldest first. One of several transactions counts once its job has ended.
-- statement: undone_by
select u.reverts, u.id, coalesce(j.options ->> 'is_partial', 'false') = 'true',
    coalesce(j.state, 'completed') = 'completed',
    exists (select from matricula_operation v where v.reverts = u.id)
from matricula_operation u left join matricula_job j on j.id = u.job_id
where u.reverts = any(%(operations)s) order by u.started, u.id

-- The changes of an operation in order, with the names that its ids have now. Only those of the page are looked up: an
-- operation may have a million.
-- statement: changes
-- maybe: some
select e.id, e.at, e.subject, e.account_id, p.username, coalesce(e.email, p.email), e.student_key, c.key, g.key,
    e.transition, e.before::text, e.after::text, e.reason, s.id
from matricula_change e
left join matricula_account p on p.id = e.account_id
left join matricula_course c on c.id = e.course_id
left join matricula_program g on g.id = e.program_id
left join matricula_programenrollment s
    on s.program_id = e.program_id and s.student_key_folded = lower(e.student_key collate "C")
where e.id = any(array(
    select e.id from matricula_journalentry e
    where e.operation = %(operation)s and e.id > %(after)s and e.subject <> 'job'
        --? some
        and
            --> seen
        --? end
    order by e.id limit %(limit)s
))
order by e.id

-- Course runs and programs that an operation changed something of.
-- statement: about
select distinct operation, case when program_id is null then course_id end, program_id from matricula_journalentry
where operation = any(%(operations)s) and subject = any(%(subjects)s)

-- statement: merges
select distinct operation from matricula_journalentry
where operation = any(%(operations)s) and subject = 'account' and transition = any(%(transitions)s)

-- Numbers that are of no change of an operation.
-- statement: unknown
select n from unnest(%(changes)s::bigint[]) n where not exists (
    select from matricula_journalentry e where e.id = n and e.operation = %(operation)s and e.subject <> 'job'
) order by n

-- The changes of an operation about some people, by the indexes of the people.
-- statement: of_people
select w.n, e.id
from unnest(%(courses)s::bigint[], %(accounts)s::bigint[], %(emails)s::text[])
    with ordinality w(course_id, account_id, email, n)
cross join lateral (
    select e.id, e.operation, e.subject, e.course_id from matricula_journalentry e where e.account_id = w.account_id
    union
    select e.id, e.operation, e.subject, e.course_id from matricula_journalentry e where lower(e.email) = w.email
) e
where e.operation = %(operation)s and e.course_id is not distinct from w.course_id and e.subject = any(%(subjects)s)
order by 1, 2

-- As of_people, about students of a program: the journal has no index of keys.
-- statement: of_students
select w.n, e.id
from matricula_journalentry e
join unnest(%(courses)s::bigint[], %(keys)s::text[]) with ordinality w(course_id, key, n)
    on w.key = lower(e.student_key collate "C") and e.course_id is not distinct from w.course_id
where e.operation = %(operation)s and e.program_id = %(program)s and e.subject = any(%(subjects)s)
order by 1, 2

-- statement: recorded
--> operation
where o.id = any(%(operations)s)

-- Of each change, the operation that made it, when, who did, and about whom.
-- statement: steps
select e.id, e.operation, e.at, a.username, e.account_id
from matricula_change e left join matricula_account a on a.id = e.actor_id
where e.id = any(%(changes)s)

-- What the first changes of operations are about: of some the changes are a million.
-- statement: first_subjects
select o.id, array(
    select distinct f.subject from (
        select e.subject from matricula_journalentry e where e.operation = o.id and e.subject <> 'job' limit 50
    ) f
) from unnest(%(operations)s::uuid[]) o(id)
