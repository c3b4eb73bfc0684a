-- Rejected rows by whom they name. How statements are written here: matricula/foundation/statements.py.

-- The latest chunks of a course run, or of programs, in which a row with one of the keys was rejected: found by the
-- index job_chunk_rejected. Of each, the rows with that key; ``rejected`` is that of a row that was rejected before.
-- statement: rejected
-- ``named`` by itself: beside the jobs, the keys would be computed once more for each of their chunks
with named as materialized (
    select job_id, number from matricula_jobchunk c
    where matricula_rejected_keys(c.keys, c.outcomes, c.codes, c.rejected) && %(keys)s::text[]
),
chunks as materialized (
    select named.job_id, named.number, j.created
    from named join matricula_job j on j.id = named.job_id
    where j.course_id = %(course)s or j.program_id = any(%(programs)s::bigint[])
    order by j.created desc, named.job_id limit %(limit)s
)
select j.id, j.kind, j.created, a.username, j.source, j.options ->> 'file', j.program_id, p.job_id, p.applied_by_id,
    r.place, r.key, c.asks[r.place], c.reasons[r.place],
    case when cardinality(c.numbers) = 1 then c.numbers[1] + r.place - 1 else c.numbers[r.place] end,
    (c.outcomes -> c.codes[r.place])::text,
    (select o::text from jsonb_array_elements(c.rejected) o where o ->> 'key' = r.key limit 1)
from chunks
join matricula_jobchunk c on c.job_id = chunks.job_id and c.number = chunks.number
join matricula_job j on j.id = c.job_id
left join matricula_account a on a.id = j.actor_id
left join matricula_plan p on p.job_id = j.id
cross join lateral (
    select k.place::integer, k.key from unnest(c.keys) with ordinality k(key, place)
    where lower((
        case when octet_length(k.key) = length(k.key) then k.key
        else regexp_replace(k.key, '[' || %(invisible)s || ']', '', 'g') end
    ) collate "C") = any(%(keys)s::text[])
) r
order by chunks.created desc, j.id, c.number, r.place

-- The plans among these whose rows name one of the keys, or the account; of each chunk the first of such rows.
-- statement: planned
select c.job_id,
    case when cardinality(c.numbers) = 1 then c.numbers[1] + r.place - 1 else coalesce(c.numbers[r.place], r.place) end,
    r.key, c.asks[r.place], (c.outcomes -> c.codes[r.place])::text
from matricula_jobchunk c
cross join lateral (
    select k.key, k.place from (
        -- first of all: each look into an array unpacks it, and the planner takes that to cost nothing
        select k.key, k.place::integer from unnest(c.keys, c.people) with ordinality k(key, person, place)
        where lower(k.key collate "C") = any(%(keys)s::text[]) or k.person = %(account)s
        offset 0
    ) k
    where c.asks[k.place] is not null and c.codes[k.place] is not null and c.excluded[k.place] is distinct from true
    limit 20
) r
where (c.job_id, c.number) in (
    select job_id, number from matricula_jobchunk where job_id = any(%(plans)s::uuid[])
    order by job_id, number limit %(limit)s
)
