"""What the journal needs to become the first part of a partitioned one: a bound of its times, and its keys and indexes.

No one waits for it longer than for a lock that is free; all of it may run again.
"""

from django.db import migrations, models

# The table becomes the part up to a quarter's begin (UTC) that is at least a month ahead, and later than all entries.
# As a constraint that is validated, so that nothing is read under the lock of 0030.
BOUND = """
do $$
declare
    bound timestamp := date_trunc('quarter', greatest(now() + interval '1 month', max(at)) at time zone 'UTC')
        + interval '3 months' from matricula_journalentry;
begin
    alter table matricula_journalentry drop constraint if exists journal_first_part;
    execute format(
        'alter table matricula_journalentry add constraint journal_first_part check (at < %L) not valid',
        bound at time zone 'UTC'
    );
end $$
"""
UNBOUND = "alter table matricula_journalentry drop constraint if exists journal_first_part"
WITHOUT_KEY = "drop index concurrently if exists matricula_journalentry_first_pkey"
KEY = "create unique index concurrently matricula_journalentry_first_pkey on matricula_journalentry (id, at)"
WITHOUT_ORDER = "drop index concurrently if exists journal_in_order"
ORDER = "create index concurrently journal_in_order on matricula_journalentry (xact nulls first, id)"


class Migration(migrations.Migration):

    atomic = False
    # reads the whole journal
    statement_seconds = 0

    dependencies = [
        ('matricula', '0028_mail_about_plans_validated'),
    ]

    operations = [
        migrations.RunSQL([BOUND], [UNBOUND]),
        # while indexes are built, older transactions are waited for as long as they take: that holds up nothing
        migrations.RunSQL(["set lock_timeout = 0"], migrations.RunSQL.noop),
        migrations.RunSQL([WITHOUT_KEY, KEY], [WITHOUT_KEY]),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([WITHOUT_ORDER, ORDER], [WITHOUT_ORDER])],
            [
                migrations.AddIndex(
                    model_name='journalentry',
                    index=models.Index(
                        models.OrderBy(models.F('xact'), nulls_first=True), models.F('id'), name='journal_in_order'
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            ["alter table matricula_journalentry validate constraint journal_first_part"], migrations.RunSQL.noop
        ),
    ]
