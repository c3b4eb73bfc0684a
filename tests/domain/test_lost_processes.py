"""Processes that are killed, frozen or cut off from the database: what they held is free, what they did is done."""

import signal
import socket
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import requests
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.batches import values
from matricula.embedded.postgres import embedded_postgres
from matricula.jobs import heartbeat
from matricula.jobs.downloads import finish_with_file, result_name
from matricula.jobs.heartbeat import ABANDONED, DEAD_SECONDS, beating, fail_abandoned_jobs
from matricula.jobs.reads import get_job
from matricula.jobs.writes import RUN_JOB, JobCanceled, advance_job, begin_job, complete_job, record_job
from matricula.models import Account, CourseEnrollment, Job, OutgoingMail, PreEnrollment
from matricula.notices.writes import DELIVER_MAIL, queue_delivery, queue_notices
from matricula.worker.tasks import carry_out, queue_lost
from tests.conftest import KEY, World, make_world
from tests.domain.test_notices import notice
from tests.domain.test_worker import start, status
from tests.folders import prepare_folder
from tests.journal import changes
from tests.processes import MATRICULA, environment, held, held_chunk, running, wait_for, worker

LONG_AGO = timedelta(seconds=DEAD_SECONDS + 1)


def make_old(job_id: object) -> None:
    """As if a minute had passed since the job last moved."""
    job = Job.objects.get(pk=job_id)  # type: ignore[misc]
    job.updated -= LONG_AGO
    job.heartbeat = job.heartbeat and job.heartbeat - LONG_AGO
    job.save(update_fields=["updated", "heartbeat"])


def test_a_killed_import_fails_with_a_reason(own_database: None, tmp_path: Path) -> None:
    world = make_world()
    file = tmp_path / "people.csv"
    file.write_text("username,email,first_name\nsam,sam@example.org,Samuel\n")
    with (
        held("select 1 from matricula_account where id = %s for update", world.learner.pk) as hold,
        running("import", "users", str(file)) as command,
    ):
        hold.wait_until_reached()
        command.kill()
        command.wait()
    job = Job.objects.get()
    assert job.state == "running"
    queue_lost(0)
    assert get_job(job.id).state == "running"
    make_old(job.id)
    queue_lost(0)
    assert (get_job(job.id).state, get_job(job.id).error) == ("failed", ABANDONED)
    assert Account.objects.get(pk=world.learner.pk).first_name == "Sam"


def test_a_killed_import_of_stored_rows_is_left_to_the_worker(own_database: None, tmp_path: Path) -> None:
    world = make_world()
    file = tmp_path / "people.csv"
    file.write_text("email\nsam@example.org\n")
    with (
        held("select 1 from matricula_account where id = %s for update", world.learner.pk) as hold,
        running("import", "enrollments", str(file), "--course", KEY) as command,
    ):
        hold.wait_until_reached()
        command.kill()
        command.wait()
    job = Job.objects.get()
    assert (job.state, job.done) == ("pending", 0)
    make_old(job.id)
    make_old(job.id)
    queue_lost(0)
    assert ProcrastinateJob.objects.get(task_name=RUN_JOB).args == {"job_id": str(job.id)}
    assert carry_out(get_job(job.id))
    assert (get_job(job.id).state, CourseEnrollment.objects.get().account_id) == ("completed", world.learner.pk)


def test_a_job_whose_command_lives_is_left_alone(own_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.05)
    job_id = record_job("import_users", actor_id=None, source="command", course_id=None, options={})
    make_old(job_id)
    with beating(job_id):
        wait_for(lambda: Job.objects.get(pk=job_id).heartbeat is not None)
        assert fail_abandoned_jobs([]) == []
    make_old(job_id)
    Job.objects.filter(pk=job_id).update(heartbeat=timezone.now() - LONG_AGO)
    # jobs that workers do are taken over, and never failed here
    assert fail_abandoned_jobs(["import_users"]) == []
    assert fail_abandoned_jobs([]) == [job_id]
    # a command that was only frozen is told when it writes on
    with pytest.raises(JobCanceled), transaction.atomic():
        advance_job(job_id, 1, {})


@pytest.mark.usefixtures("db")
def test_a_download_that_two_workers_finish_keeps_its_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deleted: list[str] = []
    monkeypatch.setattr("matricula.jobs.downloads.delete_file", deleted.append)
    job_id = record_job("list_program_enrollments", actor_id=None, source="api", course_id=None, options={})
    name = result_name(job_id, "csv")
    assert begin_job(job_id)
    assert complete_job(job_id, result=name)
    finish_with_file(job_id, name, None)
    assert deleted == []


def test_a_frozen_worker_holds_nobody_up_and_goes_on_when_it_thaws(
    own_database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(values, "CHUNK", 50)
    world = make_world()
    people = [f"p{n}@example.org" for n in range(200)]
    job = start(world, *people)
    log = tmp_path / "first.log"
    with worker(log, MATRICULA_IDLE_TRANSACTION_SECONDS="2") as first:
        with held_chunk(job.id, 3) as hold:
            hold.wait_until_reached()
            first.send_signal(signal.SIGSTOP)
        with worker():
            wait_for(lambda: status(job.id).state == "completed")
            first.send_signal(signal.SIGCONT)
            wait_for(lambda: "task_taken_away" in log.read_text() or "database_lost" in log.read_text())
        later = start(world, "late@example.org", "later@example.org")
        wait_for(lambda: status(later.id).state == "completed")
        assert first.poll() is None
    assert first.returncode == 0
    assert "Traceback" not in log.read_text()
    assert PreEnrollment.objects.count() == len(people) + 2
    entries = changes().filter(operation=job.id)
    assert entries.count() == entries.values("email").distinct().count() == len(people)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def beats(url: str) -> object:
    """The last sign of life of any worker, or None."""
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("select max(last_heartbeat) from procrastinate_workers").fetchone()
            return row and row[0]
    except psycopg.OperationalError:
        return None


def test_web_and_worker_outlive_a_database_that_goes_away(tmp_path: Path) -> None:
    fast = {"fsync": "off", "shared_buffers": "16MB"}
    log, port = tmp_path / "worker.log", free_port()
    prepare_folder(tmp_path)
    with embedded_postgres(tmp_path, fast) as urls:
        url = urls.application
    with embedded_postgres(tmp_path, fast) as again:
        assert again == urls
    settings = {"DATABASE_URL": url, "MATRICULA_WEB_WORKERS": "1"}
    with (
        running("worker", log=log, **settings) as working,
        running("web", "--port", str(port), log=tmp_path / "web.log", **settings) as web,
    ):
        # it begins without a database, too
        wait_for(lambda: log.exists() and "database_lost" in log.read_text())
        for _ in range(2):
            with embedded_postgres(tmp_path, fast):
                before = beats(url)
                wait_for(lambda: beats(url) != before)  # noqa: B023  it is waited for here
                wait_for(lambda: answers(port))
            said = log.read_text().count("database_lost")
            wait_for(lambda: log.read_text().count("database_lost") > said)  # noqa: B023
            wait_for(lambda: not answers(port))
            assert (working.poll(), web.poll()) == (None, None)
    assert (working.returncode, web.returncode) == (0, 0)
    assert "Traceback" not in log.read_text()


def test_an_error_is_never_an_exit_status_of_0(own_database: None, tmp_path: Path) -> None:
    with embedded_postgres(tmp_path, {"fsync": "off", "shared_buffers": "16MB"}) as urls:
        # a database without tables is no reason to wait
        ended = subprocess.run(
            [*MATRICULA, "worker"],
            env=environment(DATABASE_URL=urls.application),
            capture_output=True,
            check=False,
            timeout=90,
        )
        assert ended.returncode != 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [*MATRICULA, "web", "--port", port], env=environment(), capture_output=True, check=False, timeout=90
        )
        assert ended.returncode != 0


def test_a_stalled_task_gives_way_to_one_like_it(own_database: None) -> None:
    """One with a queueing lock can't be queued again beside another one, and must not keep the rest from it."""
    queue_delivery()
    with connection.cursor() as cursor:
        # a worker took it and died; meanwhile another one was queued, and a job was left, too
        cursor.execute("update procrastinate_jobs set status = 'doing'")
        queue_delivery()
        job = start(make_world(), "sam", "staff")
        cursor.execute("update procrastinate_jobs set status = 'doing' where task_name = %s", [RUN_JOB])
    with worker():
        wait_for(lambda: status(job.id).state == "completed")
        wait_for(lambda: not ProcrastinateJob.objects.filter(task_name=DELIVER_MAIL).exists())


def check() -> list[str]:
    """What ``matricula check`` says."""
    done = subprocess.run(
        [*MATRICULA, "check"], env=environment(), capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == (0 if done.stdout == "No problems found.\n" else 1), done.stderr
    return done.stdout.splitlines()


def test_check_reports_work_that_nobody_does(own_database: None) -> None:
    job = start(make_world(), "sam", "staff")
    [missing, oldest, total] = check()
    assert missing == (
        "No worker is running, and 1 task is waiting. Start `matricula worker` (`matricula up` includes one)."
    )
    assert oldest.startswith("The oldest waiting job was started 0 minutes ago (")
    assert total == "2 things need attention."
    with connection.cursor() as cursor:
        # it lives for as long as this test takes
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() + interval '1 hour')")
    assert check() == ["No problems found."]
    Job.objects.filter(pk=job.id).update(state="running", updated=timezone.now() - timedelta(hours=1))
    assert check() == [
        "1 running job has made no progress for 30 minutes. See `matricula jobs list --unfinished`.",
        "1 thing needs attention.",
    ]
    Job.objects.filter(pk=job.id).update(state="completed")
    queue_notices(uuid.uuid4(), [notice("sam@example.org"), notice("kim@example.org")])
    OutgoingMail.objects.update(attempts=3, due=timezone.now() + timedelta(hours=1))
    assert check() == [
        "2 mails have failed 3 times or more and will be retried. See the last error in the admin.",
        "1 thing needs attention.",
    ]
