"""Seals: made behind the feed, and broken by whatever is changed afterwards."""

import hashlib
from types import SimpleNamespace
from typing import cast

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate import JobContext

from matricula.cli import check
from matricula.history.seals import writes
from matricula.history.seals.reads import NOTHING, find_latest, list_seals
from matricula.history.seals.verification import verify_seals
from matricula.history.seals.writes import seal_journal
from matricula.jobs.reads import is_writing
from matricula.jobs.writes import complete_job, record_job
from matricula.journal.records import BEGINNING, digest_of, read_records
from matricula.journal.statuses import COMMAND
from matricula.journal.writes import new_operation
from matricula.models import JournalEntry, OperationRecord, Seal
from matricula.worker import tasks
from tests.conftest import World, as_superuser, make_account, wait_until_final


@pytest.fixture
def sealed(world: World, final_at_once: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three seals of some changes each; the last ones have no seal yet."""
    monkeypatch.setattr(writes, "LARGEST", 4)
    seal_journal()
    operation = new_operation(world.instructor.pk, "api", "because")
    world.enroll("sam", "staff", "new@example.org", reason="because", operation=operation)
    seal_journal()
    world.unenroll("sam")
    world.enroll("instructor", mode="verified")
    seal_journal()
    world.enroll("later")
    return world


def test_a_seal_is_made_of_the_one_before_and_all_changes_since(sealed: World) -> None:
    seals = list_seals(limit=100)
    records = [record for _, record in read_records(BEGINNING, limit=1_000).records]
    assert sum(seal.changes for seal in seals) == len(records) - 1
    before, at = NOTHING, 0
    for seal in seals:
        its = records[at : at + seal.changes]
        assert seal.digest == hashlib.sha256(before + b"".join(map(digest_of, its))).digest()
        assert (seal.first_change_id, seal.last_change_id) == (its[0].change_id, its[-1].change_id)
        before, at = seal.digest, at + seal.changes
    assert max(seal.changes for seal in seals) == 4
    assert find_latest() == seals[-1]


def test_the_worker_seals(sealed: World) -> None:
    before = find_latest()
    tasks.seal(cast(JobContext, SimpleNamespace(should_abort=lambda: False)), timestamp=0)
    assert find_latest() != before
    assert verify_seals().changes == JournalEntry.objects.count()


def test_nothing_new_is_no_seal(sealed: World) -> None:
    assert seal_journal() == 1
    assert seal_journal() == 0


def test_a_worker_that_stops_leaves_the_rest(sealed: World) -> None:
    stops = iter([False, True])
    sealed.enroll(*(make_account(f"n{n}").username for n in range(20)))
    assert seal_journal(lambda: next(stops)) == 4


def test_no_more_than_a_few_are_sealed_beside_a_batch(sealed: World) -> None:
    sealed.enroll(*(make_account(f"n{n}").username for n in range(20)))
    assert seal_journal(most=5) == 8
    job = record_job("import_users", actor_id=None, source=COMMAND, course_id=None, options={})
    assert is_writing()
    assert complete_job(job)
    assert not is_writing()


def test_all_seals_fit(sealed: World) -> None:
    found = verify_seals()
    assert (found.wrong, found.first_wrong, found.detached) == (0, None, [])
    assert (found.seals, found.changes) == (Seal.objects.count(), JournalEntry.objects.count() - 1)


# what someone does who may change everything, behind the back of the journal
FORGED = {
    "a state": 'update matricula_journalentry set after = after || \'{"mode": "honor"}\' where id = %s',
    "a time": "update matricula_journalentry set at = at + interval '1 microsecond' where id = %s",
    "a reason": "update matricula_journalentry set reason = 'another' where id = %s",
    "an actor": "update matricula_journalentry set actor_id = 1, own = true, reason = 'because' where id = %s",
    "a person": "update matricula_journalentry set account_id = 999 where id = %s",
    "a reason of the operation": "update matricula_operation set reason = 'another' where id ="
    " (select operation from matricula_journalentry where id = %s)",
    "an actor of the operation": "update matricula_operation set actor_id = 1 where id ="
    " (select operation from matricula_journalentry where id = %s)",
    "a door": "update matricula_operation set source = 'command' where id ="
    " (select operation from matricula_journalentry where id = %s)",
    "a row that was removed": "delete from matricula_journalentry where id = %s",
    "a row that was added": """insert into matricula_journalentry
        (id, at, operation, subject, account_id, transition, before, after, xact)
        select id, at + interval '1 microsecond', operation, subject, account_id, transition, before, after, xact
        from matricula_journalentry where id = %s""",
}


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_breaks_the_seal_that_covers_it(what: str, sealed: World) -> None:
    forged = OperationRecord.objects.get(reason="because").id
    entry = JournalEntry.objects.filter(operation=forged).order_by("id")[1]
    forge(FORGED[what], entry.pk)
    found = verify_seals()
    assert found.wrong == 1
    assert found.first_wrong is not None
    assert found.first_wrong.first_change_id <= entry.pk <= found.first_wrong.last_change_id
    assert found.detached == []
    [line] = check.seal_problems()
    assert f"seal {found.first_wrong.id} " in line


def test_a_seal_that_was_replaced_breaks_the_next_one(sealed: World) -> None:
    forge("update matricula_seal set digest = decode(repeat('00', 32), 'hex') where id = %s", list_seals(limit=2)[1].id)
    found = verify_seals()
    assert found.first_wrong == list_seals(limit=2)[1]
    assert found.wrong == 2


def test_redacted_changes_are_verified_by_the_digests_that_were_kept(sealed: World) -> None:
    records = {record.change_id: record for _, record in read_records(BEGINNING, limit=1_000).records}
    last = max(id_ for id_, record in records.items() if record.reason == "because")
    kept = {last: digest_of(records[last])}
    forge("update matricula_journalentry set email = null, account_id = 0 where id = %s", last)
    assert verify_seals().wrong == 1
    assert verify_seals(lambda ids: {id_: kept[id_] for id_ in ids if id_ in kept}).wrong == 0


def test_entries_in_detached_parts_are_reported_and_are_no_problem(
    sealed: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("select part::text from matricula_journal_parts() where now() >= lower and now() < upper")
        [(part,)] = cursor.fetchall()
        cursor.execute(f"alter table matricula_journalentry detach partition {part}")
    found = verify_seals()
    assert (found.wrong, len(found.detached)) == (0, Seal.objects.count())
    assert list(check.seal_problems()) == []
    assert "detached" in capsys.readouterr().out


def test_the_application_may_only_add_seals(sealed: World) -> None:
    for change in (lambda: Seal.objects.update(changes=1), lambda: Seal.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_only_one_seals_at_a_time(own_database: None) -> None:
    from threading import Event, Thread

    make_account("sam")
    wait_until_final()
    held, done, results = Event(), Event(), []

    def hold() -> None:
        with transaction.atomic():
            assert writes._is_alone()
            held.set()
            done.wait(30)
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert held.wait(30)
    results.append(seal_journal())
    done.set()
    other.join()
    assert results == [0]
    assert seal_journal() > 0


def forge(statement: str, id_: int) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement, [id_])
        cursor.execute("set local session_replication_role = origin")
        assert cursor.rowcount != 0
