-- may_be_sliced()
select exists (select from matricula_jobslice where job_id = %(job)s) or not exists (
    select from matricula_jobchunk
    where job_id = %(job)s and (version is null or codes is not null or results is not null)
);

-- is_made()
select count(*) > 0, count(*) > count(codes) from matricula_jobslice where job_id = %(job)s;

-- more_memory()
set local work_mem = '128MB';

-- drop_asked()
drop table if exists pg_temp.asked;

-- make_asked()
create temporary table asked (
    number integer not null, key text not null, ask text not null, reason text,
    folded text collate "C" not null, is_address boolean not null,
    line integer, person bigint
) on commit drop;

-- fill_asked()
insert into asked (number, key, ask, reason, folded, is_address, line, person)
select c.before + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0,
    null,
    r.person
from (
    select keys, asks, reasons, people, numbers, cardinality(numbers) = 1 as follow, numbers[1] as first,
        sum(cardinality(keys)) over (order by number) - cardinality(keys) as before
    from matricula_jobchunk where job_id = %(job)s
) c, unnest(
    c.keys, c.asks, coalesce(c.reasons, '{}'),
    '{}'::int[],
    '{}'::bigint[]
) with ordinality r(key, ask, reason, line, person, n)
where r.ask is not null;

-- fill_asked(people)
insert into asked (number, key, ask, reason, folded, is_address, line, person)
select c.before + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0,
    null,
    r.person
from (
    select keys, asks, reasons, people, numbers, cardinality(numbers) = 1 as follow, numbers[1] as first,
        sum(cardinality(keys)) over (order by number) - cardinality(keys) as before
    from matricula_jobchunk where job_id = %(job)s
) c, unnest(
    c.keys, c.asks, coalesce(c.reasons, '{}'),
    '{}'::int[],
    coalesce(c.people, '{}')
) with ordinality r(key, ask, reason, line, person, n)
where r.ask is not null;

-- fill_asked(lines)
insert into asked (number, key, ask, reason, folded, is_address, line, person)
select c.before + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0,
    case when c.follow then c.first + r.n - 1 else r.line end,
    r.person
from (
    select keys, asks, reasons, people, numbers, cardinality(numbers) = 1 as follow, numbers[1] as first,
        sum(cardinality(keys)) over (order by number) - cardinality(keys) as before
    from matricula_jobchunk where job_id = %(job)s
) c, unnest(
    c.keys, c.asks, coalesce(c.reasons, '{}'),
    coalesce(c.numbers, '{}'),
    '{}'::bigint[]
) with ordinality r(key, ask, reason, line, person, n)
where r.ask is not null;

-- fill_asked(lines, people)
insert into asked (number, key, ask, reason, folded, is_address, line, person)
select c.before + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0,
    case when c.follow then c.first + r.n - 1 else r.line end,
    r.person
from (
    select keys, asks, reasons, people, numbers, cardinality(numbers) = 1 as follow, numbers[1] as first,
        sum(cardinality(keys)) over (order by number) - cardinality(keys) as before
    from matricula_jobchunk where job_id = %(job)s
) c, unnest(
    c.keys, c.asks, coalesce(c.reasons, '{}'),
    coalesce(c.numbers, '{}'),
    coalesce(c.people, '{}')
) with ordinality r(key, ask, reason, line, person, n)
where r.ask is not null;

-- analyze_asked()
analyze asked;

-- keep_rejected()
insert into matricula_jobslice (job_id, number, rows, numbers, keys, held, cases, outcomes, codes, counts)
select %(job)s, 0, count(*), '{}', '{}', '{}', '{}', '[]', '{}',
    case when count(*) > 0 then jsonb_build_object('error', count(*)) else '{}' end
from matricula_jobchunk c, unnest(c.asks) ask
where c.job_id = %(job)s and c.rejected is not null and ask is null;

-- cases()
select distinct c.text from matricula_jobslice s, unnest(s.cases) c(text)
where s.job_id = %(job)s and s.number > 0 and s.codes is null order by 1;

-- take(free)
select number from matricula_jobslice where job_id = %(job)s and codes is null order by number < 0, abs(number) limit 1
for update
    skip locked;

-- take(held)
select number from matricula_jobslice where job_id = %(job)s and codes is null order by number < 0, abs(number) limit 1
for update;

-- rows()
select r.number, r.key, r.text, r.reason, r.line, r.person
from matricula_jobslice s,
    unnest(s.numbers, s.keys, s.cases, s.reasons, s.lines, s.people) r(number, key, text, reason, line, person)
where s.job_id = %(job)s and s.number = %(slice)s order by r.number;

-- keep_set()
with r as materialized (
    select array_position(%(texts)s::text[], c.text) - 1 as code, c.place
    from matricula_jobslice s, unnest(s.cases) with ordinality c(text, place)
    where s.job_id = %(job)s and s.number = %(slice)s
),
kept as (
    update matricula_jobslice s set outcomes = %(outcomes)s::jsonb, codes = a.codes
    from (select array_agg(code order by place) as codes from r) a
    where s.job_id = %(job)s and s.number = %(slice)s
)
select code, count(*) from r group by code;

-- keep_others()
update matricula_jobslice set outcomes = %(outcomes)s::jsonb, numbers = %(numbers)s::int[], codes = %(codes)s::int[],
    held = %(held)s::bigint[]
where job_id = %(job)s and number = %(slice)s;

-- hold_job()
select state = any(%(unfinished)s::text[]) from matricula_job where id = %(job)s for share;

-- keep_counts()
update matricula_jobslice set counts = %(counts)s::jsonb where job_id = %(job)s and number = %(slice)s;

-- commit_soon()
set local synchronous_commit = off;

-- split()
with whole as (delete from matricula_jobslice where job_id = %(job)s and number = %(slice)s returning *)
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
select w.job_id, %(below)s - p.part, cardinality(w.numbers[p.first : p.last]), w.numbers[p.first : p.last],
    w.keys[p.first : p.last], w.held[p.first : p.last], w.generations[p.first : p.last],
    w.reasons[p.first : p.last], w.lines[p.first : p.last], w.people[p.first : p.last], w.cases[p.first : p.last]
from whole w, lateral (
    select n / %(chunk)s as part, n + 1 as first, n + %(chunk)s as last from generate_series(0, w.rows - 1, %(chunk)s) n
) p;

-- stale()
select r.number from matricula_jobslice s, unnest(s.numbers, s.cases) r(number, text)
where s.job_id = %(job)s and s.number > 0 and r.text = any(%(texts)s::text[]) order by 1;

-- others()
select number from matricula_jobslice where job_id = %(job)s and number < 0 order by number desc;

