-- Slices of a large job. How statements are written here: matricula/foundation/statements.py. Why so:
-- docs/decisions/0029.

-- statement: may_be_sliced
select exists (select from matricula_jobslice where job_id = %(job)s) or not exists (
    select from matricula_jobchunk
    where job_id = %(job)s and (version is null or codes is not null or results is not null)
)

-- Holds off another process that prepares the job; canceling it needs its own row only.
-- statement: hold
select number from matricula_jobchunk where job_id = %(job)s order by number limit 1 for no key update

-- statement: made
select count(*), coalesce(max(number), 0), coalesce(min(number), 0) from matricula_jobslice where job_id = %(job)s

-- Rows of a slice that a crash of PostgreSQL took: the work table is unlogged.
-- statement: lost
select exists (
    select from matricula_jobslice s where s.job_id = %(job)s and s.codes is null and s.rows <> (
        select count(*) from matricula_jobwork w where w.job_id = s.job_id and w.slice = s.number
    )
)

-- statement: forget_undone
with undone as (delete from matricula_jobslice where job_id = %(job)s and codes is null)
delete from matricula_jobwork where job_id = %(job)s

-- statement: drop_asked
drop table if exists pg_temp.asked

-- statement: make_asked
create temporary table asked (
    number integer not null, key text not null, ask text not null, reason text,
    folded text collate "C" not null, is_address boolean not null
) on commit drop

-- statement: fill_asked
-- one of: all_rows | undone_rows
insert into asked (number, key, ask, reason, folded, is_address)
select c.before + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0
from (
    select keys, asks, reasons, sum(cardinality(keys)) over (order by number) - cardinality(keys) as before
    from matricula_jobchunk where job_id = %(job)s
) c, unnest(c.keys, c.asks, coalesce(c.reasons, '{}')) with ordinality r(key, ask, reason, n)
where r.ask is not null
--? undone_rows
and c.before + r.n not in (
    select unnest(numbers) from matricula_jobslice where job_id = %(job)s and codes is not null
)
--? end

-- statement: analyze_asked
analyze asked

-- Those who are looked at one by one, too, are in slices of whole people: nobody stands in two.
-- statement: place_others
update matricula_jobwork w set slice = %(below)s - 1 - (p.person - 1) / %(chunk)s
from (
    select ctid as place, dense_rank() over (order by held, case when held is null then lower(key collate "C") end)
        as person
    from matricula_jobwork where job_id = %(job)s and slice = 0
) p
where w.ctid = p.place and w.job_id = %(job)s and w.slice = 0

-- statement: make_slices
insert into matricula_jobslice (job_id, number, rows)
select job_id, slice, count(*) from matricula_jobwork where job_id = %(job)s group by job_id, slice

-- Says that the slices are made, also where there is nothing to write.
-- statement: mark
insert into matricula_jobslice (job_id, number, rows, numbers, outcomes, codes)
values (%(job)s, 0, 0, '{}', '[]', '{}')

-- statement: count_rejected
select count(*) from matricula_jobchunk c, unnest(c.asks) ask
where c.job_id = %(job)s and c.rejected is not null and ask is null

-- statement: cases
select distinct standing, ask from matricula_jobwork where job_id = %(job)s and slice > 0 order by 1, 2

-- In the order of the indexes, so that pages are filled from left to right; those who are looked at one by one last.
-- statement: take
select number from matricula_jobslice where job_id = %(job)s and codes is null order by number < 0, number limit 1
for update skip locked

-- statement: rows
select number, key, ask, reason from matricula_jobwork where job_id = %(job)s and slice = %(slice)s order by number

-- Keeps the outcomes of a slice, and tells how many rows each case has.
-- statement: keep_set
with r as materialized (
    select w.number, c.number as code from matricula_jobwork w
    join unnest(%(numbers)s::int[], %(standings)s::text[], %(asks)s::text[]) c(number, standing, ask)
        using (standing, ask)
    where w.job_id = %(job)s and w.slice = %(slice)s
),
kept as (
    update matricula_jobslice s set outcomes = %(outcomes)s::jsonb, numbers = a.numbers, codes = a.codes
    from (select array_agg(number) as numbers, array_agg(code) as codes from r) a
    where s.job_id = %(job)s and s.number = %(slice)s
)
select code, count(*) from r group by code

-- statement: keep_others
update matricula_jobslice set outcomes = %(told)s::jsonb, numbers = %(places)s::int[], codes = %(codes)s::int[]
where job_id = %(job)s and number = %(slice)s

-- statement: split
with parts as (
    update matricula_jobwork w set slice = %(below)s - p.part
    from (
        select ctid as place, (row_number() over (order by number) - 1) / %(chunk)s as part
        from matricula_jobwork where job_id = %(job)s and slice = %(slice)s
    ) p
    where w.ctid = p.place and w.job_id = %(job)s and w.slice = %(slice)s
    returning w.slice
),
whole as (delete from matricula_jobslice where job_id = %(job)s and number = %(slice)s)
insert into matricula_jobslice (job_id, number, rows) select %(job)s, slice, count(*) from parts group by slice
