-- resolve(addresses)
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
fitting as (
    select q.*,
        m.id as account_id, m.email_key, m.is_active, m.generation,
        c.id is not null and c.id is distinct from m.id as fits_two
    from asked q
    left join matricula_account m on m.email_key = q.folded and q.is_address
    left join matricula_account c on c.username_key = q.folded and c.username_key like '%%@%%' and q.is_address
),
found as (
    select f.number, f.key, f.ask, f.reason, f.line, f.person, f.account_id as held, f.generation,
        case when f.account_id is null then f.folded end as other,
        coalesce(e.is_active || ' ' || e.mode, '') as standing,
        f.account_id is not null and f.is_active and not f.fits_two and coalesce(f.person = f.account_id, true)
            and not exists (select from invited i where i.account_id = f.account_id)
            and not exists (select from invited i where i.account_id is null and i.email_key = f.email_key) as is_plain
    from fitting f
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = f.account_id
)
select %(job)s, p.slice, count(*), array_agg(p.number), array_agg(p.key), array_agg(p.held), array_agg(p.generation),
    case when bool_or(p.reason is not null) then array_agg(p.reason) end,
    case when bool_or(p.line is not null) then array_agg(p.line) end,
    case when bool_or(p.person is not null) then array_agg(p.person) end,
    array_agg(p.standing || e'\x1f' || p.ask)
from (
    select n.*, case
        when n.is_alone then (count(*) filter (where n.is_alone) over earlier - 1) / %(size)s + 1
        else -1 - (count(*) filter (where not n.is_alone and n.nth = 1) over earlier - 1) / %(chunk)s
    end as slice
    from (
        select f.*, f.is_plain and count(*) over same = 1 as is_alone, row_number() over same_in_turn as nth
        from found f
        window same as (partition by f.held, f.other), same_in_turn as (partition by f.held, f.other order by f.number)
    ) n
    window earlier as (order by n.held, n.other, n.number rows unbounded preceding)
) p group by p.slice;

-- resolve(both)
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
fitting as (
    select q.*,
        coalesce(n.id, m.id) as account_id, coalesce(n.email_key, m.email_key) as email_key,
        coalesce(n.is_active, m.is_active) as is_active, coalesce(n.generation, m.generation) as generation,
        c.id is not null and c.id is distinct from m.id as fits_two
    from asked q
    left join matricula_account n on n.username_key = q.folded and not q.is_address
    left join matricula_account m on m.email_key = q.folded and q.is_address
    left join matricula_account c on c.username_key = q.folded and c.username_key like '%%@%%' and q.is_address
),
found as (
    select f.number, f.key, f.ask, f.reason, f.line, f.person, f.account_id as held, f.generation,
        case when f.account_id is null then f.folded end as other,
        coalesce(e.is_active || ' ' || e.mode, '') as standing,
        f.account_id is not null and f.is_active and not f.fits_two and coalesce(f.person = f.account_id, true)
            and not exists (select from invited i where i.account_id = f.account_id)
            and not exists (select from invited i where i.account_id is null and i.email_key = f.email_key) as is_plain
    from fitting f
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = f.account_id
)
select %(job)s, p.slice, count(*), array_agg(p.number), array_agg(p.key), array_agg(p.held), array_agg(p.generation),
    case when bool_or(p.reason is not null) then array_agg(p.reason) end,
    case when bool_or(p.line is not null) then array_agg(p.line) end,
    case when bool_or(p.person is not null) then array_agg(p.person) end,
    array_agg(p.standing || e'\x1f' || p.ask)
from (
    select n.*, case
        when n.is_alone then (count(*) filter (where n.is_alone) over earlier - 1) / %(size)s + 1
        else -1 - (count(*) filter (where not n.is_alone and n.nth = 1) over earlier - 1) / %(chunk)s
    end as slice
    from (
        select f.*, f.is_plain and count(*) over same = 1 as is_alone, row_number() over same_in_turn as nth
        from found f
        window same as (partition by f.held, f.other), same_in_turn as (partition by f.held, f.other order by f.number)
    ) n
    window earlier as (order by n.held, n.other, n.number rows unbounded preceding)
) p group by p.slice;

-- resolve(usernames)
insert into matricula_jobslice
    (job_id, number, rows, numbers, keys, held, generations, reasons, lines, people, cases)
with invited as materialized (
    select account_id, email_key from matricula_preenrollment where course_id = %(course)s
),
fitting as (
    select q.*,
        n.id as account_id, n.email_key, n.is_active, n.generation,
        false as fits_two
    from asked q
    left join matricula_account n on n.username_key = q.folded and not q.is_address
),
found as (
    select f.number, f.key, f.ask, f.reason, f.line, f.person, f.account_id as held, f.generation,
        case when f.account_id is null then f.folded end as other,
        coalesce(e.is_active || ' ' || e.mode, '') as standing,
        f.account_id is not null and f.is_active and not f.fits_two and coalesce(f.person = f.account_id, true)
            and not exists (select from invited i where i.account_id = f.account_id)
            and not exists (select from invited i where i.account_id is null and i.email_key = f.email_key) as is_plain
    from fitting f
    left join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = f.account_id
)
select %(job)s, p.slice, count(*), array_agg(p.number), array_agg(p.key), array_agg(p.held), array_agg(p.generation),
    case when bool_or(p.reason is not null) then array_agg(p.reason) end,
    case when bool_or(p.line is not null) then array_agg(p.line) end,
    case when bool_or(p.person is not null) then array_agg(p.person) end,
    array_agg(p.standing || e'\x1f' || p.ask)
from (
    select n.*, case
        when n.is_alone then (count(*) filter (where n.is_alone) over earlier - 1) / %(size)s + 1
        else -1 - (count(*) filter (where not n.is_alone and n.nth = 1) over earlier - 1) / %(chunk)s
    end as slice
    from (
        select f.*, f.is_plain and count(*) over same = 1 as is_alone, row_number() over same_in_turn as nth
        from found f
        window same as (partition by f.held, f.other), same_in_turn as (partition by f.held, f.other order by f.number)
    ) n
    window earlier as (order by n.held, n.other, n.number rows unbounded preceding)
) p group by p.slice;

-- lock()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.locks
),
held as (
    select e.id from w
    join matricula_account a on a.id = w.held and
        a.is_active and a.generation = w.generation
            and (a.username_key = lower(w.key collate "C") or a.email_key = lower(w.key collate "C"))
    join matricula_courseenrollment e on e.course_id = %(course)s and e.account_id = w.held
        and e.is_active || ' ' || e.mode = w.standing
    order by e.id for no key update of e
)
select count(*) from held;

-- absent()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.journals and not c.locks and not c.inserts
)
select count(*) from w
join matricula_account a on a.id = w.held and
    a.is_active and a.generation = w.generation
        and (a.username_key = lower(w.key collate "C") or a.email_key = lower(w.key collate "C"))
where not exists (
    select from matricula_courseenrollment e where e.course_id = %(course)s and e.account_id = w.held
);

-- insert()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.inserts
)
insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)
select %(course)s, a.id, a.username_key, w.mode, w.is_active, now()
from w join matricula_account a on a.id = w.held and
    a.is_active and a.generation = w.generation
        and (a.username_key = lower(w.key collate "C") or a.email_key = lower(w.key collate "C"))
order by a.id
on conflict do nothing;

-- update()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.updates
)
update matricula_courseenrollment e set mode = w.mode, is_active = w.is_active
from w where e.course_id = %(course)s and e.account_id = w.held;

-- turned()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.turns
)
select w.held, w.is_active from w order by w.held;

-- in_programs()
select exists (select from matricula_programcourseenrollment where course_id = %(course)s and status = 'active')
    or exists (select from matricula_programcourseenrollment where course_id = %(course)s and status = 'inactive');

-- journal()
with
    cases as materialized (
        select * from unnest(%(number)s::int[], %(standing)s::text[], %(locks)s::boolean[],
            %(inserts)s::boolean[], %(updates)s::boolean[], %(turns)s::boolean[], %(mode)s::text[],
            %(is_active)s::boolean[], %(journals)s::boolean[], %(subject)s::text[], %(transition)s::text[],
            %(before)s::jsonb[], %(after)s::jsonb[])
        c(number, standing, locks, inserts, updates, turns, mode, is_active, journals, subject, transition, before,
            after)
    )
, w as (
    select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
    cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
    join cases c on c.number = r.code
    where s.job_id = %(job)s and s.number = %(slice)s
        and c.journals
)
insert into matricula_journalentry
    (at, operation, subject, account_id, course_id, transition, before, after, reason)
select clock_timestamp(), %(operation)s, w.subject, w.held, %(course)s, w.transition, w.before, w.after,
    nullif(w.reason, %(reason)s)
from w order by w.held;

