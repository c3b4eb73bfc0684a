-- _COUNTS()
select 'course ' || course_id || ', block "' || block || '"' from (
    select course_id, block, is_active, mode, count(*) as seats from (
        select e.course_id, e.is_active, e.mode,
            coalesce((
                select b.start from matricula_rosterblock b where b.course_id = e.course_id and b.start <= e.username_key
                order by b.start desc limit 1
            ), '')
            as block
        from matricula_courseenrollment e
    ) seats group by 1, 2, 3, 4
    union all
    select course_id, block, is_active, mode, -sum(seats) from matricula_rostercount group by 1, 2, 3, 4
) both_ways group by course_id, block, is_active, mode having sum(seats) <> 0;

-- _INVITATION_STEPS()
select 'journal row ' || id from (
    select id, recorded, was, account_id, address,
        lag(case when (became -> 'bound')::boolean then became end) over (
            partition by course_id, account_id order by id) as left_to_account,
        lag(case when not (became -> 'bound')::boolean then became end) over (
            partition by course_id, address order by id) as left_to_address
    from (
            select id, transition = 'recorded' as recorded, course_id, account_id, lower(email collate "C") as address,
                before -> 'pre_enrollment' as was, after -> 'pre_enrollment' as became
            from matricula_journalentry
            where subject in ('course_enrollment', 'pre_enrollment') and (before ? 'v' or after ? 'v')
                and (before ? 'pre_enrollment' or after ? 'pre_enrollment')
    ) entries
) steps
where not recorded
    and (account_id is null or was is distinct from left_to_account)
    and (address is null or was is distinct from left_to_address);

-- _INVITATIONS()
with entries as (
        select id, transition = 'recorded' as recorded, course_id, account_id, lower(email collate "C") as address,
            before -> 'pre_enrollment' as was, after -> 'pre_enrollment' as became
        from matricula_journalentry
        where subject in ('course_enrollment', 'pre_enrollment') and (before ? 'v' or after ? 'v')
            and (before ? 'pre_enrollment' or after ? 'pre_enrollment')
)
select 'course ' || course_id || coalesce(', account ' || nullif(account_id, 0), ', an address') from (
    select distinct on (course_id, account_id, address) course_id, account_id, address, became from (
        select id, course_id, account_id, '' as address,
            case when (became -> 'bound')::boolean then became - 'bound' end as became
        from entries where account_id is not null
        union all
        select id, course_id, 0, address, case when not (became -> 'bound')::boolean then became - 'bound' end
        from entries where address is not null
    ) touched order by course_id, account_id, address, id desc
) journal
full join (
    select course_id, coalesce(account_id, 0) as account_id, case when account_id is null then email_key else '' end
        as address, jsonb_build_object('mode', mode, 'auto_enroll', auto_enroll) as stored
    from matricula_preenrollment
) invitations using (course_id, account_id, address)
where became is distinct from stored;

-- _DAYS(course)
select 'course ' || course_id || ', ' || day from (
    select
        course_id, (at at time zone 'UTC')::date as day,
        count(*) filter (where transition like '%% to enrolled' and transition <> 'from enrolled to enrolled') as came,
        count(*) filter (where transition like 'from enrolled to %%' and transition <> 'from enrolled to enrolled')
            as went,
        min(id) as first_id, max(id) as last_id
    from matricula_journalentry
    where subject = 'course_enrollment' and program_id is null and account_id is not null
    group by 1, 2
) j
join (select course_id, max(day) as last from matricula_rosterday group by 1) kept using (course_id)
left join matricula_rosterday r using (course_id, day)
where day <= last and (j.came, j.went, j.first_id, j.last_id)
    is distinct from (r.came, r.went, r.first_id, r.last_id);

-- _DAYS(program)
select 'program ' || program_id || ', ' || day from (
    select
        program_id, (at at time zone 'UTC')::date as day,
        count(*) filter (where after ->> 'status' = 'enrolled' and before ->> 'status' is distinct from 'enrolled')
            as came,
        count(*) filter (where before ->> 'status' = 'enrolled' and after ->> 'status' is distinct from 'enrolled')
            as went,
        min(id) as first_id, max(id) as last_id
    from matricula_journalentry
    where subject = 'program_enrollment'
    group by 1, 2
) j
join (select program_id, max(day) as last from matricula_programday group by 1) kept using (program_id)
left join matricula_programday r using (program_id, day)
where day <= last and (j.came, j.went, j.first_id, j.last_id)
    is distinct from (r.came, r.went, r.first_id, r.last_id);

-- _DAYS(students)
select 'program ' || program_id || ', ' || day from (
    select
        program_id, (at at time zone 'UTC')::date as day,
        count(*) filter (where before ->> 'status' is null and after ->> 'status' is not null) as came,
        count(*) filter (where before ->> 'status' is not null and after ->> 'status' is null) as went,
        min(id) as first_id, max(id) as last_id
    from matricula_journalentry
    where subject = 'program_enrollment'
    group by 1, 2
) j
join (select program_id, max(day) as last from matricula_studentday group by 1) kept using (program_id)
left join matricula_studentday r using (program_id, day)
where day <= last and (j.came, j.went, j.first_id, j.last_id)
    is distinct from (r.came, r.went, r.first_id, r.last_id);

