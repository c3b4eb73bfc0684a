from django.db import migrations

# Only INSERT and SELECT: whoever wants to change history must first take this trigger away by hand.
JOURNAL_IS_APPEND_ONLY = """
create function matricula_journal_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'journal_is_append_only: the journal is only ever added to (% refused)', tg_op
        using errcode = 'restrict_violation';
end $$;
create trigger journal_is_append_only before update or delete or truncate on matricula_journalentry
    for each statement execute function matricula_journal_is_append_only();
"""

# The roster is read in the order of usernames without joining accounts; PostgreSQL itself follows a renamed account.
ROSTER_FOLLOWS_USERNAMES = """
alter table matricula_courseenrollment add constraint enrollment_roster_name
    foreign key (account_id, username_key) references matricula_account (id, username_key) on update cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("matricula", "0001_initial")]
    operations = [
        migrations.RunSQL(
            JOURNAL_IS_APPEND_ONLY,
            "drop trigger journal_is_append_only on matricula_journalentry;"
            "drop function matricula_journal_is_append_only();",
        ),
        migrations.RunSQL(
            ROSTER_FOLLOWS_USERNAMES,
            "alter table matricula_courseenrollment drop constraint enrollment_roster_name;",
        ),
    ]
