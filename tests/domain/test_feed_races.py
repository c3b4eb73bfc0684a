"""The feed while others write: each committed change once, in the order of the cursor (record-api: Feed)."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from matricula.feed.cursors import read_cursor, write_cursor
from matricula.foundation.database import fetch_all
from matricula.journal.records import (
    BEGINNING,
    JournalElsewhere,
    Position,
    PositionAhead,
    head,
    held_back_since,
    read_records,
)
from matricula.journal.servers import adopt_journal, is_elsewhere
from matricula.journal.statuses import COMMAND, Subject
from matricula.journal.writes import add_entries, entry_about, new_operation
from tests.conftest import as_superuser
from tests.domain.races import together

WRITERS, TRANSACTIONS = 8, 12
pytestmark = pytest.mark.usefixtures("_from_one")


@pytest.fixture
def _from_one(own_database: None) -> None:
    """Also where a test of before, which was undone, has used up numbers."""
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_journalentry alter id restart")


class Undone(Exception):
    """A transaction that is taken back."""


def write(count: int, *, account_id: int = 1) -> None:
    operation = new_operation(None, COMMAND)
    entry = entry_about(operation, Subject.ACCOUNT, "changed", None, None, account_id=account_id)
    add_entries(operation, [entry] * count)


def ids_in_order() -> list[int]:
    return [id_ for (id_,) in fetch_all("select id from matricula_journalentry order by xact nulls first, id", {})]


def until(is_so: Callable[[], bool]) -> None:
    """Other tests of the same server have transactions, too, and those hold back what is younger."""
    end = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def seen() -> list[int]:
    return [record.change_id for _, record in read_records(BEGINNING, limit=100).records]


@contextmanager
def elsewhere(database: str | None = None) -> Iterator[psycopg.Connection]:
    """A connection of its own, with a transaction that has a number already."""
    settings = connection.get_connection_params()
    options = {
        key: settings[key] for key in ("host", "port", "user", "password", "dbname", "options") if key in settings
    }
    with psycopg.connect(**{**options, "dbname": database or options["dbname"]}) as other:
        other.execute("select pg_current_xact_id()")
        yield other
        other.rollback()


@pytest.mark.parametrize("database", [None, "postgres"])
def test_changes_wait_for_an_older_transaction_that_still_runs_anywhere_on_the_server(database: str | None) -> None:
    write(1)
    until(lambda: seen() == [1])
    begun = head()
    with elsewhere(database):
        write(2)
        assert (seen(), head()) == ([1], begun)
        assert read_records(begun, limit=9) == ([], begun, False)
        [(at,)] = fetch_all("select at from matricula_journalentry where id = 2", {})
        assert held_back_since() == at
    until(lambda: seen() == [1, 2, 3])
    assert held_back_since() is None


def test_who_waited_for_another_to_commit_comes_behind_it_though_it_began_before() -> None:
    """As a batch does that holds some people already, and waits for one whom somebody else changes."""
    with elsewhere() as older:
        write(2)
        older.execute(
            "insert into matricula_journalentry (at, operation, subject, account_id, transition, before, after)"
            " values (now(), gen_random_uuid(), 'account', 1, 'changed', '{}', '{}')"
        )
        write(1)
        assert seen() == []
        older.commit()
    until_seen([1, 2, 3, 4])


def moved(numbers_ahead: int) -> None:
    """As if the journal came from a server that had counted so many transactions more, in a dump."""
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_journalentry disable trigger journal_is_append_only")
        cursor.execute(
            "update matricula_journalentry set xact = (xact::text::bigint + %s)::text::xid8", [numbers_ahead]
        )
        cursor.execute("alter table matricula_journalentry enable trigger journal_is_append_only")
        cursor.execute(
            "create or replace function matricula_journal_server() returns bigint language sql stable return 7::bigint"
        )


@pytest.fixture
def _first_server(_from_one: None) -> Iterator[None]:
    """What a move leaves behind is undone: the next test of this process has the same tables."""
    place = """select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a
        on a.attrelid = d.adrelid and a.attnum = d.adnum
        where d.adrelid = 'matricula_journalentry'::regclass and a.attname = 'xact'"""
    [(before,)] = fetch_all(place, {})
    yield
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(f"alter table matricula_journalentry alter column xact set default {before}")
        for name, value in (("offset", "0"), ("server", f"{fetch_all('select matricula_server()', {})[0][0]}")):
            cursor.execute(
                f"create or replace function matricula_journal_{name}() returns bigint language sql stable"
                f" return {value}::bigint"
            )


@pytest.mark.usefixtures("_first_server")
@pytest.mark.parametrize("ahead", [0, 3, 1_000_000])
def test_the_feed_goes_on_where_it_was_in_another_server(ahead: int) -> None:
    """Also where something was written before `matricula migrate`, and after a second move."""
    followed = [1]
    write(1)
    for _ in range(2):
        until_seen(followed)
        # where a follower of the other server was
        place = Position(head().xact + ahead, head().id)
        moved(ahead)
        with elsewhere():
            # nothing of it is final, and it has no end all the same
            write(1)
            with pytest.raises(JournalElsewhere):
                head()
        with pytest.raises(JournalElsewhere):
            read_records(place, limit=9)
        with pytest.raises(JournalElsewhere):
            head()
        with as_superuser():
            assert (adopt_journal(), adopt_journal(), is_elsewhere()) == (True, False, False)
        write(1)
        followed += [len(followed) + 1, len(followed) + 2]
        until_seen(followed)
        # what came since, and nothing else
        assert [record.change_id for _, record in read_records(place, limit=9).records] == followed[-2:]
        place = head()
        write(1)
        followed.append(len(followed) + 1)
        until_seen(followed)
        assert [record.change_id for _, record in read_records(place, limit=9).records] == followed[-1:]


@pytest.mark.usefixtures("_first_server")
def test_a_follower_ahead_of_what_was_restored_gets_an_error_also_when_the_feed_has_grown_again() -> None:
    write(1)
    until_seen([1])
    kept = head()
    write(2)
    until_seen([1, 2, 3])
    lost = head()
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_journalentry disable trigger journal_is_append_only")
        cursor.execute("delete from matricula_journalentry where id > 1")
        cursor.execute("alter table matricula_journalentry enable trigger journal_is_append_only")
        cursor.execute("alter table matricula_journalentry alter id restart with 2")
    moved(0)
    with as_superuser():
        assert adopt_journal()
    write(4)
    until_seen([1, 2, 3, 4, 5])
    with pytest.raises(PositionAhead):
        read_records(lost, limit=9)
    assert [record.change_id for _, record in read_records(kept, limit=9).records] == [2, 3, 4, 5]
    # the same numbers are given to no one else
    assert head().xact > lost.xact + 2**39


def until_seen(ids: list[int]) -> None:
    until(lambda: len(seen()) == len(ids))
    assert seen() == ids


def follow(file: Path) -> None:
    """Follows for ever: what was read and where to go on are kept together, or not at all."""
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    cursor = lines[-1].split()[0].decode() if lines else write_cursor(BEGINNING)
    whole = sum(len(line) + 1 for line in lines)
    with file.open("r+b" if file.exists() else "wb") as kept:
        kept.truncate(whole)
        kept.seek(whole)
        while True:
            records, position, more = read_records(read_cursor(cursor), limit=7)
            cursor = write_cursor(position)
            if records:
                ids = " ".join(str(record.change_id) for _, record in records)
                os.write(kept.fileno(), f"{cursor} {ids}\n".encode())
            if not more:
                time.sleep(0.002)


@contextmanager
def follower(file: Path) -> Iterator[tuple[int, Callable[[], object]]]:
    """A process that follows once it is let go."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            # the parent's, which goes on using it
            connection.connection = None
            os.read(reading, 1)
            follow(file)
        finally:
            os._exit(1)
    try:
        yield process, lambda: os.write(writing, b"x")
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)
        os.close(reading)
        os.close(writing)


def read(file: Path) -> list[int]:
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return [int(id_) for line in lines for id_ in line.split()[1:]]


def writer(number: int) -> Callable[[], None]:
    """Some transactions, the faster the lower the number; each fourth is taken back."""
    chance = random.Random(number)

    def work() -> None:
        for turn in range(TRANSACTIONS):
            with suppress(Undone), transaction.atomic():
                write(chance.randint(1, 5), account_id=number)
                time.sleep(chance.random() * 0.005 * number)
                write(chance.randint(1, 5), account_id=number)
                if turn % 4 == 3:
                    raise Undone

    return work


def test_a_follower_that_is_killed_and_started_again_has_each_committed_change_once(tmp_path: Path) -> None:
    file = tmp_path / "followed"

    def kill_and_start_again() -> None:
        until(lambda: len(read(file)) > 20)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
        begin_again()

    with follower(file) as (first, begin), follower(file) as (_, begin_again):
        begin()
        together(kill_and_start_again, *(writer(number) for number in range(1, WRITERS + 1)))
        committed = ids_in_order()
        # transactions overlapped, so that a follower of ids would have lost some
        assert committed != sorted(committed)
        until(lambda: len(read(file)) >= len(committed))
    assert read(file) == committed
