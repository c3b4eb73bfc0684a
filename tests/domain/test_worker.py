"""Tasks on the worker: chunk by chunk, each once, whatever happens to the process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from matricula.enrollments import tasks
from matricula.enrollments.rules import Wish
from matricula.enrollments.tasks import start_enrollment_task, work_enrollment_chunk
from matricula.enrollments.writes import EnrollmentRequest
from matricula.jobs.reads import JobStatus, find_job, list_results
from matricula.jobs.writes import complete_job
from matricula.models import CourseEnrollment, JournalEntry, OutgoingMail, PreEnrollment
from tests.conftest import World, database_url, make_world


def start(world: World, *identifiers: str, email: bool = False) -> JobStatus:
    request = EnrollmentRequest(identifiers[0], Wish("enroll", auto_enroll=True), email, "because")
    task_id = start_enrollment_task(
        actor_id=world.staff.pk, source="api", course=world.course, identifiers=identifiers, request=request
    )
    return status(task_id)


def status(task_id: object) -> JobStatus:
    job = find_job(task_id)  # type: ignore[arg-type]
    assert job is not None
    return job


def test_a_task_does_its_chunks_in_turn_and_keeps_progress_results_and_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "CHUNK", 3)
    job = start(world, "sam", "staff", "nobody", "new@example.org", "sam@example.org")
    assert (job.state, job.done, job.total) == ("pending", 0, 5)
    assert work_enrollment_chunk(job)
    assert (status(job.id).state, status(job.id).done) == ("running", 3)
    assert work_enrollment_chunk(job)
    assert not work_enrollment_chunk(job)
    complete_job(job.id)
    done = status(job.id)
    assert (done.state, done.done) == ("completed", 5)
    assert done.counts == {"enrolled": 2, "error": 1, "allowed": 1, "unchanged": 1}
    assert [r[0] for r in list_results(job.id)] == ["sam", "staff", "nobody", "new@example.org", "sam@example.org"]
    entries = JournalEntry.objects.all()
    assert {(e.operation, e.actor_id, e.reason) for e in entries} == {(job.id, world.staff.pk, "because")}


def test_a_chunk_that_fails_leaves_nothing_behind_and_can_be_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(world, "sam", "staff")
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "finish_chunk", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work_enrollment_chunk(job)
    assert (CourseEnrollment.objects.count(), JournalEntry.objects.count(), status(job.id).done) == (0, 0, 0)
    assert work_enrollment_chunk(job)
    assert JournalEntry.objects.count() == 2


def test_a_task_and_its_queue_entry_are_stored_together_or_not_at_all(world: World) -> None:
    from django.db import transaction

    with transaction.atomic():
        job = start(world, "sam", "staff")
        transaction.set_rollback(True)
    assert find_job(job.id) is None
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process on the tests' own database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "matricula", "worker"],
        env={**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": f"file://{os.environ['MATRICULA_DATA']}/mail"},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for(condition: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_is_taken_over_and_everybody_is_done_once(own_database: None) -> None:
    world = make_world()
    people = [f"p{n}@example.org" for n in range(6_000)]
    job = start(world, *people, email=True)
    with worker() as first:
        wait_for(lambda: status(job.id).done > 0)
        first.kill()
        first.wait()
        assert status(job.id).done < len(people)
        with worker():
            wait_for(lambda: status(job.id).state == "completed")
    assert PreEnrollment.objects.count() == len(people)
    assert JournalEntry.objects.filter(operation=job.id).count() == len(people)
    assert JournalEntry.objects.filter(operation=job.id).values("email").distinct().count() == len(people)
    assert OutgoingMail.objects.values("to").distinct().count() == OutgoingMail.objects.count() == len(people)


def test_a_worker_told_to_stop_leaves_its_task_to_the_next_one(own_database: None) -> None:
    world = make_world()
    job = start(world, *[f"p{n}@example.org" for n in range(20_000)])
    with worker() as first:
        wait_for(lambda: status(job.id).done > 0)
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    assert status(job.id).state == "running"
    with worker():
        wait_for(lambda: status(job.id).state == "completed")
    assert PreEnrollment.objects.count() == 20_000
