-- due()
select p.organization_id, w.id, w.student_key_folded
from (
    select e.*
    from matricula_programenrollment e
    where e.account_id is null and e.updated < now() - make_interval(days => %s) and not exists (
        select 1 from matricula_programcourseenrollment c
        where c.program_enrollment_id = e.id and c.updated >= now() - make_interval(days => %s)
    )
    order by e.id limit %s
) w
join matricula_program p on p.id = w.program_id order by p.organization_id, w.id;

-- lock()
select e.id, e.program_id, e.student_key, e.status
from matricula_programenrollment e
where e.account_id is null and e.updated < now() - make_interval(days => %s) and not exists (
    select 1 from matricula_programcourseenrollment c
    where c.program_enrollment_id = e.id and c.updated >= now() - make_interval(days => %s)
)
and e.id = any(%s) order by e.id for update;

-- count_waiting()
select count(*)
from matricula_programenrollment e
where e.account_id is null and e.updated < now() - make_interval(days => %s) and not exists (
    select 1 from matricula_programcourseenrollment c
    where c.program_enrollment_id = e.id and c.updated >= now() - make_interval(days => %s)
);

