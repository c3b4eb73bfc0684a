"""Large jobs whose processes die: the next one goes on, each row is written once, outcomes are in order."""

import threading
import uuid
from pathlib import Path

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.batches.engine import is_large, run_slices
from matricula.batches.kinds import COURSE_ENROLLMENTS
from matricula.batches.runs import run
from matricula.batches.stored import list_outcomes
from matricula.jobs.canceling import cancel_job
from matricula.jobs.reads import get_job
from matricula.jobs.writes import RUN_JOB
from matricula.journal.writes import new_operation
from matricula.models import Change, CourseEnrollment, Job, PreEnrollment, ProgramEnrollment
from matricula.worker.tasks import carry_out, queue_lost
from tests.conftest import KEY, make_world
from tests.domain.large import (
    KNOWN,
    NEW,
    SLICES,
    assert_done_once,
    assert_no_difference,
    make_people,
    start_large_task,
    start_large_upload,
    start_task,
    undone_slices,
    words_of,
    write_slices,
)
from tests.domain.races import until_waiting
from tests.domain.test_lost_processes import make_old
from tests.journal import changes, record_setting
from tests.processes import held, held_job, held_slice, running, wait_for, worker
from tests.university import make_university

pytestmark = pytest.mark.usefixtures("own_database")


def killed_in_the_middle(job_id: uuid.UUID) -> None:
    """A slice is done, and a worker is killed when others are written and not committed."""
    write_slices(job_id, 1)
    assert undone_slices(job_id) == SLICES[1:]
    with held_job(job_id) as hold, worker(MATRICULA_BATCH_CONNECTIONS="2") as first:
        hold.wait_until_reached()
        first.kill()
        first.wait()
    assert undone_slices(job_id) == SLICES[1:]


def test_a_task_whose_worker_is_killed_in_the_middle_of_slices_is_done_once() -> None:
    job_id, names = start_large_task(make_world())
    killed_in_the_middle(job_id)
    with worker():
        wait_for(lambda: get_job(job_id).state == "completed")
    assert_done_once(job_id, names)


def test_an_upload_whose_worker_is_killed_in_the_middle_of_slices_is_done_once() -> None:
    make_university(make_world())
    record_setting()
    job_id, words = start_large_upload()
    killed_in_the_middle(job_id)
    assert carry_out(get_job(job_id))
    assert words_of(job_id) == words
    assert get_job(job_id).counts == {word: words.count(word) for word in sorted(set(words))}
    assert ProgramEnrollment.objects.count() == changes().filter(operation=job_id).count() == words.count("enrolled")
    assert_no_difference(job_id)


def test_a_killed_import_of_many_is_left_to_the_worker(tmp_path: Path) -> None:
    make_world()
    names = [*make_people(), *(f"n{n:04}@example.org" for n in range(NEW))]
    file = tmp_path / "people.csv"
    file.write_text("identifier,auto_enroll\n" + "".join(f"{name},true\n" for name in names))
    with (
        held("select 1 from matricula_account where username = 'p700' for update") as hold,
        running("import", "enrollments", str(file), "--course", KEY, MATRICULA_BATCH_CONNECTIONS="2") as command,
    ):
        hold.wait_until_reached()
        # the other connection goes on
        wait_for(lambda: Job.objects.get().done == NEW)
        command.kill()
        command.wait()
    job_id = Job.objects.get().id
    assert undone_slices(job_id) == SLICES[:1]
    make_old(job_id)
    make_old(job_id)
    queue_lost(0)
    assert ProcrastinateJob.objects.get(task_name=RUN_JOB).args == {"job_id": str(job_id)}
    assert carry_out(get_job(job_id))
    assert_done_once(job_id, names)


def test_killed_behind_the_preparation_it_is_gone_on_with() -> None:
    job_id, names = start_large_task(make_world())
    write_slices(job_id, 0)
    assert undone_slices(job_id) == SLICES
    assert carry_out(get_job(job_id))
    assert_done_once(job_id, names)


def test_killed_before_it_says_how_far_it_is_all_slices_are_counted() -> None:
    """That is said after the commit of a slice; who ends the job counts again."""
    world = make_world()
    job_id, _names = start_large_task(world)
    write_slices(job_id, 1)
    Job.objects.filter(pk=job_id).update(done=0, counts={})
    write_slices(job_id, 1)
    assert get_job(job_id).done == KNOWN + 5_000
    Job.objects.filter(pk=job_id).update(done=0, counts={})
    assert cancel_job(job_id, new_operation(world.admin.pk, "api"), may=lambda _: True)
    job = get_job(job_id)
    assert (job.done, sum(job.counts.values())) == (KNOWN + 5_000, KNOWN + 5_000)
    assert len(words_of(job_id, COURSE_ENROLLMENTS)) == job.done
    assert Change.objects.get(subject="job", transition="canceled").after["done"] == job.done


def test_killed_behind_the_last_slice_it_is_completed_and_nothing_is_written_again() -> None:
    job_id, names = start_large_task(make_world())
    before = get_job(job_id)
    write_slices(job_id, 3)
    assert undone_slices(job_id) == []
    # collected, and not completed
    assert run_slices(get_job(job_id))
    # another process that began before that finds nothing to do
    assert is_large(before) is False
    assert run_slices(before)
    assert get_job(job_id).state == "running"
    assert run(before, lambda: False)
    assert_done_once(job_id, names)


def test_canceled_while_no_one_works_whole_slices_stay_and_are_shown() -> None:
    world = make_world()
    job_id, names = start_large_task(world)
    write_slices(job_id, 2)
    assert cancel_job(job_id, new_operation(world.admin.pk, "api"), may=lambda _: True)
    shown = [(row.identifier, outcome.word) for row, outcome in list_outcomes(get_job(job_id), COURSE_ENROLLMENTS)]
    invited = set(PreEnrollment.objects.values_list("email", flat=True))
    assert len(invited) == 5_000
    assert shown == [(n, "allowed" if "@" in n else "enrolled") for n in names if "@" not in n or n in invited]
    job = get_job(job_id)
    assert (job.state, job.done, sum(job.counts.values())) == ("canceled", len(shown), len(shown))
    assert changes().filter(operation=job_id, account_id=None).count() == len(invited)
    assert run_slices(job)
    assert len(words_of(job_id, COURSE_ENROLLMENTS)) == len(shown)
    assert_no_difference(job_id)


def test_who_looks_at_a_canceled_job_waits_for_the_slice_that_is_being_written() -> None:
    world = make_world()
    job_id = start_task(world, make_people(6_000))
    results: list[object] = []

    def run_in_thread(act: object) -> threading.Thread:
        def run_it() -> None:
            try:
                results.append(act())  # type: ignore[operator]
            except BaseException as error:
                results.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run_it)
        thread.start()
        return thread

    write_slices(job_id, 1, size=3_000)
    with held("select 1 from matricula_account where username = 'p5000' for update") as hold:
        threads = [run_in_thread(lambda: run_slices(get_job(job_id), connections=1))]
        hold.wait_until_reached()
        assert cancel_job(job_id, new_operation(world.admin.pk, "api"), may=lambda _: True)
        canceled = get_job(job_id)
        threads.append(run_in_thread(lambda: len(list(list_outcomes(canceled, COURSE_ENROLLMENTS)))))
        until_waiting(2, threads, results)
    for thread in threads:
        thread.join(90)
    assert sorted(map(repr, results)) == ["3000", "True"]
    assert CourseEnrollment.objects.count() == get_job(job_id).done == 3_000
    assert len(words_of(job_id, COURSE_ENROLLMENTS)) == 3_000
    assert_no_difference(job_id)


def test_a_process_that_finds_no_free_slice_waits_for_those_that_others_write() -> None:
    job_id, names = start_large_task(make_world())
    write_slices(job_id, 1)
    results: list[bool] = []

    def act() -> None:
        try:
            results.append(carry_out(get_job(job_id)))
        finally:
            connections.close_all()

    thread = threading.Thread(target=act)
    with held_slice(job_id, -1) as hold:
        thread.start()
        hold.wait_until_reached()
        assert undone_slices(job_id) == [-1]
        # whoever held it died
    thread.join(90)
    assert results == [True]
    assert_done_once(job_id, names)
