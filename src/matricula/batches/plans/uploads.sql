-- Uploads that wait for their plan. How statements are written here: matricula/foundation/statements.py.

-- What an upload asks for says nothing of what is expected (the last field), which applying puts there.
-- statement: copy_upload
insert into matricula_jobchunk (job_id, number, version, keys, asks, reasons, numbers)
select %(plan)s, c.number, c.version, c.keys,
    (select array_agg(left(u.ask, -1) || ',null]' order by u.place) from unnest(c.asks) with ordinality u(ask, place)),
    c.reasons, array[(c.number - 1) * %(size)s + 1]
from matricula_jobchunk c where c.job_id = %(job)s

-- statement: delete_rows
delete from matricula_jobchunk where job_id = %(job)s

-- statement: undecided
select p.job_id from matricula_plan p
join matricula_job j on j.id = p.job_id and j.options ? 'upload'
join matricula_job w on w.id = (j.options ->> 'upload')::uuid
where p.applied_by_id is null and (
    w.state = any(%(unfinished)s) and w.options ? 'waits_for'
    or w.state <> all(%(unfinished)s) and p.canceled is null and p.expires > now()
)
order by p.job_id
