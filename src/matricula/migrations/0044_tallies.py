"""Numbers that only grow, for metrics: an empty table, which takes no time."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0043_clients_by_consent'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('subject', models.TextField()),
                ('outcome', models.TextField()),
                ('total', models.BigIntegerField()),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'subject', 'outcome'), name='tally_once'),
                    models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='tally_counts_up'),
                ],
            },
        ),
    ]
