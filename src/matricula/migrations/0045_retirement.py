"""Retirement: its requests, the digests of entries that it changes, marks of snapshots; and the way past the triggers.

New tables and two nullable columns: nothing waits.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

# What is append-only may be changed by the owner of the tables (and superusers), in a transaction that says what for.
# The application's role has no right to update these tables at all.
IS_RETIRING = """
create function matricula_is_retiring(changed oid) returns boolean language sql stable as $$
    select coalesce(current_setting('matricula.retiring', true), '') = 'on'
        and pg_has_role(current_user, (select relowner from pg_class where oid = changed), 'member')
$$;
"""
_GUARDS = {
    "matricula_journal_is_append_only": "journal_is_append_only: the journal is only ever added to (% refused)",
    "matricula_operations_are_kept": "operations_are_kept: of an operation only its end is added (% refused)",
    "matricula_disclosures_are_kept": "disclosures_are_kept: of a disclosure only its end is added (% refused)",
    "matricula_snapshots_are_append_only": "snapshots_are_append_only: a snapshot is never changed (% refused)",
}
_RAISE = "raise exception '{}', tg_op using errcode = 'restrict_violation';"
GUARDS = "".join(
    f"""
create or replace function {name}() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and matricula_is_retiring(tg_relid) then
        return new;
    end if;
    {_RAISE.format(words)}
end $$;
"""
    for name, words in _GUARDS.items()
)
GUARDS_OF_BEFORE = "".join(
    f"create or replace function {name}() returns trigger language plpgsql as $$ begin {_RAISE.format(words)} end $$;"
    for name, words in _GUARDS.items()
)
REDACTIONS_ARE_KEPT = """
create function matricula_redactions_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'redactions_are_append_only: digests are only ever added (% refused)', tg_op
        using errcode = 'restrict_violation';
end $$;
create trigger redactions_are_append_only before update or delete or truncate on matricula_journalredaction
    for each statement execute function matricula_redactions_are_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0044_tallies'),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalRedaction',
            fields=[
                ('entry_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('digest', models.BinaryField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('operation', models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name='Retirement',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('account_id', models.BigIntegerField(null=True)),
                ('code', models.TextField()),
                ('state', models.TextField()),
                ('requested', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_id', models.BigIntegerField(null=True)),
                ('reason', models.TextField(null=True)),
                ('operation', models.UUIDField(null=True)),
                ('traces', models.JSONField(null=True)),
                ('begun', models.DateTimeField(null=True)),
                ('finished', models.DateTimeField(null=True)),
                ('replaced', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['requested', 'id'], name='retirement_by_time')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done'])), name='retirement_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('finished__isnull', False), ('traces__isnull', True)), _connector='OR'), name='retirement_done_without_traces'),
                    models.UniqueConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('account_id__isnull', False)), fields=('account_id',), name='retirement_unfinished_once'),
                ],
            },
        ),
        migrations.AddField(model_name='snapshot', name='redacted', field=models.DateTimeField(null=True)),
        migrations.AddField(model_name='snapshot', name='redacted_digest', field=models.TextField(null=True)),
        migrations.RunSQL(REDACTIONS_ARE_KEPT, "drop trigger redactions_are_append_only on matricula_journalredaction; drop function matricula_redactions_are_append_only();"),
        migrations.RunSQL(IS_RETIRING + GUARDS, GUARDS_OF_BEFORE + "drop function matricula_is_retiring;"),
    ]
