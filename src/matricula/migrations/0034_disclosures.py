"""Who got which file about people. The table is new: nothing waits."""

import django.db.models.functions.datetime
from django.db import migrations, models

# Only how one ended is added, once.
DISCLOSURES_ARE_KEPT = """
create function matricula_disclosures_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'disclosures_are_kept: of a disclosure only its end is added (% refused)', tg_op
        using errcode = 'restrict_violation';
end $$;
create trigger disclosures_are_kept before delete or truncate on matricula_disclosure
    for each statement execute function matricula_disclosures_are_kept();
create trigger disclosures_are_kept_as_they_are before update on matricula_disclosure for each row
    when (old.ended is not null or to_jsonb(old) - '{ended,rows,people,complete}'::text[]
        is distinct from to_jsonb(new) - '{ended,rows,people,complete}'::text[])
    execute function matricula_disclosures_are_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0033_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('kind', models.TextField()),
                ('source', models.TextField()),
                ('actor_id', models.BigIntegerField(null=True)),
                ('client_id', models.BigIntegerField(null=True)),
                ('os_user', models.TextField(null=True)),
                ('operation', models.UUIDField()),
                ('course_id', models.BigIntegerField(null=True)),
                ('program_id', models.BigIntegerField(null=True)),
                ('job_id', models.UUIDField(null=True)),
                ('file', models.TextField(null=True)),
                ('filters', models.JSONField(default=dict)),
                ('reason', models.TextField(null=True)),
                ('ended', models.DateTimeField(null=True)),
                ('rows', models.BigIntegerField(null=True)),
                ('people', models.BigIntegerField(null=True)),
                ('complete', models.BooleanField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('actor_id__isnull', False)), fields=['actor_id', 'id'], name='disclosure_by_actor'), models.Index(condition=models.Q(('course_id__isnull', False)), fields=['course_id', 'id'], name='disclosure_by_course'), models.Index(condition=models.Q(('program_id__isnull', False)), fields=['program_id', 'id'], name='disclosure_by_program'), models.Index(condition=models.Q(('file__isnull', False)), fields=['file', 'actor_id'], name='disclosure_by_file')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ('api', 'upload', 'console', 'command', 'sign-up', 'schedule'))), name='disclosure_source_known'), models.CheckConstraint(condition=models.Q(('kind__in', ('enrollments', 'users', 'program_enrollments', 'course_enrollments', 'student_keys', 'grades', 'journal', 'disclosures', 'plan_rows', 'operation_changes', 'rejected_rows', 'task_results', 'job_result', 'report', 'roster', 'difference', 'snapshot', 'snapshot_rows'))), name='disclosure_kind_known')],
            },
        ),
        migrations.RunSQL(
            DISCLOSURES_ARE_KEPT,
            "drop trigger disclosures_are_kept on matricula_disclosure;"
            "drop trigger disclosures_are_kept_as_they_are on matricula_disclosure;"
            "drop function matricula_disclosures_are_kept();",
        ),
    ]
