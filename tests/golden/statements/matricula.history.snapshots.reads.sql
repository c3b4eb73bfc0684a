-- one()
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where s.id = %(id)s;

-- latest()
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
order by s.created desc, s.id desc limit %(limit)s;

-- latest(program)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.program_id = %(program)s
order by s.created desc, s.id desc limit %(limit)s;

-- latest(course)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.course_id = %(course)s
order by s.created desc, s.id desc limit %(limit)s;

-- latest(course, program)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.course_id = %(course)s
    and s.program_id = %(program)s
order by s.created desc, s.id desc limit %(limit)s;

-- latest(before)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and (s.created, s.id) < (select b.created, b.id from matricula_snapshot b where b.id = %(before)s)
order by s.created desc, s.id desc limit %(limit)s;

-- latest(before, program)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.program_id = %(program)s
    and (s.created, s.id) < (select b.created, b.id from matricula_snapshot b where b.id = %(before)s)
order by s.created desc, s.id desc limit %(limit)s;

-- latest(before, course)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.course_id = %(course)s
    and (s.created, s.id) < (select b.created, b.id from matricula_snapshot b where b.id = %(before)s)
order by s.created desc, s.id desc limit %(limit)s;

-- latest(before, course, program)
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.course_id = %(course)s
    and s.program_id = %(program)s
    and (s.created, s.id) < (select b.created, b.id from matricula_snapshot b where b.id = %(before)s)
order by s.created desc, s.id desc limit %(limit)s;

