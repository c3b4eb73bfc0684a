-- Snapshots as they are found and listed. How statements are written here: matricula/foundation/statements.py.

-- piece: snapshot
select s.id, s.course_id, s.program_id, s.as_of, s.name, s.count, s.digest, a.username, s.operation, s.created, s.file,
    s.redacted
from matricula_snapshot s left join matricula_account a on a.id = s.actor_id

-- statement: one
--> snapshot
where s.id = %(id)s

-- statement: latest
-- maybe: course
-- maybe: program
-- maybe: before
--> snapshot
where (s.course_id is not null and (%(every_course)s or s.course_id = any(%(courses)s))
        or s.program_id is not null and (%(every_program)s or s.program_id = any(%(programs)s)))
    and s.course_id = %(course)s  --? course
    and s.program_id = %(program)s  --? program
    and (s.created, s.id) < (select b.created, b.id from matricula_snapshot b where b.id = %(before)s)  --? before
order by s.created desc, s.id desc limit %(limit)s
