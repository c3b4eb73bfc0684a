"""Nobody's jobs stand in the way of others': turns, one unfinished download alike, the limit, the quota."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from matricula.batches.kinds import OF_FILES
from matricula.disclosures.writes import Recipient
from matricula.foundation import database
from matricula.history.snapshots.writes import make_snapshot
from matricula.jobs import quota, statuses
from matricula.jobs.downloads import start_download
from matricula.jobs.limits import TooManyJobs
from matricula.jobs.quota import StorageFull, within_quota
from matricula.jobs.reads import get_job
from matricula.jobs.retention import delete_expired_files
from matricula.jobs.turns import take_turn
from matricula.jobs.writes import RUN_JOB, complete_job, fail_job
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.models import Account, Job
from tests.batches import start_enrollment_task
from tests.canceled_jobs import cancel
from tests.conftest import make_account
from tests.domain.program_jobs import enroll, facts, finished, result_of, upload
from tests.domain.races import together
from tests.university import SECOND, University, make_university

KINDS = statuses.READ_KINDS


def ask(account: Account, number: int = 0, **more: Any) -> uuid.UUID:
    """A download; another one for each number."""
    return start_download(
        statuses.LIST_PROGRAM_ENROLLMENTS,
        **{"actor_id": account.pk, "source": "api", "program_id": facts().id, "form": "csv"}
        | {"options": {"number": number}, **more},
    )


def write(university: University, account: Account) -> uuid.UUID:
    return start_enrollment_task(university.world.course, ["sam", "staff"], actor_id=account.pk)


def fetch() -> tuple[int, uuid.UUID] | None:
    """A worker takes a task of the queue."""
    with connection.cursor() as cursor:
        cursor.execute("select id, args ->> 'job_id' from procrastinate_fetch_job_v2(null, null)")
        [found] = cursor.fetchall()
    return None if found[0] is None else (found[0], uuid.UUID(found[1]))


def work() -> uuid.UUID | None:
    """A worker does a task; which job."""
    fetched = fetch()
    if fetched is None:
        return None
    job_id = take_turn(*fetched)
    complete_job(job_id)
    with connection.cursor() as cursor:
        cursor.execute("select procrastinate_finish_job_v1(%s, 'succeeded', true)", [fetched[0]])
    return job_id


def test_writes_go_first_then_callers_in_turn(university: University) -> None:
    flood, other, third = (make_account(name) for name in ("flood", "other", "third"))
    many = [ask(flood, number) for number in range(6)]
    others = [ask(other, number) for number in range(2)]
    last = ask(third)
    written = write(university, third)
    done = [work() for _ in range(10)]
    # nobody was served yet: the oldest first; from then on, who was served longest ago
    assert done == [written, many[0], others[0], last, many[1], others[1], *many[2:]]
    assert work() is None


def test_who_comes_later_waits_for_one_job_of_a_flood(university: University) -> None:
    flood, other = make_account("flood"), make_account("other")
    many = [ask(flood, number) for number in range(5)]
    assert [work(), work()] == many[:2]
    late = ask(other)
    assert work() == late
    again = ask(other)
    assert [work(), work()] == [many[2], again]


def test_a_job_that_was_taken_over_is_gone_on_with_under_its_own_task(university: University) -> None:
    flood, other = make_account("flood"), make_account("other")
    first, second = ask(flood, 1), ask(flood, 2)
    late = ask(other)
    fetched = fetch()
    assert fetched is not None and take_turn(*fetched) == first
    Job.objects.filter(pk=first).update(state=statuses.RUNNING)
    # another worker takes the next task: the job of the other caller, which has changed its task
    next_one = fetch()
    assert next_one is not None and next_one[1] == second
    assert take_turn(*next_one) == late
    with connection.cursor() as cursor:
        cursor.execute("select id, args ->> 'job_id' from procrastinate_jobs where task_name = %s", [RUN_JOB])
        tasks = dict(cursor.fetchall())
        # its worker is killed: the queue gives the task out again
        cursor.execute("update procrastinate_jobs set status = 'todo' where id = %s", [fetched[0]])
    assert tasks[fetched[0]] == str(first) and tasks[next_one[0]] == str(late)
    assert sorted(tasks.values()) == sorted(map(str, (first, second, late)))
    again = fetch()
    assert again is not None and take_turn(*again) == first


def test_a_task_whose_job_has_ended_takes_another_one(university: University) -> None:
    account = make_account("flood")
    canceled, left = ask(account, 1), ask(account, 2)
    cancel(canceled)
    assert work() == left
    fetched = fetch()
    assert fetched is not None and take_turn(*fetched) == canceled


def test_jobs_go_behind_short_tasks(university: University) -> None:
    ask(make_account("flood"))
    with connection.cursor() as cursor:
        cursor.execute("select priority from procrastinate_jobs where task_name = %s", [RUN_JOB])
        assert [priority for (priority,) in cursor.fetchall() if priority >= 0] == []


# --- One unfinished download alike ---


def test_the_same_download_is_the_same_job_while_it_is_unfinished(university: University) -> None:
    account, other = make_account("asker", is_superuser=True), make_account("other")
    first = ask(account)
    assert ask(account) == first
    course_id = university.course.pk
    different = [
        ask(account, 1),
        ask(account, form="json"),
        ask(account, program_id=facts(SECOND).id),
        ask(account, course_id=course_id),
        ask(other),
    ]
    assert len({first, *different}) == 6
    assert ask(account, course_id=course_id) == different[3]
    Job.objects.filter(pk=first).update(state=statuses.RUNNING)
    assert ask(account) == first
    complete_job(first)
    assert ask(account) != first


def test_asked_for_at_once_it_is_one_job(own_database: None, world: Any) -> None:
    make_university(world)
    account = make_account("asker", is_superuser=True)
    found = together(*[lambda: ask(account)] * 8)
    assert len(set(found)) == 1
    assert Job.objects.count() == 1


def test_the_database_refuses_a_second_one(university: University) -> None:
    first = Job.objects.get(pk=ask(make_account("asker", is_superuser=True)))
    with pytest.raises(IntegrityError, match="job_one_unfinished_download_alike"), transaction.atomic():
        first.pk = uuid.uuid4()
        first.save(force_insert=True)


# --- The limit ---


@pytest.fixture
def limit(settings: Any) -> Callable[..., None]:
    def change(**more: Any) -> None:
        from dataclasses import replace

        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **more)

    return change


def test_a_caller_has_so_many_unfinished_jobs_through_whatever_door(
    university: University, limit: Callable[..., None]
) -> None:
    limit(job_limit=2)
    account = make_account("asker", is_superuser=True)
    first = ask(account, 1)
    write(university, account)
    for start in (lambda: ask(account, 2), lambda: write(university, account)):
        with pytest.raises(TooManyJobs):
            start()
    assert ask(account, 1) == first
    ask(make_account("other"))
    cancel(first)
    ask(account, 3)
    assert Job.objects.filter(actor=account, state__in=statuses.UNFINISHED).count() == 2


def test_commands_are_neither_limited_nor_counted(university: University, limit: Callable[..., None]) -> None:
    limit(job_limit=1)
    account = make_account("asker", is_superuser=True)
    ask(account, 1, source="command")
    ask(account, 2, source="command")
    ask(account, 3)


def test_started_at_once_the_limit_holds(own_database: None, world: Any, limit: Callable[..., None]) -> None:
    make_university(world)
    limit(job_limit=3)
    account = make_account("asker", is_superuser=True)

    def start(number: int) -> bool:
        try:
            ask(account, number)
        except TooManyJobs:
            return False
        return True

    assert sum(together(*[lambda n=n: start(n) for n in range(8)])) == 3


# --- The quota ---


def test_files_count_until_they_expire(university: University) -> None:
    enroll("a", "b")
    job_id = ask(make_account("asker", is_superuser=True))
    _, content = finished(job_id)
    assert Job.objects.get(pk=job_id).file_bytes == len(content)
    written = upload("student_key,status\nc,enrolled")
    _, content = finished(written)
    assert Job.objects.get(pk=written).file_bytes == len(content)
    Job.objects.update(updated=timezone.now() - timezone.timedelta(days=2))
    assert delete_expired_files(1, OF_FILES) == 2
    assert set(Job.objects.values_list("file_bytes", flat=True)) == {0}


def test_a_file_beyond_the_quota_fails_its_job_with_the_reason(
    university: University, limit: Callable[..., None]
) -> None:
    enroll("a", "b")
    limit(files_quota=10)
    job_id = ask(make_account("asker", is_superuser=True))
    from matricula.worker.tasks import carry_out

    with pytest.raises(StorageFull):
        carry_out(get_job(job_id))
    # what a job held is given back when it ends
    Job.objects.filter(pk=job_id).update(file_bytes=7)
    fail_job(job_id, "full")
    assert Job.objects.get(pk=job_id).file_bytes == 0


def test_one_caller_leaves_room_and_downloads_leave_room_for_uploads(
    university: University, limit: Callable[..., None]
) -> None:
    limit(files_quota=1_000)
    asker, other = make_account("asker", is_superuser=True), make_account("other")

    def put(job_id: uuid.UUID, size: int) -> str:
        try:
            list(within_quota(get_job(job_id), [b"x" * size]))
        except StorageFull as full:
            return full.text
        return ""

    first = ask(asker, 1)
    assert put(first, 400) == ""
    # a job that is done again is counted once
    assert put(first, 500) == ""
    assert put(ask(asker, 2), 1) == quota._FULL_FOR_CALLER
    assert put(ask(other, 1), 401) == quota._FULL
    assert put(ask(other, 2), 400) == ""
    written = upload("student_key,status\na,enrolled")
    assert put(written, 101) == quota._FULL
    assert put(written, 100) == ""
    limit(files_quota=0)
    assert put(ask(asker, 3), 5_000) == ""


def test_a_file_that_grows_is_stopped_while_it_is_written(university: University, limit: Callable[..., None]) -> None:
    limit(files_quota=100)
    given = []

    def blocks() -> Any:
        for _ in range(1_000):
            given.append(1)
            yield b"12345"

    with pytest.raises(StorageFull):
        list(within_quota(get_job(ask(make_account("asker", is_superuser=True))), blocks()))
    assert len(given) <= 12


@pytest.mark.parametrize(("bytes_", "fits"), [(10_000, True), (160, False)])
@pytest.mark.parametrize("kind", ["download", "snapshot"])
def test_rows_that_the_database_copies_in_several_blocks_are_held_to_the_quota(
    university: University,
    limit: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    bytes_: int,
    fits: bool,
) -> None:
    """The connection of a COPY takes no statement before its end: the quota was asked for in between, for ever."""
    from matricula.worker.tasks import carry_out

    monkeypatch.setattr(database, "_BLOCK", 1)
    limit(files_quota=bytes_)
    asker, world = make_account("asker", is_superuser=True), university.world

    def make() -> None:
        if kind == "download":
            enroll("student-a", "student-b", "student-c", "student-d", "student-e")
            carry_out(get_job(ask(asker)))
        else:
            world.enroll("sam", "staff", "elsewhere")
            operation = new_operation(asker.pk, CONSOLE)
            recipient = Recipient(CONSOLE, operation.id, asker.pk)
            make_snapshot(operation, course_id=world.course.id, name="Census", recipient=recipient)

    if fits:
        make()
    else:
        with pytest.raises(StorageFull):
            make()


def test_the_worker_says_why(university: University, limit: Callable[..., None]) -> None:
    from matricula.worker import tasks

    enroll("a", "b")
    limit(files_quota=10)
    job = get_job(ask(make_account("asker", is_superuser=True)))
    tasks._fail(job, StorageFull(quota._FULL))
    assert get_job(job.id).error == quota._FULL
    limit(files_quota=10_000)
    again = ask(Account.objects.get(username="asker"))
    assert finished(again) == result_of(again)
