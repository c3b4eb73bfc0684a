"""What an operation says once for all its entries, and what an entry says for itself."""

import uuid

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from matricula.batches.courses import CourseOptions
from matricula.history.integrity import list_differences
from matricula.jobs.reads import get_job
from matricula.jobs.writes import complete_job
from matricula.journal.statuses import OperationKind
from matricula.journal.writes import Entry, Operation, add_entries, new_operation
from matricula.models import JournalEntry, OperationRecord
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task
from tests.conftest import World, as_superuser, make_account, write
from tests.journal import changes, record_setting


def entry(actor_id: int | None, reason: str | None) -> Entry:
    return Entry("course_enrollment", 1, None, 2, "a step", {}, {"enrollment": {}}, reason, actor_id)


def test_what_all_entries_share_is_stored_once(world: World) -> None:
    operation = new_operation(world.staff.pk, "console", "moved")
    for identifiers in (["sam"], ["staff", "instructor"]):
        write(world.course, "enroll", *identifiers, reason="moved", operation=operation)
    record = OperationRecord.objects.get(pk=operation.id)
    assert (record.kind, record.source, record.actor_id, record.reason, record.job_id) == (
        "request", "console", world.staff.pk, "moved", None,
    )  # fmt: skip
    assert record.ended is not None and record.started <= record.ended
    stored = JournalEntry.objects.filter(operation=operation.id)
    assert set(stored.values_list("source", "actor_id", "own", "reason")) == {(None, None, None, None)}
    assert stored.count() == 3
    assert set(changes().filter(operation=operation.id).values_list("source", "actor_id", "reason")) == {
        ("console", world.staff.pk, "moved")
    }


def test_an_entry_reads_back_as_it_was_written_whatever_its_operation_says(db: None) -> None:
    cases = [
        (Operation(uuid.uuid4(), actor, "api", reason), entry(own_actor, own_reason))
        for actor in (None, 7)
        for reason in (None, "for all")
        for own_actor in (None, 7, 8)
        for own_reason in (None, "for all", "for one")
    ]
    assert len(cases) == 36
    for operation, written in cases:
        add_entries(operation, [written])
        read = changes().get(operation=operation.id)
        assert (read.actor_id, read.reason, read.source) == (written.actor_id, written.reason, "api")


def test_an_invitation_that_takes_effect_repeats_its_actor_and_reason(world: World) -> None:
    write(
        world.course, "enroll", "new@example.org", auto_enroll=True, reason="first years",
        operation=new_operation(world.staff.pk, "api"),
    )  # fmt: skip
    make_account("new")
    entries = changes().filter(transition="from allowed to enroll to enrolled")
    assert [(e.actor_id, e.reason, e.source) for e in entries] == [(world.staff.pk, "first years", "command")]


def test_a_row_knows_the_transaction_that_wrote_it(world: World) -> None:
    before = JournalEntry.objects.latest("id").pk
    world.enroll("sam")
    with connection.cursor() as cursor:
        cursor.execute("select xact >= pg_current_xact_id() from matricula_journalentry where id > %s", [before])
        assert cursor.fetchall() == [(True,)]


def test_the_operation_of_a_job_says_what_it_is_and_ends_with_it(world: World) -> None:
    options = CourseOptions(reason="start of term")
    job_id = start_enrollment_task(world.course, ["sam", "instructor"], options, actor_id=world.staff.pk)
    assert carry_out(get_job(job_id))
    record = OperationRecord.objects.get(pk=job_id)
    assert (record.kind, record.job_id, record.course_id, record.reason) == (
        OperationKind.TASK, job_id, world.course.id, "start of term",
    )  # fmt: skip
    assert record.ended is not None
    assert not complete_job(job_id)


def test_an_entry_without_its_operation_is_found(world: World) -> None:
    record_setting()
    world.enroll("sam")
    assert list(list_differences()) == []
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_operation disable trigger operations_are_kept")
        OperationRecord.objects.all().delete()
        cursor.execute("alter table matricula_operation enable trigger operations_are_kept")
    assert [d.what for d in list_differences()] == ["journal entries have no operation"]


@pytest.mark.parametrize("statement", ["delete from {}", "truncate {}", "update {} set reason = 'another'"])
def test_an_operation_is_kept_as_it_is(world: World, statement: str) -> None:
    world.enroll("sam")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("matricula_operation"))
    refused = pytest.raises(IntegrityError, match="operations_are_kept")
    with as_superuser(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("matricula_operation"))
