"""Answers to changes, kept for clients that send them again. The table is new: nothing waits."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0041_logins_at_providers'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredAnswer',
            fields=[
                ('identity', models.BinaryField(primary_key=True, serialize=False)),
                ('request', models.BinaryField()),
                ('account_id', models.BigIntegerField()),
                ('operation', models.UUIDField()),
                ('status', models.PositiveSmallIntegerField()),
                ('answer', models.BinaryField()),
                ('rights', models.JSONField()),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['expires'], name='stored_answer_by_end')],
                'constraints': [
                    models.CheckConstraint(
                        condition=models.Q(('status__gte', 200), ('status__lt', 500), models.Q(('status__in', [401, 403, 429]), _negated=True)),
                        name='stored_answer_is_kept',
                    ),
                    models.CheckConstraint(condition=models.Q(('expires__gt', models.F('created'))), name='stored_answer_expires'),
                ],
            },
        ),
    ]
