-- What each day added, kept of the days that are over and counted of the entries since: how many were enrolled at a
-- moment, and on each day. How statements are written here: matricula/foundation/statements.py.

-- piece: entries
j.course_id = %(of)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null  --? course
j.program_id = %(of)s and j.subject = 'program_enrollment'  --? not course

-- piece: came
--? course
count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
--? end
--? program
count(*) filter (where j.after ->> 'status' = 'enrolled' and j.before ->> 'status' is distinct from 'enrolled')
--? end
--? students
count(*) filter (where j.before ->> 'status' is null and j.after ->> 'status' is not null)
--? end

-- piece: went
--? course
count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
--? end
--? program
count(*) filter (where j.before ->> 'status' = 'enrolled' and j.after ->> 'status' is distinct from 'enrolled')
--? end
--? students
count(*) filter (where j.before ->> 'status' is not null and j.after ->> 'status' is null)
--? end

-- Keeps days that are over; another who does the same meanwhile keeps the same.
-- statement: keep
-- one of: course | program | students
insert into matricula_rosterday (course_id, day, came, went, first_id, last_id)  --? course
insert into matricula_programday (program_id, day, came, went, first_id, last_id)  --? program
insert into matricula_studentday (program_id, day, came, went, first_id, last_id)  --? students
select %(of)s, (j.at at time zone 'UTC')::date as day,
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
-- one of: course | program | students
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_rosterday r where r.course_id = %(of)s  --? course
from matricula_programday r where r.program_id = %(of)s  --? program
from matricula_studentday r where r.program_id = %(of)s  --? students

-- The first number of the entries from one day on, by what is kept, or of the last day that is, if that is earlier; and
-- the last number until another day, if that is kept.
-- statement: numbers
-- one of: course | program | students
select coalesce(min(r.first_id) filter (where r.day >= %(since)s), max(r.first_id), 0),
    case when max(r.day) >= %(until)s then coalesce(max(r.last_id) filter (where r.day <= %(until)s), 0) end
from matricula_rosterday r where r.course_id = %(of)s  --? course
from matricula_programday r where r.program_id = %(of)s  --? program
from matricula_studentday r where r.program_id = %(of)s  --? students

-- statement: since
-- one of: course | program | students
select
    --> came
    -
    --> went
    , count(*)
from matricula_journalentry j
where
    --> entries
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s

-- The days that are kept, with the first number of the entries of each.
-- statement: kept_days
-- one of: course | program | students
select r.day, r.came, r.went, r.first_id
from matricula_rosterday r where r.course_id = %(of)s  --? course
from matricula_programday r where r.program_id = %(of)s  --? program
from matricula_studentday r where r.program_id = %(of)s  --? students
order by r.day

-- The days that are not, and how many entries each has.
-- statement: days_since
-- one of: course | program | students
select (j.at at time zone 'UTC')::date as day,
    --> came
    ,
    --> went
    , count(*)
from matricula_journalentry j
where
    --> entries
    and j.at >= %(since)s and j.id >= %(first)s
group by day order by day
