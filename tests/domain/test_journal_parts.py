"""The journal has a part for each quarter: made ahead, none refused, detached and attached again."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import Error, ProgrammingError, connection, models, transaction
from django.db.migrations.state import ProjectState

from matricula.cli.ownership import DECLARED
from matricula.foundation.database import fetch_all
from matricula.foundation.postgresql.concurrently import AddIndexConcurrently, RemoveIndexConcurrently
from matricula.foundation.postgresql.roles import grant_rights, list_role_problems
from matricula.history.integrity import list_differences
from matricula.journal.parts import analyze_journal, find_part_problems, make_parts
from matricula.journal.reads import list_history
from matricula.models import JournalEntry
from matricula.worker.tasks import tend_journal
from tests.conftest import ROLE, World, as_superuser
from tests.domain.races import held_up
from tests.journal import record_setting

ENTRY = """
with o as (
    insert into matricula_operation (id, kind, source) values (gen_random_uuid(), 'request', 'command') returning id
)
insert into matricula_journalentry (operation, subject, account_id, course_id, transition, before, after, at)
select id, 'course_enrollment', 1, 1, 'x', '{}', '{}', %s::timestamptz from o returning id, tableoid::regclass::text
"""
REST = "matricula_journalentry_default"
FIRST = "matricula_journalentry_first"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def add(at: str) -> str:
    """Adds an entry of this time; the part in which it is."""
    [(_, part)] = fetch_all(ENTRY, [at])
    return str(part)


def ids() -> list[int]:
    return sorted(JournalEntry.objects.values_list("id", flat=True))


def test_parts_are_made_ahead_by_a_role_that_owns_nothing(db: None) -> None:
    made = make_parts()
    assert made in (1, 2)
    tend_journal(0)
    assert make_parts() == 0
    assert find_part_problems() == (False, False)
    [(ahead,)] = fetch_all("select max(upper) > now() + interval '6 months' from matricula_journal_parts()", [])
    assert ahead
    guarded = "select count(*) from pg_trigger where tgname = 'journal_is_append_only'"
    [(triggers,)] = fetch_all(guarded, [])
    assert triggers == 1 + 2 + made
    # read and added to through the journal alone
    assert list_role_problems(DECLARED) == []
    for statement in ("table matricula_journalentry_first", "select matricula_make_journal_part('mine', 'default')"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run(statement)


def test_an_entry_of_any_time_is_taken(db: None) -> None:
    make_parts()
    with transaction.atomic():
        assert [add("1999-01-01"), add("2999-01-01")] == [FIRST, REST]
        assert find_part_problems() == (False, True)
        transaction.set_rollback(True)
    # what was rolled back takes room, and is no entry
    assert find_part_problems() == (False, False)
    assert add("2999-01-01") == REST
    analyze_journal()


def test_entries_for_which_no_part_was_made_get_one(db: None) -> None:
    """As where no worker has run for a year."""
    with as_superuser():
        run(f"alter table matricula_journalentry detach partition {FIRST}")
    assert add("now") == REST
    before = ids()
    assert find_part_problems() == (True, True)
    assert make_parts() == 3
    assert find_part_problems() == (False, False)
    assert ids() == before
    assert add("now").startswith("matricula_journalentry_20")
    assert make_parts() == 0


def test_entries_on_both_sides_of_a_part_stay_where_they_are(db: None) -> None:
    make_parts()
    with as_superuser():
        run(f"alter table matricula_journalentry detach partition {FIRST}")
    assert [add("now"), add("2999-01-01")] == [REST, REST]
    assert make_parts() == 0
    assert len(ids()) == 2


def test_a_part_is_detached_and_attached_again_as_the_manual_says(world: World) -> None:
    section = OPERATIONS.read_text().partition("## Quarters of the journal")[2].partition("\n## ")[0]
    # all that made this world happened in the present quarter
    [(name, low, high)] = fetch_all(
        """
        select 'matricula_journalentry_' || to_char(low, 'YYYY"q"Q'), low::date::text,
            (low + interval '3 months')::date::text
        from date_trunc('quarter', now() at time zone 'UTC') low
        """,
        [],
    )
    renamed = {"matricula_journalentry_2026q4": name, "2026-10-01": low, "2027-01-01": high}
    section = re.sub("|".join(renamed), lambda found: renamed[found[0]], section)
    detaching, attaching = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    record_setting()
    with as_superuser():
        run(
            f"alter table matricula_journalentry detach partition {FIRST}",
            f"alter table {FIRST} rename to {name}",
            f"alter table matricula_journalentry attach partition {name} "
            f"for values from ('{low} 00:00+00') to ('{high} 00:00+00')",
        )
    kept, history = ids(), list_history(limit=50, programs=None)
    assert kept and history and list(list_differences()) == []
    with as_superuser():
        run(detaching)
        # it is still guarded, and no one's but the owner's
        for statement in (f"truncate {name}", f"alter table {name} rename to gone; truncate gone"):
            with pytest.raises(Error, match="journal_is_append_only"), transaction.atomic():
                run(statement)
        grant_rights(ROLE, DECLARED)
    assert ids() == [] == list_history(limit=50, programs=None)
    assert "accounts differ from what the journal tells last" in {difference.what for difference in list_differences()}
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(f"table {name}")
    with as_superuser():
        run(attaching)
    assert ids() == kept and list_history(limit=50, programs=None) == history
    assert list(list_differences()) == []
    assert list_role_problems(DECLARED) == []


def test_going_back_and_forth_keeps_every_entry_and_the_next_number(db: None) -> None:
    back = import_module("matricula.migrations.0029_journal_by_quarter_prepared")
    forth = import_module("matricula.migrations.0030_journal_by_quarter")
    later = import_module("matricula.migrations.0032_feed_order")
    make_parts()
    parts = [add("2026-01-01"), add("2099-01-01")]
    kept = ids()
    indexes = "select indexrelid::regclass::text from pg_index where indrelid = 'matricula_journalentry'::regclass"
    indexed = sorted(fetch_all(indexes, []))
    with as_superuser():
        run(later.WITHOUT_SLICES, later.REVERSE, later.PLACE_OF_BEFORE)
        run(forth.TOGETHER, forth.CHANGES)
        grant_rights(ROLE, DECLARED)
        assert ids() == kept and sorted(fetch_all(indexes, [])) == indexed
        assert add("2026-01-01") == "matricula_journalentry"
        run(back.BOUND, back.KEY.replace("concurrently", ""))
        run("alter table matricula_journalentry validate constraint journal_first_part")
        run(forth.PARTITIONED, forth.CHANGES)
        run(later.PLACE, later.ORDER, later.SLICES)
        assert sorted(fetch_all(indexes, [])) == indexed
    # the rights are those of before
    assert add("2026-01-01") == FIRST
    assert parts == [FIRST, REST]
    assert ids() == [*kept, kept[-1] + 1, kept[-1] + 2]


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ("(xact, id) > ('7'::xid8, 7) and xact < '9'::xid8", "xact, id"),
        ("xact < '9'::xid8", "xact desc, id desc"),
        ("operation = gen_random_uuid() and id > 7", "id"),
        ("lower(email) = 'sam@example.org'", "id desc"),
    ],
)
def test_entries_are_read_in_order_from_each_part(db: None, wanted: str, order: str) -> None:
    """Else all that fit are sorted for each page, or all entries there are looked at in the order of their ids."""
    make_parts()
    run("set local enable_sort = off", "set local enable_seqscan = off")
    plan = fetch_all(f"explain select * from matricula_journalentry where {wanted} order by {order} limit 9", [])  # noqa: S608
    lines = "\n".join(line for (line,) in plan)
    assert "Merge Append" in lines and "Sort  (" not in lines
    assert lines.count("Index Cond") == len(fetch_all("select from matricula_journal_parts()", []))


@pytest.mark.usefixtures("own_database")
def test_parts_are_made_once_by_two_at_once() -> None:
    made: list[int] = []
    results = held_up(lambda: made.append(make_parts()), make_parts)
    drop = "select 'drop table ' || part from matricula_journal_parts() where lower > '-infinity'"
    with as_superuser():
        run(*(statement for (statement,) in fetch_all(drop, [])))
    assert made[0] > 0 and results == [0]


@pytest.mark.usefixtures("own_database")
def test_an_index_is_built_on_each_part() -> None:
    index = models.Index(fields=["reason"], name="journal_by_reason")
    before = ProjectState.from_apps(apps)
    adding = AddIndexConcurrently("journalentry", index)
    adding.state_forwards("matricula", after := before.clone())
    removing = RemoveIndexConcurrently("journalentry", index.name)
    valid = "select count(*) from pg_index where indisvalid and indexrelid::regclass::text ~ 'journal_by_reason$'"
    with as_superuser(), connection.schema_editor(atomic=False) as editor:
        # what one that was interrupted left behind
        run("create index journal_by_reason on only matricula_journalentry (reason)")
        for built in (
            lambda: adding.database_forwards("matricula", editor, before, after),
            lambda: removing.database_backwards("matricula", editor, before, after),
        ):
            built()
            assert fetch_all(valid, []) == [(1 + len(fetch_all("select from matricula_journal_parts()", [])),)]
            removing.database_forwards("matricula", editor, after, before)
            assert fetch_all("select to_regclass('journal_by_reason') is null", []) == [(True,)]
