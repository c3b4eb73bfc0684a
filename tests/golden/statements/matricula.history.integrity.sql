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

