"""Rows of jobs as arrays, and the slices of large ones. Rows of before stay as they are, and are read."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

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
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('held', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), size=None)),
                ('generations', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(null=True), null=True, size=None)),
                ('cases', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('outcomes', models.JSONField(null=True)),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None)),
                ('counts', models.JSONField(null=True)),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.job')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('job', 'number'), name='job_slice_once')]},
        ),
    ]
