-- keep()
insert into matricula_rosterday (course_id, day, came, went, first_id, last_id)
select %(course)s, (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    ,
    count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
    , min(j.id), max(j.id)
from matricula_journalentry j
where
    j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and j.at >= %(since)s and j.at < %(until)s and j.id >= %(first)s
group by day order by day
on conflict do nothing;

-- kept()
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_rosterday r where r.course_id = %(course)s;

-- since()
select
    count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    -
    count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
    , count(*)
from matricula_journalentry j
where
    j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s;

