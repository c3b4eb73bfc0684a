"""Days of programs that are over: a table that fills itself, as that of rosters (0031)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0056_rosters_by_date'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProgramDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('came', models.BigIntegerField()),
                ('went', models.BigIntegerField()),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('program', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('program', 'day'), name='program_day_once')],
            },
        ),
    ]
