"""Counts the students that were there before the triggers of 0054."""

from django.db import migrations

# One statement sees one moment: of each row that was written meanwhile, the row itself and what a trigger counted of
# it, or neither. So what is missing is exact, and no writer waits; run again, it adds nothing.
COUNT = """
insert into matricula_studentcount (program_id, course_id, status, is_linked, students)
select program_id, course_id, status, is_linked, sum(students) from (
    select program_id, null::bigint as course_id, status, account_id is not null as is_linked, count(*) as students
    from matricula_programenrollment group by 1, 2, 3, 4
    union all
    select p.program_id, c.course_id, c.status, null::boolean, count(*)
    from matricula_programcourseenrollment c join matricula_programenrollment p on p.id = c.program_enrollment_id
    group by 1, 2, 3, 4
    union all
    select program_id, course_id, status, is_linked, -sum(students) from matricula_studentcount group by 1, 2, 3, 4
) counted group by 1, 2, 3, 4 having sum(students) <> 0
"""


class Migration(migrations.Migration):

    # reads both tables once: some seconds for a million students; holds no one up
    statement_seconds = 0

    dependencies = [
        ('matricula', '0054_student_counts'),
    ]

    operations = [
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
