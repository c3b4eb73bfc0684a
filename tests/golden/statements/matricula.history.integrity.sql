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

