import django.db.models.deletion
from django.db import migrations, models

# Statements and not rows: a chunk of an import costs a few inserts. Only inserts, so that no two writers ever wait for
# one counter. The shared lock keeps a block from being split between our look at its start and our commit.
COUNT_THE_ROSTER = """
create function matricula_count_roster() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        perform pg_advisory_xact_lock_shared(7304, c.stripe)
        from (select distinct (course_id % 256)::int as stripe from new_rows order by 1) c;
        insert into matricula_rostercount (course_id, block, is_active, mode, seats)
        select n.course_id, coalesce((
            select b.start from matricula_rosterblock b where b.course_id = n.course_id and b.start <= n.username_key
            order by b.start desc limit 1
        ), ''), n.is_active, n.mode, count(*) from new_rows n group by 1, 2, 3, 4;
    end if;
    if tg_op <> 'INSERT' then
        perform pg_advisory_xact_lock_shared(7304, c.stripe)
        from (select distinct (course_id % 256)::int as stripe from old_rows order by 1) c;
        insert into matricula_rostercount (course_id, block, is_active, mode, seats)
        select o.course_id, coalesce((
            select b.start from matricula_rosterblock b where b.course_id = o.course_id and b.start <= o.username_key
            order by b.start desc limit 1
        ), ''), o.is_active, o.mode, -count(*) from old_rows o group by 1, 2, 3, 4;
    end if;
    return null;
end $$;
create function matricula_forget_roster_counts() returns trigger language plpgsql as $$
begin
    delete from matricula_rostercount;
    delete from matricula_rosterblock;
    return null;
end $$;
create trigger roster_counts_inserts after insert on matricula_courseenrollment
    referencing new table as new_rows for each statement execute function matricula_count_roster();
create trigger roster_counts_updates after update on matricula_courseenrollment
    referencing old table as old_rows new table as new_rows for each statement execute function matricula_count_roster();
create trigger roster_counts_deletes after delete on matricula_courseenrollment
    referencing old table as old_rows for each statement execute function matricula_count_roster();
create trigger roster_counts_truncates after truncate on matricula_courseenrollment
    for each statement execute function matricula_forget_roster_counts();
insert into matricula_rostercount (course_id, block, is_active, mode, seats)
    select course_id, '', is_active, mode, count(*) from matricula_courseenrollment group by 1, 3, 4;
alter table matricula_rostercount set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
"""
FORGET_THE_COUNTS = """
drop trigger roster_counts_inserts on matricula_courseenrollment;
drop trigger roster_counts_updates on matricula_courseenrollment;
drop trigger roster_counts_deletes on matricula_courseenrollment;
drop trigger roster_counts_truncates on matricula_courseenrollment;
drop function matricula_count_roster();
drop function matricula_forget_roster_counts();
"""


def _course() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="matricula.course",
    )


class Migration(migrations.Migration):
    dependencies = [("matricula", "0004_journal_of_schedules")]
    operations = [
        migrations.CreateModel(
            name="RosterBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.TextField(db_collation="C")),
                ("course", _course()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("course", "start"), name="roster_block_once")],
            },
        ),
        migrations.CreateModel(
            name="RosterCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("block", models.TextField(db_collation="C")),
                ("is_active", models.BooleanField()),
                ("mode", models.TextField()),
                ("seats", models.IntegerField()),
                ("course", _course()),
            ],
            options={"indexes": [models.Index(fields=["course"], name="roster_counts")]},
        ),
        migrations.RunSQL(COUNT_THE_ROSTER, FORGET_THE_COUNTS),
    ]
