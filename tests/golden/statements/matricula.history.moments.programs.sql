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
select total.count, page.* from (select count(*) as count from roster) total left join (
    select r.id, r.student_key, r.status, r.username, r.key from roster r
    order by r.key limit %(limit)s
) page on true order by page.key;

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
select total.count, page.* from (select count(*) as count from roster) total left join (
    select r.id, r.student_key, r.status, r.username, r.key from roster r
    where r.key > (
        select lower(student_key collate "C") from matricula_journalentry where id = %(after)s and program_id = %(program)s
            and subject = 'program_enrollment'
    )
    order by r.key limit %(limit)s
) page on true order by page.key;

-- exported(by_bytes)
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

-- exported(by_bytes, nameless)
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

-- exported(by_key)
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

-- exported(by_key, nameless)
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
select lower(student_key collate "C") from matricula_journalentry where id = %(after)s and program_id = %(program)s
    and subject = 'program_enrollment';

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

