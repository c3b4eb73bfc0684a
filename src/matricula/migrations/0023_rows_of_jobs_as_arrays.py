"""Rows of jobs as arrays, and the slices and the work table of large ones. Rows of before stay as they are, and are read."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# what a large job is just working on: rows with what was found of the person whom each names. Unlogged: after a crash
# it is empty, and made again from the job's chunks (matricula/batches/engine.py)
WORK = """
create unlogged table matricula_jobwork (
    job_id uuid not null,
    -- from 1: people who can be written set by set; from -1 down: those who are looked at one by one; 0: not yet known
    slice integer not null,
    -- the row's place in the job, from 1
    number integer not null,
    key text not null,
    -- the account or the row of the program that the key names, and the account's generation
    held bigint,
    generation integer,
    standing text not null,
    ask text not null,
    reason text
);
create index job_work_of_slice on matricula_jobwork (job_id, slice);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0022_what_stood_before'),
    ]

    operations = [
        *(
            migrations.AddField(model_name='jobchunk', name=name, field=field)
            for name, field in {
                'version': models.SmallIntegerField(null=True),
                'keys': django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
                'asks': django.contrib.postgres.fields.ArrayField(base_field=models.TextField(null=True), null=True, size=None),
                'reasons': django.contrib.postgres.fields.ArrayField(base_field=models.TextField(null=True), null=True, size=None),
                'numbers': django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
                'rejected': models.JSONField(null=True),
                'outcomes': models.JSONField(null=True),
                'codes': django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None),
                'counts': models.JSONField(null=True),
            }.items()
        ),
        migrations.AlterField(model_name='jobchunk', name='input', field=models.JSONField(null=True)),
        migrations.CreateModel(
            name='JobSlice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('rows', models.PositiveIntegerField()),
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('outcomes', models.JSONField(null=True)),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.job')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('job', 'number'), name='job_slice_once')]},
        ),
        migrations.RunSQL(WORK, "drop table matricula_jobwork"),
    ]
