"""Days of the students of programs: a table that fills itself, as that of programs (0057)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0063_index_of_superusers'),
    ]

    operations = [
        migrations.CreateModel(
            name='StudentDay',
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
                'constraints': [models.UniqueConstraint(fields=('program', 'day'), name='student_day_once')],
            },
        ),
    ]
