"""Tasks on the worker: chunk by chunk, each once, whatever happens to the process."""

import signal
import time

import pytest
from django.db import connection

from matricula.batches import runs, values
from matricula.batches.courses import CourseOptions
from matricula.batches.kinds import COURSE_ENROLLMENTS
from matricula.batches.runs import run_chunk
from matricula.batches.stored import list_outcomes
from matricula.jobs.reads import JobStatus, find_job
from matricula.jobs.writes import complete_job
from matricula.models import CourseEnrollment, OutgoingMail, PreEnrollment
from tests.batches import start_enrollment_task
from tests.conftest import World, make_world
from tests.journal import changes
from tests.processes import held_chunk, wait_for, worker


def start(world: World, *identifiers: str, email: bool = False) -> JobStatus:
    options = CourseOptions(auto_enroll=True, email_student=email, reason="because")
    return status(start_enrollment_task(world.course, identifiers, options, actor_id=world.staff.pk))


def status(task_id: object) -> JobStatus:
    job = find_job(task_id)  # type: ignore[arg-type]
    assert job is not None
    return job


def test_a_task_does_its_chunks_in_turn_and_keeps_progress_results_and_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 3)
    job = start(world, "sam", "staff", "nobody", "new@example.org", "sam@example.org")
    assert (job.state, job.done, job.total) == ("pending", 0, 5)
    assert run_chunk(job)
    assert (status(job.id).state, status(job.id).done) == ("running", 3)
    assert run_chunk(job)
    assert not run_chunk(job)
    complete_job(job.id)
    done = status(job.id)
    assert (done.state, done.done) == ("completed", 5)
    assert done.counts == {"enrolled": 2, "error": 1, "allowed": 1, "unchanged": 1}
    assert [row.identifier for row, _ in list_outcomes(job, COURSE_ENROLLMENTS)] == [
        "sam",
        "staff",
        "nobody",
        "new@example.org",
        "sam@example.org",
    ]
    entries = changes()
    assert {(e.operation, e.actor_id, e.reason) for e in entries} == {(job.id, world.staff.pk, "because")}


def test_a_chunk_that_fails_leaves_nothing_behind_and_can_be_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(world, "sam", "staff")
    with monkeypatch.context() as broken:
        broken.setattr(runs, "keep_outcomes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_chunk(job)
    assert (CourseEnrollment.objects.count(), changes().count(), status(job.id).done) == (0, 0, 0)
    assert run_chunk(job)
    assert changes().count() == 2


def test_a_task_and_its_queue_entry_are_stored_together_or_not_at_all(world: World) -> None:
    from django.db import transaction

    with transaction.atomic():
        job = start(world, "sam", "staff")
        transaction.set_rollback(True)
    assert find_job(job.id) is None
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_a_worker_killed_in_the_middle_is_taken_over_and_everybody_is_done_once(
    own_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 50)
    world = make_world()
    people = [f"p{n}@example.org" for n in range(200)]
    job = start(world, *people, email=True)
    with worker() as first:
        with held_chunk(job.id, 3) as hold:
            hold.wait_until_reached()
            first.kill()
            first.wait()
        assert (status(job.id).state, status(job.id).done) == ("running", 100)
        with worker():
            wait_for(lambda: status(job.id).state == "completed")
    assert PreEnrollment.objects.count() == len(people)
    assert changes().filter(operation=job.id).count() == len(people)
    assert changes().filter(operation=job.id).values("email").distinct().count() == len(people)
    assert OutgoingMail.objects.values("to").distinct().count() == OutgoingMail.objects.count() == len(people)


def listens() -> bool:
    """Whether a worker listens for new tasks; one that is told to stop ends that first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%%'"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_told_to_stop_leaves_its_task_to_the_next_one(
    own_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 50)
    world = make_world()
    job = start(world, *[f"p{n}@example.org" for n in range(300)])
    with held_chunk(job.id, 2) as second, held_chunk(job.id, 3) as third, worker() as first:
        second.wait_until_reached()
        wait_for(listens)
        first.send_signal(signal.SIGTERM)
        wait_for(lambda: not listens())
        second.release()
        wait_for(lambda: first.poll() is not None or third.waiting())
        if first.poll() is None:
            # it began the third before the word reached it, and is sure to hear of it while it is held there
            time.sleep(1)
            third.release()
        assert first.wait(30) == 0
        third.release()
        assert status(job.id).state == "running"
        assert status(job.id).done in {100, 150}
        with worker():
            wait_for(lambda: status(job.id).state == "completed")
    assert PreEnrollment.objects.count() == 300
