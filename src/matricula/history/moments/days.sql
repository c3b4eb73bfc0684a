-- How many were enrolled at a moment, from what is kept of the days before and the entries since. How statements are
-- written here: matricula/foundation/statements.py.

-- piece: entries
j.course_id = %(course)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null

-- piece: came
count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')

-- piece: went
count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')

-- Keeps days that are over; another who does the same meanwhile keeps the same.
-- statement: keep
insert into matricula_rosterday (course_id, day, came, went, first_id, last_id)
select %(course)s, (j.at at time zone 'UTC')::date as day,
    --> came
    ,
    --> went
    , min(j.id), max(j.id)
from matricula_journalentry j
where
    --> entries
    and j.at >= %(since)s and j.at < %(until)s and j.id >= %(first)s
group by day order by day
on conflict do nothing

-- What is kept: the sum of the days before, the last of all, with the first number of its entries, and those of the day
-- itself.
-- statement: kept
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_rosterday r where r.course_id = %(course)s

-- statement: since
select
    --> came
    -
    --> went
    , count(*)
from matricula_journalentry j
where
    --> entries
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s
