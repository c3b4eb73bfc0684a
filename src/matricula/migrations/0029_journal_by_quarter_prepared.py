"""What the journal needs to become the first part of a partitioned one: a bound of its times, and its keys and indexes.

No one waits for it longer than for a lock that is free; all of it may run again.
"""

from django.db import migrations, models
from django.db.models.functions import Lower

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
ON = "on matricula_journalentry"
# With the id, so that a page of an operation, or of an address, is read in order from each part, and from no other
# index. Those of before serve until these are built.
INDEXES = {
    "journal_in_order": f"{ON} (xact, id)",
    "journal_of_operation": f"{ON} (operation, id)",
    "journal_of_address": f"{ON} (lower(email), id) where email is not null",
}
BEFORE = {
    "journal_by_operation": f"{ON} (operation)",
    "journal_by_email": f"{ON} (lower(email)) where email is not null",
}


def _built(indexes):
    for name, what in indexes.items():
        # one that was left behind half built
        yield f"drop index concurrently if exists {name}"
        yield f"create index concurrently {name} {what}"


def _dropped(indexes):
    return [f"drop index concurrently if exists {name}" for name in indexes]


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
            [
                migrations.RunSQL(
                    [*_built(INDEXES), *_dropped(BEFORE)], [*_built(BEFORE), *_dropped(INDEXES)]
                )
            ],
            [
                migrations.AddIndex(
                    model_name='journalentry',
                    index=models.Index(fields=['xact', 'id'], name='journal_in_order'),
                ),
                migrations.RemoveIndex(model_name='journalentry', name='journal_by_operation'),
                migrations.AddIndex(
                    model_name='journalentry',
                    index=models.Index(fields=['operation', 'id'], name='journal_of_operation'),
                ),
                migrations.RemoveIndex(model_name='journalentry', name='journal_by_email'),
                migrations.AddIndex(
                    model_name='journalentry',
                    index=models.Index(
                        Lower('email'), models.F('id'), name='journal_of_address',
                        condition=models.Q(('email__isnull', False)),
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            ["alter table matricula_journalentry validate constraint journal_first_part"], migrations.RunSQL.noop
        ),
    ]
