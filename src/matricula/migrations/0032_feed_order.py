"""The order of the feed: which rows of the journal are final, and how it goes on in another server."""

from django.db import migrations

# The number of a new row: that of its transaction, or the highest that had ended when the row was written, where that is
# higher. So who waited for another to commit comes behind it, though it may have begun before.
PLACE = """
alter table matricula_journalentry alter column xact set default greatest(
    pg_current_xact_id(), ((pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text)::xid8);
"""
PLACE_OF_BEFORE = "alter table matricula_journalentry alter column xact set default pg_current_xact_id();"
# Servers number transactions, each by itself. A dump that is restored into another server meets smaller numbers there:
# the offset makes up for that, and the identifier says for which server it does. Both functions are replaced by
# `matricula migrate` (journal/servers.py), and by nothing else.
ORDER = """
create function matricula_journal_offset() returns bigint language sql stable parallel safe return 0::bigint;

create function matricula_journal_horizon() returns xid8 language sql stable parallel safe
    return ((pg_snapshot_xmin(pg_current_snapshot())::text::bigint + matricula_journal_offset())::text)::xid8;

create function matricula_server() returns bigint language plpgsql stable as $$
begin
    return (select system_identifier from pg_control_system());
exception when insufficient_privilege then
    return 0;
end $$;

do $$ begin
    execute format(
        'create function matricula_journal_server() returns bigint language sql stable parallel safe return %s::bigint',
        matricula_server());
end $$;

create function matricula_journal_is_elsewhere() returns boolean language sql stable
    return 0 not in (matricula_journal_server(), matricula_server()) and matricula_journal_server() <> matricula_server();
"""
# The planner takes what comes behind a place for few rows: in a transaction of a million, and where the figures are older
# than the rows. It would sort all of them for each page. So sorting is out of the question here: the indexes of the
# parts are in order, and are merged. One plan for all places: making one takes longer than a page without changes.
SLICES = """
create function matricula_journal_after(number xid8, entry bigint, looked integer)
    returns setof matricula_journalentry language sql stable
    set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off
    set plan_cache_mode = force_generic_plan as $$
    select * from matricula_journalentry e
    where (e.xact, e.id) > (number, entry) and e.xact < matricula_journal_horizon()
    order by e.xact, e.id limit looked
$$;

create function matricula_journal_early(entry bigint, looked integer)
    returns setof matricula_journalentry language sql stable
    set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off
    set plan_cache_mode = force_generic_plan as $$
    select * from matricula_journalentry e where e.xact is null and e.id > entry
    order by e.xact, e.id limit looked
$$;

create function matricula_journal_head() returns setof matricula_journalentry language sql stable
    set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off
    set plan_cache_mode = force_generic_plan as $$
    (select * from matricula_journalentry e where e.xact < matricula_journal_horizon()
     order by e.xact desc, e.id desc limit 1)
    union all
    (select * from matricula_journalentry e where e.xact is null order by e.xact desc, e.id desc limit 1)
    limit 1
$$;
"""
WITHOUT_SLICES = """
drop function matricula_journal_head();
drop function matricula_journal_early(bigint, integer);
drop function matricula_journal_after(xid8, bigint, integer);
"""
REVERSE = """
drop function matricula_journal_is_elsewhere();
drop function matricula_journal_server();
drop function matricula_server();
drop function matricula_journal_horizon();
drop function matricula_journal_offset();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0031_history'),
    ]

    operations = [
        migrations.RunSQL(PLACE, PLACE_OF_BEFORE),
        migrations.RunSQL(ORDER, REVERSE),
        migrations.RunSQL(SLICES, WITHOUT_SLICES),
    ]
