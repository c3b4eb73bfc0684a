-- one()
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where o.id = %(operation)s;

-- latest()
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
order by o.started desc, o.id desc limit %(limit)s;

-- latest(until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(course, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(before, course, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, course, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, some)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, some, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, some, source)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- latest(actor, before, course, program, since, some, source, until)
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where true
    and (o.course_id = %(course)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.course_id = %(course)s
    ))
    and (o.program_id = %(program)s or o.course_id is null and o.program_id is null and exists (
        select from matricula_journalentry e where e.operation = o.id and e.program_id = %(program)s
    ))
    and (o.program_id = any(%(programs)s)
        or o.program_id is null and (%(every_course)s and o.course_id is not null or o.course_id = any(%(courses)s))
        or o.course_id is null and exists (
            select from matricula_journalentry e
            where e.operation = o.id and e.subject <> 'job' and
                (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                    or e.program_id = any(%(programs)s))
        ))
    and a.username_key = lower(%(actor)s collate "C")
    and o.source = %(source)s
    and o.started >= %(since)s
    and o.started < %(until)s
    and (o.started, o.id) < (select b.started, b.id from matricula_operation b where b.id = %(before)s)
order by o.started desc, o.id desc limit %(limit)s;

-- counts()
select e.operation, e.subject, count(*) from matricula_journalentry e
where e.operation = any(%(operations)s) and e.subject <> 'job'
group by 1, 2;

-- counts(some)
select e.operation, e.subject, count(*) from matricula_journalentry e
where e.operation = any(%(operations)s) and e.subject <> 'job'
    and
        (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
            or e.program_id = any(%(programs)s))
group by 1, 2;

-- undone_by()
select u.reverts, u.id, coalesce(j.options ->> 'is_partial', 'false') = 'true',
    coalesce(j.state, 'completed') = 'completed',
    exists (select from matricula_operation v where v.reverts = u.id)
from matricula_operation u left join matricula_job j on j.id = u.job_id
where u.reverts = any(%(operations)s) order by u.started, u.id;

-- changes()
select e.id, e.at, e.subject, e.account_id, p.username, coalesce(e.email, p.email), e.student_key, c.key, g.key,
    e.transition, e.before::text, e.after::text, e.reason
from matricula_change e
left join matricula_account p on p.id = e.account_id
left join matricula_course c on c.id = e.course_id
left join matricula_program g on g.id = e.program_id
where e.id = any(array(
    select e.id from matricula_journalentry e
    where e.operation = %(operation)s and e.id > %(after)s and e.subject <> 'job'
    order by e.id limit %(limit)s
))
order by e.id;

-- changes(some)
select e.id, e.at, e.subject, e.account_id, p.username, coalesce(e.email, p.email), e.student_key, c.key, g.key,
    e.transition, e.before::text, e.after::text, e.reason
from matricula_change e
left join matricula_account p on p.id = e.account_id
left join matricula_course c on c.id = e.course_id
left join matricula_program g on g.id = e.program_id
where e.id = any(array(
    select e.id from matricula_journalentry e
    where e.operation = %(operation)s and e.id > %(after)s and e.subject <> 'job'
        and
            (e.program_id is null and e.course_id is not null and (%(every_course)s or e.course_id = any(%(courses)s))
                or e.program_id = any(%(programs)s))
    order by e.id limit %(limit)s
))
order by e.id;

-- about()
select distinct operation, case when program_id is null then course_id end, program_id from matricula_journalentry
where operation = any(%(operations)s) and subject = any(%(subjects)s);

-- unknown()
select n from unnest(%(changes)s::bigint[]) n where not exists (
    select from matricula_journalentry e where e.id = n and e.operation = %(operation)s and e.subject <> 'job'
) order by n;

-- of_people()
select w.n, e.id
from unnest(%(courses)s::bigint[], %(accounts)s::bigint[], %(emails)s::text[])
    with ordinality w(course_id, account_id, email, n)
cross join lateral (
    select e.id, e.operation, e.subject, e.course_id from matricula_journalentry e where e.account_id = w.account_id
    union
    select e.id, e.operation, e.subject, e.course_id from matricula_journalentry e where lower(e.email) = w.email
) e
where e.operation = %(operation)s and e.course_id is not distinct from w.course_id and e.subject = any(%(subjects)s)
order by 1, 2;

-- of_students()
select w.n, e.id
from matricula_journalentry e
join unnest(%(courses)s::bigint[], %(keys)s::text[]) with ordinality w(course_id, key, n)
    on w.key = lower(e.student_key collate "C") and e.course_id is not distinct from w.course_id
where e.operation = %(operation)s and e.program_id = %(program)s and e.subject = any(%(subjects)s)
order by 1, 2;

-- recorded()
select o.id, o.kind, o.source, o.actor_id, a.username, o.started, o.ended, o.reason, o.course_id, o.program_id, o.job_id,
    o.file, o.reverts
from matricula_operation o left join matricula_account a on a.id = o.actor_id
where o.id = any(%(operations)s);

