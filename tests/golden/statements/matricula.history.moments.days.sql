-- keep(course)
insert into matricula_rosterday (course_id, day, came, went, first_id, last_id)
select %(of)s, (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    ,
    count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
    , min(j.id), max(j.id)
from matricula_journalentry j
where
    j.course_id = %(of)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and j.at >= %(since)s and j.at < %(until)s and j.id >= %(first)s
group by day order by day
on conflict do nothing;

-- keep(program)
insert into matricula_programday (program_id, day, came, went, first_id, last_id)
select %(of)s, (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.after ->> 'status' = 'enrolled' and j.before ->> 'status' is distinct from 'enrolled')
    ,
    count(*) filter (where j.before ->> 'status' = 'enrolled' and j.after ->> 'status' is distinct from 'enrolled')
    , min(j.id), max(j.id)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.at < %(until)s and j.id >= %(first)s
group by day order by day
on conflict do nothing;

-- keep(students)
insert into matricula_studentday (program_id, day, came, went, first_id, last_id)
select %(of)s, (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.before ->> 'status' is null and j.after ->> 'status' is not null)
    ,
    count(*) filter (where j.before ->> 'status' is not null and j.after ->> 'status' is null)
    , min(j.id), max(j.id)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.at < %(until)s and j.id >= %(first)s
group by day order by day
on conflict do nothing;

-- kept(course)
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_rosterday r where r.course_id = %(of)s;

-- kept(program)
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_programday r where r.program_id = %(of)s;

-- kept(students)
select coalesce(sum(r.came - r.went) filter (where r.day < %(day)s), 0)::bigint, max(r.day), max(r.first_id),
    max(r.first_id) filter (where r.day = %(day)s), max(r.last_id) filter (where r.day = %(day)s)
from matricula_studentday r where r.program_id = %(of)s;

-- numbers(course)
select coalesce(min(r.first_id) filter (where r.day >= %(since)s), max(r.first_id), 0),
    case when max(r.day) >= %(until)s then coalesce(max(r.last_id) filter (where r.day <= %(until)s), 0) end
from matricula_rosterday r where r.course_id = %(of)s;

-- numbers(program)
select coalesce(min(r.first_id) filter (where r.day >= %(since)s), max(r.first_id), 0),
    case when max(r.day) >= %(until)s then coalesce(max(r.last_id) filter (where r.day <= %(until)s), 0) end
from matricula_programday r where r.program_id = %(of)s;

-- numbers(students)
select coalesce(min(r.first_id) filter (where r.day >= %(since)s), max(r.first_id), 0),
    case when max(r.day) >= %(until)s then coalesce(max(r.last_id) filter (where r.day <= %(until)s), 0) end
from matricula_studentday r where r.program_id = %(of)s;

-- since(course)
select
    count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    -
    count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
    , count(*)
from matricula_journalentry j
where
    j.course_id = %(of)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s;

-- since(program)
select
    count(*) filter (where j.after ->> 'status' = 'enrolled' and j.before ->> 'status' is distinct from 'enrolled')
    -
    count(*) filter (where j.before ->> 'status' = 'enrolled' and j.after ->> 'status' is distinct from 'enrolled')
    , count(*)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s;

-- since(students)
select
    count(*) filter (where j.before ->> 'status' is null and j.after ->> 'status' is not null)
    -
    count(*) filter (where j.before ->> 'status' is not null and j.after ->> 'status' is null)
    , count(*)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.at <= %(at)s and j.id >= %(first)s and j.id <= %(last)s;

-- kept_days(course)
select r.day, r.came, r.went, r.first_id
from matricula_rosterday r where r.course_id = %(of)s
order by r.day;

-- kept_days(program)
select r.day, r.came, r.went, r.first_id
from matricula_programday r where r.program_id = %(of)s
order by r.day;

-- kept_days(students)
select r.day, r.came, r.went, r.first_id
from matricula_studentday r where r.program_id = %(of)s
order by r.day;

-- days_since(course)
select (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.transition like '%% to enrolled' and j.transition <> 'from enrolled to enrolled')
    ,
    count(*) filter (where j.transition like 'from enrolled to %%' and j.transition <> 'from enrolled to enrolled')
    , count(*)
from matricula_journalentry j
where
    j.course_id = %(of)s and j.program_id is null and j.subject = 'course_enrollment' and j.account_id is not null
    and j.at >= %(since)s and j.id >= %(first)s
group by day order by day;

-- days_since(program)
select (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.after ->> 'status' = 'enrolled' and j.before ->> 'status' is distinct from 'enrolled')
    ,
    count(*) filter (where j.before ->> 'status' = 'enrolled' and j.after ->> 'status' is distinct from 'enrolled')
    , count(*)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.id >= %(first)s
group by day order by day;

-- days_since(students)
select (j.at at time zone 'UTC')::date as day,
    count(*) filter (where j.before ->> 'status' is null and j.after ->> 'status' is not null)
    ,
    count(*) filter (where j.before ->> 'status' is not null and j.after ->> 'status' is null)
    , count(*)
from matricula_journalentry j
where
    j.program_id = %(of)s and j.subject = 'program_enrollment'
    and j.at >= %(since)s and j.id >= %(first)s
group by day order by day;

