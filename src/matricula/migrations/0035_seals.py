"""Seals of the journal (record-api: Evidence). The table is new: nothing waits."""

import django.db.models.functions.datetime
from django.db import migrations, models

SEALS_ARE_KEPT = """
create function matricula_seals_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'seals_are_append_only: seals are only ever added (% refused)', tg_op
        using errcode = 'restrict_violation';
end $$;
create trigger seals_are_append_only before update or delete or truncate on matricula_seal
    for each statement execute function matricula_seals_are_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0034_disclosures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('first_change_id', models.BigIntegerField()),
                ('last_xact', models.BigIntegerField()),
                ('last_change_id', models.BigIntegerField()),
                ('changes', models.PositiveIntegerField()),
                ('digest', models.BinaryField()),
                ('earliest', models.DateTimeField()),
                ('latest', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='seal_by_time')],
                'constraints': [models.UniqueConstraint(fields=('last_xact', 'last_change_id'), name='seal_once'), models.CheckConstraint(condition=models.Q(('changes__gt', 0)), name='seal_has_changes')],
            },
        ),
        migrations.RunSQL(
            SEALS_ARE_KEPT,
            "drop trigger seals_are_append_only on matricula_seal; drop function matricula_seals_are_append_only();",
        ),
    ]
