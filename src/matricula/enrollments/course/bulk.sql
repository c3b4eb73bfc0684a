-- Course enrollments of a large job, a slice at a time. How statements are written here:
-- matricula/foundation/statements.py. Why so: docs/decisions/0029.

-- Whom each row names, and what is stored of that person. Who has a pre-enrollment or no active account can't be written
-- as one of a set, and names that fit two accounts can't.
-- statement: resolve
-- one of: usernames | addresses | both
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
fitting as (
    select q.*,
        n.id as account_id, n.email_key, n.is_active, n.generation,  --? usernames
        m.id as account_id, m.email_key, m.is_active, m.generation,  --? addresses
        --? both
        coalesce(n.id, m.id) as account_id, coalesce(n.email_key, m.email_key) as email_key,
        coalesce(n.is_active, m.is_active) as is_active, coalesce(n.generation, m.generation) as generation,
        --? end
        false as fits_two  --? usernames
        c.id is not null and c.id is distinct from m.id as fits_two  --? addresses, both
    from asked q
    left join matricula_account n on n.username_key = q.folded and not q.is_address  --? usernames, both
    --? addresses, both
    left join matricula_account m on m.email_key = q.folded and q.is_address
    -- few usernames have the form of an address; they have an index of their own
    left join matricula_account c on c.username_key = q.folded and c.username_key like '%%@%%' and q.is_address
    --? end
),
found as (
    select f.number, f.key, f.ask, f.reason, f.line, f.person, f.account_id as held, f.generation,
        case when f.account_id is null then f.folded end as other,
        coalesce(e.is_active || ' ' || e.mode, '') as standing,
        f.account_id is not null and f.is_active and not f.fits_two and coalesce(f.person = f.account_id, true)
            and not exists (select from invited i where i.account_id = f.account_id)
            and not exists (select from invited i where i.account_id is null and i.email_key = f.email_key) as is_plain
    from fitting f
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = f.account_id
)
--> sliced

-- piece: cases
cases as materialized (
    select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
        %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
        %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
        %(before)s::jsonb[], %(after)s::jsonb[])
    c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
        after)
)

-- piece: still_named
a.is_active and a.generation = w.generation
    and (a.username_key = lower(w.key collate "C") or a.email_key = lower(w.key collate "C"))

-- How many of those whose enrollment is stored are as they were read; they are held.
-- statement: lock
with
    --> cases
, w as (
    --> slice
        and c.locks
),
held as (
    select e.id from w
    join matricula_account a on a.id = w.held and
        --> still_named
    join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = w.held
        and e.is_active || ' ' || e.mode = w.standing
    order by e.id for no key update of e
)
select count(*) from held

-- How many of those who have no enrollment, and get none, are as they were read; there is nothing to hold.
-- statement: absent
with
    --> cases
, w as (
    --> slice
        and c.journals and not c.locks and not c.inserts
)
select count(*) from w
join matricula_account a on a.id = w.held and
    --> still_named
where not exists (
    select from matricula_courseenrollment e where e.course_id = %(course)s and e.account_id = w.held
)

-- statement: insert
with
    --> cases
, w as (
    --> slice
        and c.inserts
)
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select %(course)s, a.id, a.username_key, w.mode, w.is_active, now()
from w join matricula_account a on a.id = w.held and
    --> still_named
order by a.id
on conflict do nothing

-- statement: update
with
    --> cases
, w as (
    --> slice
        and c.updates
)
update matricula_courseenrollment e set mode = w.mode, is_active = w.is_active
from w where e.course_id = %(course)s and e.account_id = w.held

-- statement: turned
with
    --> cases
, w as (
    --> slice
        and c.turns
)
select w.held, w.is_active from w order by w.held

-- statement: in_programs
select exists (select from matricula_programcourseenrollment where course_id = %(course)s and status = 'active')
    or exists (select from matricula_programcourseenrollment where course_id = %(course)s and status = 'inactive')

-- statement: journal
with
    --> cases
, w as (
    --> slice
        and c.journals
)
insert into matricula_journalentry
    (at, operation, subject, account_id, course_id, transition, before, after, reason)
select clock_timestamp(), %(operation)s, w.subject, w.held, %(course)s, w.transition, w.before, w.after,
    nullif(w.reason, %(reason)s)
from w order by w.held
