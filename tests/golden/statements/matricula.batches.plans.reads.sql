-- one()
select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
    coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
    p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
    case
        when w.state in ('pending', 'running') then 'applying'
        when w.state = 'completed' then 'applied'
        when w.state is not null then w.state
        when p.canceled is not null then 'canceled'
        when j.state in ('pending', 'running') then 'planning'
        when j.state <> 'completed' then j.state
        when
            exists (
                select from matricula_planreview r
                where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
            )
            then 'rejected'
        when p.expires < now() then 'expired'
        when not p.is_held then 'ready'
        when
            (
                select count(*) from matricula_planreview r
                where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
            ) >= greatest(p.approvals, 1)
            then 'approved'
        else 'held'
    end
    as state, w.counts::text as counts
from matricula_plan p
join matricula_job j on j.id = p.job_id
left join matricula_job w on w.id = p.applied_by_id
where p.job_id = %(plan)s;

-- latest()
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(program)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.program_id = %(program)s
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(program, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.program_id = %(program)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(course)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(course, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(course, program)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and j.program_id = %(program)s
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(course, program, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and j.program_id = %(program)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, program)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.program_id = %(program)s
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, program, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.program_id = %(program)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, course)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, course, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, course, program)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and j.program_id = %(program)s
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- latest(before, course, program, some)
select * from (
    select p.job_id, j.kind, j.actor_id, j.source, j.course_id, j.program_id, p.name, p.scope, j.created, p.expires,
        coalesce(j.total, j.done), j.done, p.effects::text, p.words::text, p.limits::text, p.fingerprint, p.approvals,
        p.undo_of, p.applied_by_id, coalesce(w.error, j.error),
        case
            when w.state in ('pending', 'running') then 'applying'
            when w.state = 'completed' then 'applied'
            when w.state is not null then w.state
            when p.canceled is not null then 'canceled'
            when j.state in ('pending', 'running') then 'planning'
            when j.state <> 'completed' then j.state
            when
                exists (
                    select from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'rejected'
                )
                then 'rejected'
            when p.expires < now() then 'expired'
            when not p.is_held then 'ready'
            when
                (
                    select count(*) from matricula_planreview r
                    where r.plan_id = p.job_id and r.fingerprint = p.fingerprint and r.decision = 'approved'
                ) >= greatest(p.approvals, 1)
                then 'approved'
            else 'held'
        end
        as state, w.counts::text as counts
    from matricula_plan p
    join matricula_job j on j.id = p.job_id
    left join matricula_job w on w.id = p.applied_by_id
    where true
        and (%(actor)s::bigint is null or j.actor_id = %(actor)s)
        and j.course_id = %(course)s
        and j.program_id = %(program)s
        and (%(every_course)s and j.course_id is not null or j.course_id = any(%(courses)s)
            or j.program_id = any(%(programs)s))
        and (j.created, p.job_id) < (select b.created, b.id from matricula_job b where b.id = %(before)s)
) found
where state = any(%(states)s) and expires < coalesce(%(expires_before)s, 'infinity'::timestamptz)
order by created desc, job_id desc limit %(limit)s;

-- reviews()
select r.plan_id, a.username, r.at, r.decision, r.note, r.fingerprint = p.fingerprint
from matricula_planreview r
join matricula_plan p on p.job_id = r.plan_id
join matricula_account a on a.id = r.account_id
where r.plan_id = any(%(plans)s) order by r.id;

-- chunks()
select c.number, cardinality(c.keys), c.effects::text, coalesce(true = any(c.excluded), false), w.counts::text
from matricula_jobchunk c
left join matricula_jobchunk w on w.job_id = %(applied_by)s and w.number = c.number
where c.job_id = %(plan)s order by c.number;

