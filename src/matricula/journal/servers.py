"""The feed's order in another server: a dump restored, an upgrade by pg_upgrade, a copy by logical replication.

Servers number transactions, each by itself. A restored journal has numbers that the new server has yet to reach: new
changes would come before old ones, and who follows would never see them. So an offset is added to the new server's
numbers, for good; it and the server that it is for are kept in functions, which a dump has too. Until this has run,
the journal has no order, and no one is given one (``JournalElsewhere``).
"""

from typing import Any

from django.db import connection

from matricula.foundation.transactions import one_transaction

# So many numbers are left out: who followed the other server beyond what was moved has a place that is no one's here.
_LEFT_OUT = 2**40
_IS_ELSEWHERE = "select matricula_journal_is_elsewhere()"
# What was written here before this ran: behind the last id of the last transaction elsewhere, with a number that this
# server had reached. Numbers without the offset of before.
_FACTS = """
with last as (select e.xact, max(e.id) as id from matricula_journalentry e
    where e.xact = (select max(xact) from matricula_journalentry) group by 1)
select matricula_journal_offset(), coalesce((select xact::text::bigint from last), 0),
    coalesce((select id from last), 0), pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    (select min(e.xact)::text::bigint - matricula_journal_offset() from matricula_journalentry e, last
     where e.id > last.id and e.xact::text::bigint - matricula_journal_offset()
        < pg_snapshot_xmax(pg_current_snapshot())::text::bigint),
    matricula_server()
"""
_MOVE = """
update matricula_journalentry e set xact = (e.xact::text::bigint + %(more)s)::text::xid8
where e.id > %(last)s and e.xact < ((%(next)s + %(offset)s)::text)::xid8
"""
_FUNCTION = "create or replace function {}() returns bigint language sql stable parallel safe return {}::bigint"
_DEFAULT = """
alter table matricula_journalentry alter column xact set default ((greatest(
    pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1) + {})::text)::xid8
"""
_TRIGGER = "alter table matricula_journalentry {} trigger journal_is_append_only"


def is_elsewhere() -> bool:
    """Return whether the journal was moved into this server, and ``adopt_journal`` has not run."""
    return bool(_row(_IS_ELSEWHERE)[0])


def adopt_journal() -> bool:
    """Let the feed's order go on in this server, as the owner of the tables; False where it does already."""
    if not is_elsewhere():
        return False
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute("lock table matricula_journalentry in access exclusive mode")
        offset, highest, last, next_, written, server = _row(_FACTS)
        lowest = next_ if written is None else written
        wanted = max(offset, highest + 1 - lowest) + _LEFT_OUT
        cursor.execute(_FUNCTION.format("matricula_journal_offset", int(wanted)))
        cursor.execute(_DEFAULT.format(int(wanted)))
        if written is not None:
            cursor.execute(_TRIGGER.format("disable"))
            cursor.execute(_MOVE, {"more": wanted - offset, "last": last, "next": next_, "offset": offset})
            cursor.execute(_TRIGGER.format("enable"))
        cursor.execute(_FUNCTION.format("matricula_journal_server", int(server)))
    return True


def _row(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()
