-- What the rows of a plan come to. How statements are written here: matricula/foundation/statements.py.

-- How many rows ended how, of those that are not excluded; null for rows that were rejected before.
-- statement: outcomes
select (c.outcomes -> r.code)::text, sum(r.n)
from matricula_jobchunk c, lateral (
    select u.code, count(*) as n from unnest(c.codes, c.excluded) u(code, excluded)
    where u.excluded is not true group by u.code
) r
where c.job_id = %(job)s
group by 1

-- One digest over all rows in their order, each with the person it names, what is stored and what would become of it.
-- statement: fingerprint
select encode(sha256(coalesce(string_agg(d.digest, ''::bytea order by d.number), '')), 'hex')
from (
    select c.number, sha256(convert_to(
        coalesce(c.rejected::text, '') || string_agg(concat(
            r.key, e'\x1f', r.ask, e'\x1f', r.reason, e'\x1f', r.person, e'\x1f', o.told[r.code + 1], e'\x1f',
            r.excluded is true
        ), e'\x1e' order by r.place), 'UTF8'
    )) as digest
    from matricula_jobchunk c
    cross join lateral (
        select array_agg(t.value::text order by t.n) as told
        from jsonb_array_elements(coalesce(c.outcomes, '[]')) with ordinality t(value, n)
    ) o
    cross join lateral unnest(c.keys, c.asks, c.reasons, c.people, c.codes, c.excluded)
        with ordinality r(key, ask, reason, person, code, excluded, place)
    where c.job_id = %(job)s
    group by c.number, c.rejected
) d

-- What the rows of a plan ask for.
-- statement: asks
select distinct ask from matricula_jobchunk c, unnest(c.asks) ask where c.job_id = %(job)s and ask is not null

-- Who is in a program now, and who in course runs of it.
-- statement: students
select count(*) from matricula_programenrollment where program_id = %(program)s and status <> all(%(left)s)

-- statement: course_students
select count(*) from matricula_programcourseenrollment c
join matricula_programenrollment e on e.id = c.program_enrollment_id and e.program_id = %(program)s
where c.course_id = any(%(courses)s) and c.status = 'active'

-- Rows of the plan beside what became of them when they were applied.
-- statement: applied
select (p.outcomes -> r.planned)::text, (w.outcomes -> r.written)::text, sum(r.n)
from matricula_jobchunk p
join matricula_jobchunk w on w.job_id = %(applied_by)s and w.number = p.number
cross join lateral (
    select u.planned, u.written, count(*) as n from unnest(p.codes, w.codes) u(planned, written)
    where u.written is not null group by 1, 2
) r
where p.job_id = %(job)s
group by 1, 2

-- statement: all_outcomes
select distinct t.value::text from matricula_jobchunk c, jsonb_array_elements(coalesce(c.outcomes, '[]')) t(value)
where c.job_id = %(job)s
