import django.db.models.deletion
from django.db import migrations, models

# As the counts of rosters (0005): for statements and not for rows, and only inserts, so that no writer waits for
# another. A row in a course run has no program of its own. One whose student is deleted before it, in the same
# transaction, is uncounted with the student; then its own statement finds none, and uncounts nothing.
COUNT_THE_STUDENTS = """
create function matricula_count_students() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into matricula_studentcount (program_id, status, is_linked, students)
        select n.program_id, n.status, n.account_id is not null, count(*) from new_rows n group by 1, 2, 3;
    elsif tg_op = 'UPDATE' then
        insert into matricula_studentcount (program_id, status, is_linked, students)
        select c.program_id, c.status, c.is_linked, sum(c.students) from (
            select n.program_id, n.status, n.account_id is not null as is_linked, 1 as students from new_rows n
            union all select o.program_id, o.status, o.account_id is not null, -1 from old_rows o
        ) c group by 1, 2, 3 having sum(c.students) <> 0;
    else
        insert into matricula_studentcount (program_id, status, is_linked, students)
        select o.program_id, o.status, o.account_id is not null, -count(*) from old_rows o group by 1, 2, 3;
        insert into matricula_studentcount (program_id, course_id, status, students)
        select o.program_id, c.course_id, c.status, -count(*)
        from old_rows o join matricula_programcourseenrollment c on c.program_enrollment_id = o.id group by 1, 2, 3;
    end if;
    return null;
end $$;
create function matricula_count_students_in_courses() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into matricula_studentcount (program_id, course_id, status, students)
        select p.program_id, n.course_id, n.status, count(*)
        from new_rows n join matricula_programenrollment p on p.id = n.program_enrollment_id group by 1, 2, 3;
    elsif tg_op = 'UPDATE' then
        insert into matricula_studentcount (program_id, course_id, status, students)
        select p.program_id, c.course_id, c.status, sum(c.students) from (
            select n.program_enrollment_id, n.course_id, n.status, 1 as students from new_rows n
            union all select o.program_enrollment_id, o.course_id, o.status, -1 from old_rows o
        ) c join matricula_programenrollment p on p.id = c.program_enrollment_id
        group by 1, 2, 3 having sum(c.students) <> 0;
    else
        insert into matricula_studentcount (program_id, course_id, status, students)
        select p.program_id, o.course_id, o.status, -count(*)
        from old_rows o join matricula_programenrollment p on p.id = o.program_enrollment_id group by 1, 2, 3;
    end if;
    return null;
end $$;
create function matricula_forget_student_counts() returns trigger language plpgsql as $$
begin
    delete from matricula_studentcount where tg_relid = 'matricula_programenrollment'::regclass or course_id is not null;
    return null;
end $$;
create trigger student_counts_inserts after insert on matricula_programenrollment
    referencing new table as new_rows for each statement execute function matricula_count_students();
create trigger student_counts_updates after update on matricula_programenrollment
    referencing old table as old_rows new table as new_rows for each statement
    execute function matricula_count_students();
create trigger student_counts_deletes after delete on matricula_programenrollment
    referencing old table as old_rows for each statement execute function matricula_count_students();
create trigger student_counts_truncates after truncate on matricula_programenrollment
    for each statement execute function matricula_forget_student_counts();
create trigger student_course_counts_inserts after insert on matricula_programcourseenrollment
    referencing new table as new_rows for each statement execute function matricula_count_students_in_courses();
create trigger student_course_counts_updates after update on matricula_programcourseenrollment
    referencing old table as old_rows new table as new_rows for each statement
    execute function matricula_count_students_in_courses();
create trigger student_course_counts_deletes after delete on matricula_programcourseenrollment
    referencing old table as old_rows for each statement execute function matricula_count_students_in_courses();
create trigger student_course_counts_truncates after truncate on matricula_programcourseenrollment
    for each statement execute function matricula_forget_student_counts();
alter table matricula_studentcount set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
"""
FORGET_THE_COUNTS = """
drop trigger student_counts_inserts on matricula_programenrollment;
drop trigger student_counts_updates on matricula_programenrollment;
drop trigger student_counts_deletes on matricula_programenrollment;
drop trigger student_counts_truncates on matricula_programenrollment;
drop trigger student_course_counts_inserts on matricula_programcourseenrollment;
drop trigger student_course_counts_updates on matricula_programcourseenrollment;
drop trigger student_course_counts_deletes on matricula_programcourseenrollment;
drop trigger student_course_counts_truncates on matricula_programcourseenrollment;
drop function matricula_count_students();
drop function matricula_count_students_in_courses();
drop function matricula_forget_student_counts();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0053_indexes_of_mail'),
    ]

    operations = [
        migrations.CreateModel(
            name='StudentCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.TextField()),
                ('is_linked', models.BooleanField(null=True)),
                ('students', models.IntegerField()),
                ('course', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.course')),
                ('program', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.program')),
            ],
            options={
                'indexes': [models.Index(fields=['program', 'course'], name='student_counts')],
            },
        ),
        migrations.RunSQL(COUNT_THE_STUDENTS, FORGET_THE_COUNTS),
    ]
