-- rejected()
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
order by chunks.created desc, j.id, c.number, r.place;

-- planned()
select c.job_id,
    case when cardinality(c.numbers) = 1 then c.numbers[1] + r.place - 1 else coalesce(c.numbers[r.place], r.place) end,
    r.key, c.asks[r.place], (c.outcomes -> c.codes[r.place])::text
from matricula_jobchunk c
cross join lateral (
    select k.key, k.place from (
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
);

