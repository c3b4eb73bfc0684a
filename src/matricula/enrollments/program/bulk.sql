-- Program enrollments of a large job, a slice at a time. How statements are written here:
-- matricula/foundation/statements.py. Why so: docs/decisions/0029.

-- The row of the program that each key names. What asks for a status that doesn't exist can't be written as one of a set.
-- statement: resolve
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, e.id as held, null::int as generation,
        case when e.id is null then q.folded end as other, coalesce(e.status, '') as standing,
        q.ask = any(%(asks)s::text[]) as is_plain
    from asked q
    left join matricula_programenrollment e on e.program_id = %(program)s and e.student_key_folded = q.folded
)
--> sliced

-- piece: cases
cases as materialized (
    select * from unnest(%(number)s::int[], %(standing)s::text[], %(inserts)s::boolean[], %(updates)s::boolean[],
        %(deletes)s::boolean[], %(status)s::text[], %(transition)s::text[], %(before)s::jsonb[], %(after)s::jsonb[])
    c(number, standing, inserts, updates, deletes, status, transition, before, after)
)

-- How many of those that are there are as they were read; they are changed, and the journal says so.
-- statement: update
with
    --> cases
, w as (
    --> slice
        and c.updates
),
held as (
    select e.id, e.account_id, e.student_key, w.status, w.transition, w.before, w.after
    from w join matricula_programenrollment e on e.id = w.held and e.status = w.standing
    order by e.id for no key update of e
),
changed as (
    update matricula_programenrollment e set status = h.status, updated = now() from held h where e.id = h.id
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', h.account_id, %(program)s, h.student_key, h.transition,
    h.before, h.after
from held h

-- statement: insert
with
    --> cases
, w as (
    --> slice
        and c.inserts
),
new as (
    insert into matricula_programenrollment (program_id, student_key, account_id, status, created, updated)
    select %(program)s, w.key, i.account_id, w.status, now(), now()
    from w left join matricula_studentidentity i
        on i.organization_id = %(organization)s and i.student_key_folded = lower(w.key collate "C")
    order by lower(w.key collate "C")
    on conflict do nothing
    returning student_key, account_id, status
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', n.account_id, %(program)s, n.student_key, c.transition,
    c.before, c.after
from new n join cases c on c.inserts and c.status = n.status

-- Rows that are as they were read, of students who are in no course run of the program.
-- statement: delete
with
    --> cases
, w as (
    --> slice
        and c.deletes
),
held as (
    select e.id, w.transition, w.before, w.after
    from w join matricula_programenrollment e on e.id = w.held and e.status = w.standing
    order by e.id for update of e
),
gone as (
    delete from matricula_programenrollment e using held h
    where e.id = h.id
        and not exists (select from matricula_programcourseenrollment c where c.program_enrollment_id = h.id)
    returning e.account_id, e.student_key, h.transition, h.before, h.after
)
insert into matricula_journalentry
    (at, operation, subject, account_id, program_id, student_key, transition, before, after)
select clock_timestamp(), %(operation)s, 'program_enrollment', g.account_id, %(program)s, g.student_key, g.transition,
    g.before, g.after
from gone g
