-- page_now()
select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.program_id = %(program)s
order by e.student_key_folded limit %(limit)s;

-- page_now(behind_cursor)
select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
where e.program_id = %(program)s
and e.student_key_folded > (
    select lower(student_key collate "C") from matricula_journalentry
    where id = %(change)s and program_id = %(program)s and subject = 'program_enrollment'
    union all
    select student_key_folded from matricula_programenrollment where id = %(row)s and program_id = %(program)s
)
order by e.student_key_folded limit %(limit)s;

-- count_now()
select count(*) from matricula_programenrollment where program_id = %(program)s;

-- page()
with roster as materialized (
    select l.*, a.username
    from (
        select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
            j.id, j.after ->> 'status' as status,
            case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
            as account_id
        from matricula_journalentry j
        where
            j.program_id = %(program)s and j.subject = 'program_enrollment'
            and j.at <= %(at)s
        order by lower(j.student_key collate "C"), j.id desc
    ) l left join matricula_account a on a.id = l.account_id
    where l.status is not null
)
select r.id, r.student_key, r.status, r.username, r.key from roster r
order by r.key limit %(limit)s;

-- page(behind_cursor)
with roster as materialized (
    select l.*, a.username
    from (
        select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
            j.id, j.after ->> 'status' as status,
            case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
            as account_id
        from matricula_journalentry j
        where
            j.program_id = %(program)s and j.subject = 'program_enrollment'
            and j.at <= %(at)s
        order by lower(j.student_key collate "C"), j.id desc
    ) l left join matricula_account a on a.id = l.account_id
    where l.status is not null
)
select r.id, r.student_key, r.status, r.username, r.key from roster r
where r.key > (
    select lower(student_key collate "C") from matricula_journalentry
    where id = %(change)s and program_id = %(program)s and subject = 'program_enrollment'
    union all
    select student_key_folded from matricula_programenrollment where id = %(row)s and program_id = %(program)s
)
order by r.key limit %(limit)s;

-- page_of_some()
with recursive keys as (
    (
        select lower(j.student_key collate "C") as key, 1 as place from matricula_journalentry j
        where
            j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
        order by lower(j.student_key collate "C") limit 1
    )
    union all
    select following.key, k.place + 1 from keys k
    cross join lateral (
        select lower(j.student_key collate "C") as key from matricula_journalentry j
        where
            j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
            and lower(j.student_key collate "C") > k.key
        order by lower(j.student_key collate "C") limit 1
    ) following
    where k.place < %(keys)s
)
select total.keys, page.* from (select count(*) as keys from keys) total left join (
    select l.id, l.student_key, l.status, a.username, k.key
    from keys k
    cross join lateral (
        select j.id, j.student_key, j.after ->> 'status' as status,
            case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
            as account_id
        from (
            select j.* from matricula_journalentry j
            where
                j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
                and lower(j.student_key collate "C") = k.key and j.at <= %(at)s
            offset 0
        ) j order by j.id desc limit 1
    ) l
    left join matricula_account a on a.id = l.account_id
    where l.status is not null
    order by k.key limit %(limit)s
) page on true order by page.key;

-- page_of_some(behind_cursor)
with recursive keys as (
    (
        select lower(j.student_key collate "C") as key, 1 as place from matricula_journalentry j
        where
            j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
            and lower(j.student_key collate "C") > (
                select lower(student_key collate "C") from matricula_journalentry
                where id = %(change)s and program_id = %(program)s and subject = 'program_enrollment'
                union all
                select student_key_folded from matricula_programenrollment where id = %(row)s and program_id = %(program)s
            )
        order by lower(j.student_key collate "C") limit 1
    )
    union all
    select following.key, k.place + 1 from keys k
    cross join lateral (
        select lower(j.student_key collate "C") as key from matricula_journalentry j
        where
            j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
            and lower(j.student_key collate "C") > k.key
        order by lower(j.student_key collate "C") limit 1
    ) following
    where k.place < %(keys)s
)
select total.keys, page.* from (select count(*) as keys from keys) total left join (
    select l.id, l.student_key, l.status, a.username, k.key
    from keys k
    cross join lateral (
        select j.id, j.student_key, j.after ->> 'status' as status,
            case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
            as account_id
        from (
            select j.* from matricula_journalentry j
            where
                j.program_id is not distinct from %(program)s and j.subject = 'program_enrollment' and j.student_key is not null
                and lower(j.student_key collate "C") = k.key and j.at <= %(at)s
            offset 0
        ) j order by j.id desc limit 1
    ) l
    left join matricula_account a on a.id = l.account_id
    where l.status is not null
    order by k.key limit %(limit)s
) page on true order by page.key;

-- exported(now, by_bytes)
select {cells} from (
    select r.key, r.student_key, r.status,
    r.username
    from (
        select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
        from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
        where e.program_id = %(program)s
    ) r
) r
order by r.student_key collate "C";

-- exported(now, by_bytes, nameless)
select {cells} from (
    select r.key, r.student_key, r.status,
    null::text as username
    from (
        select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
        from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
        where e.program_id = %(program)s
    ) r
) r
order by r.student_key collate "C";

-- exported(now, by_key)
select {cells} from (
    select r.key, r.student_key, r.status,
    r.username
    from (
        select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
        from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
        where e.program_id = %(program)s
    ) r
) r
order by r.key;

-- exported(now, by_key, nameless)
select {cells} from (
    select r.key, r.student_key, r.status,
    null::text as username
    from (
        select e.id, e.student_key, e.status, a.username, e.student_key_folded as key
        from matricula_programenrollment e left join matricula_account a on a.id = e.account_id
        where e.program_id = %(program)s
    ) r
) r
order by r.key;

-- exported(then, by_bytes)
select {cells} from (
    select r.key, r.student_key, r.status,
    r.username
    from (
        select l.*, a.username
        from (
            select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
                j.id, j.after ->> 'status' as status,
                case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
                as account_id
            from matricula_journalentry j
            where
                j.program_id = %(program)s and j.subject = 'program_enrollment'
                and j.at <= %(at)s
            order by lower(j.student_key collate "C"), j.id desc
        ) l left join matricula_account a on a.id = l.account_id
        where l.status is not null
    ) r
) r
order by r.student_key collate "C";

-- exported(then, by_bytes, nameless)
select {cells} from (
    select r.key, r.student_key, r.status,
    null::text as username
    from (
        select l.*, a.username
        from (
            select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
                j.id, j.after ->> 'status' as status,
                case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
                as account_id
            from matricula_journalentry j
            where
                j.program_id = %(program)s and j.subject = 'program_enrollment'
                and j.at <= %(at)s
            order by lower(j.student_key collate "C"), j.id desc
        ) l left join matricula_account a on a.id = l.account_id
        where l.status is not null
    ) r
) r
order by r.student_key collate "C";

-- exported(then, by_key)
select {cells} from (
    select r.key, r.student_key, r.status,
    r.username
    from (
        select l.*, a.username
        from (
            select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
                j.id, j.after ->> 'status' as status,
                case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
                as account_id
            from matricula_journalentry j
            where
                j.program_id = %(program)s and j.subject = 'program_enrollment'
                and j.at <= %(at)s
            order by lower(j.student_key collate "C"), j.id desc
        ) l left join matricula_account a on a.id = l.account_id
        where l.status is not null
    ) r
) r
order by r.key;

-- exported(then, by_key, nameless)
select {cells} from (
    select r.key, r.student_key, r.status,
    null::text as username
    from (
        select l.*, a.username
        from (
            select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
                j.id, j.after ->> 'status' as status,
                case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
                as account_id
            from matricula_journalentry j
            where
                j.program_id = %(program)s and j.subject = 'program_enrollment'
                and j.at <= %(at)s
            order by lower(j.student_key collate "C"), j.id desc
        ) l left join matricula_account a on a.id = l.account_id
        where l.status is not null
    ) r
) r
order by r.key;

-- cursor()
select lower(student_key collate "C") from matricula_journalentry
where id = %(change)s and program_id = %(program)s and subject = 'program_enrollment'
union all
select student_key_folded from matricula_programenrollment where id = %(row)s and program_id = %(program)s;

-- lines(now)
select count(*), string_agg(line, '' order by line)
from (
    select line, (row_number() over (order by line) - 1) / %(lines)s as block
    from (
        select (r.student_key || e'\t' || r.status || e'\n') collate "C" as line
        from matricula_programenrollment r where r.program_id = %(program)s
    ) lines
) lines group by block order by block;

-- lines(then)
select count(*), string_agg(line, '' order by line)
from (
    select line, (row_number() over (order by line) - 1) / %(lines)s as block
    from (
        select (r.student_key || e'\t' || r.status || e'\n') collate "C" as line
        from (
            select l.*, a.username
            from (
                select distinct on (lower(j.student_key collate "C")) lower(j.student_key collate "C") as key, j.student_key,
                    j.id, j.after ->> 'status' as status,
                    case when j.after ? 'account_id' then (j.after ->> 'account_id')::bigint else j.account_id end
                    as account_id
                from matricula_journalentry j
                where
                    j.program_id = %(program)s and j.subject = 'program_enrollment'
                    and j.at <= %(at)s
                order by lower(j.student_key collate "C"), j.id desc
            ) l left join matricula_account a on a.id = l.account_id
            where l.status is not null
        ) r
    ) lines
) lines group by block order by block;

