-- Undoing many changes set by set. How statements are written here: matricula/foundation/statements.py. Why so:
-- docs/decisions/0031.

-- The people whom the rows name, by account, as slices. Who is neither as the operation left them nor as they shall be is
-- looked at one by one.
-- statement: resolve_courses
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with known as materialized (
    select * from unnest(%(asks)s::text[], %(expected)s::text[], %(targets)s::text[]) k(ask, expected, target)
),
invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, q.person as held, a.generation,
        case when q.person is null then q.folded end as other, s.standing,
        k.ask is not null and a.is_active and s.standing in (k.expected, k.target)
            and not exists (select from invited i where i.account_id = a.id)
            and not exists (select from invited i where i.account_id is null and i.email_key = a.email_key) as is_plain
    from asked q
    left join known k on k.ask = q.ask
    left join matricula_account a on a.id = q.person
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = q.person
    cross join lateral (select coalesce(e.is_active || ' ' || e.mode, '') as standing) s
)
--> sliced

-- statement: resolve_students
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with known as materialized (
    select * from unnest(%(asks)s::text[], %(expected)s::text[], %(targets)s::text[]) k(ask, expected, target)
),
found as (
    select q.number, q.key, q.ask, q.reason, q.line, q.person, e.id as held, null::int as generation,
        case when e.id is null then q.folded end as other, coalesce(e.status, '') as standing,
        k.ask is not null and coalesce(e.status, '') in (k.expected, k.target)
            and (k.target <> '' or not exists (
                select from matricula_programcourseenrollment c where c.program_enrollment_id = e.id
            )) as is_plain
    from asked q
    left join known k on k.ask = q.ask
    left join matricula_programenrollment e on e.program_id = %(program)s and e.student_key_folded = q.folded
)
--> sliced
