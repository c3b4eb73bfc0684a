"""Slices of large jobs beside others who change the same people, and slices of one job beside each other."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from matricula.batches.engine import is_large, run_slices
from matricula.batches.kinds import COURSE_ENROLLMENTS, STUDENTS
from matricula.batches.programs import StudentRow
from matricula.batches.runs import start_batch
from matricula.batches.values import Options
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.foundation.transactions import RightLost, acting
from matricula.identity.accounts import change_account
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseEnrollment, JobChunk, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.broken_rows import break_rows
from tests.conftest import World, make_account, make_world, write
from tests.domain.large import assert_done_once, assert_no_difference, make_people, start_task, words_of
from tests.domain.program_jobs import enroll, finished, link, stored
from tests.domain.races import together
from tests.domain.test_large_batches import by_chunks, everything, undone
from tests.journal import changes
from tests.university import University, facts


def changed_account(who: str, **fields: Any) -> None:
    change_account(new_operation(None, "command"), Account.objects.get(username=who).pk, fields)


def off_and_on(username: str) -> None:
    changed_account(username, is_active=False)
    changed_account(username, is_active=True)


def another_takes_the_name(_world: World) -> None:
    changed_account("a1", username="b1")
    changed_account("a6", username="a1")


MEANWHILE: dict[str, Callable[[World], Any]] = {
    "a seat is added": lambda world: world.enroll("a1", mode="audit"),
    "a seat is changed": lambda world: world.enroll("a2", mode="verified"),
    "a seat is ended": lambda world: world.unenroll("a2"),
    "a seat is taken up again": lambda world: world.enroll("a3"),
    "switched off": lambda _: changed_account("a1", is_active=False),
    "switched off and on": lambda _: off_and_on("a1"),
    "one with a seat switched off": lambda _: changed_account("a2", is_active=False),
    "one with a seat switched off and on": lambda _: off_and_on("a2"),
    "renamed": lambda _: changed_account("a1", username="b1"),
    "renamed, and another takes the name": another_takes_the_name,
    "another address": lambda _: changed_account("a4", email="b4@example.org"),
    "an unknown name becomes somebody's": lambda _: changed_account("a6", username="a5"),
}


@pytest.mark.parametrize("action", ["enroll", "unenroll"])
@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_who_is_changed_behind_the_look_is_decided_again(
    world: World, meanwhile: Callable[[World], Any], action: str
) -> None:
    """The slice of those who come first is written first; the end is as if the change had come before all."""
    for name in ("z1", "z2", "z3", "z4", "a1", "a2", "a3", "a4", "a6"):
        make_account(name)
    write(world.course, "enroll", "a2", "a3")
    write(world.course, "unenroll", "a3")
    names = ["z1", "a1", "a2", "z2", "z3", "a3", "a4@example.org", "a5", "z4"]

    def start() -> uuid.UUID:
        return start_task(world, names, action=action, mode="honor")

    def expected() -> dict[str, Any]:
        meanwhile(world)
        job_id = start()
        by_chunks(job_id)
        return everything(COURSE_ENROLLMENTS, job_id)

    def found() -> dict[str, Any]:
        job_id = start()
        changing = [partial(meanwhile, world)]
        assert run_slices(
            get_job(job_id), progress=lambda: changing.pop()() if changing else None, connections=1, size=4
        )
        assert not changing
        return everything(COURSE_ENROLLMENTS, job_id)

    assert undone(found) == undone(expected)


STUDENTS_MEANWHILE: dict[str, Callable[[University], Any]] = {
    "a student is added": lambda _: enroll("a1"),
    "a student is changed": lambda _: patch("a2", "suspended"),
    "a student is what is asked": lambda _: patch("a2", "pending"),
    "a key is linked": lambda university: link("a1", university.world.learner),
    "a student's key is linked": lambda university: link("a2", university.world.learner),
    "a key loses its account": lambda _: link_student_keys(
        new_operation(None, "api"), facts().organization_id, [("a3", None)]
    ),
}


def patch(key: str, status: str) -> None:
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.UPDATE, [ProgramRequest(key, status)])


@pytest.mark.parametrize("meanwhile", STUDENTS_MEANWHILE.values(), ids=STUDENTS_MEANWHILE)
def test_a_student_who_is_changed_behind_the_look_is_decided_again(
    university: University, meanwhile: Callable[[University], Any]
) -> None:
    enroll("z1", "z2")
    enroll("a2", "a3")
    link("a3", university.world.staff)
    rows = [StudentRow(key, "pending") for key in ("a1", "A2", "z1", "a3", "z2", "z3")]

    def start() -> uuid.UUID:
        return start_batch(STUDENTS, facts(), rows, Options(), actor_id=university.root.pk, source="upload")

    def expected() -> dict[str, Any]:
        meanwhile(university)
        job_id = start()
        by_chunks(job_id)
        return everything(STUDENTS, job_id)

    def found() -> dict[str, Any]:
        job_id = start()
        changing = [partial(meanwhile, university)]
        assert run_slices(
            get_job(job_id), progress=lambda: changing.pop()() if changing else None, connections=1, size=2
        )
        assert not changing
        return everything(STUDENTS, job_id)

    assert undone(found) == undone(expected)


def test_a_row_of_a_slice_that_the_database_refuses_is_told_and_the_others_stay(university: University) -> None:
    break_rows("programenrollment", "new.student_key in ('b', 'e')", errcode="23514")
    rows = [StudentRow(key, "enrolled") for key in "abcdefg"]
    job_id = start_batch(STUDENTS, facts(), rows, Options(), actor_id=university.root.pk, source="upload")
    assert run_slices(get_job(job_id), connections=1)
    assert words_of(job_id) == ["internal-error" if key in "be" else "enrolled" for key in "abcdefg"]
    assert [key for key, _ in stored()] == list("acdfg")
    assert changes().filter(operation=job_id).count() == 5


def test_an_old_job_of_many_that_is_half_done_is_finished_in_chunks(university: University) -> None:
    """Its rows were stored before there were slices, some in the older form."""
    keys = [f"S-{n:04}" for n in range(6_000)]
    rows = [StudentRow(key, "enrolled") for key in keys]
    job_id = start_batch(STUDENTS, facts(), rows, Options(), actor_id=university.root.pk, source="upload")
    assert is_large(get_job(job_id))
    JobChunk.objects.filter(job_id=job_id, number=1).update(
        version=None, keys=None, asks=None, input=[[key, "enrolled", False] for key in keys[:5_000]]
    )
    assert not is_large(get_job(job_id))
    job, found = finished(job_id)
    assert (job.done, job.counts, job.text) == (6_000, {"enrolled": 6_000}, "200")
    assert found.decode().splitlines() == ["student_key,status", *(f"{key},enrolled" for key in keys)]
    assert ProgramEnrollment.objects.count() == changes().filter(operation=job_id).count() == 6_000


@pytest.fixture
def shared(own_database: None) -> World:
    return make_world()


def run_in_parts(job_id: uuid.UUID) -> bool:
    return run_slices(get_job(job_id), connections=2, size=400)


def test_two_processes_with_one_job_write_each_slice_once(shared: World) -> None:
    names = make_people(6_000)
    job_id = start_task(shared, names)
    assert together(partial(run_in_parts, job_id), partial(run_in_parts, job_id)) == [True, True]
    assert carry_out(get_job(job_id))
    assert_done_once(job_id, names)


def test_two_large_jobs_about_the_same_people_and_single_requests_wait_in_no_circle(shared: World) -> None:
    names = make_people(6_000)
    jobs = [start_task(shared, names, mode="audit"), start_task(shared, names[::-1], mode="verified")]

    def single() -> None:
        for name in names[::300]:
            shared.enroll(name, f"{name}@example.org", mode="honor")
            shared.unenroll(name)

    together(*(partial(run_in_parts, job_id) for job_id in jobs), single, single)
    for job_id in jobs:
        assert carry_out(get_job(job_id))
        assert len(words_of(job_id, COURSE_ENROLLMENTS)) == 6_000
        assert changes().filter(operation=job_id).count() == 6_000
    assert CourseEnrollment.objects.count() == 6_000
    assert_no_difference(*jobs)


def test_an_error_in_one_thread_stops_the_others_and_whole_slices_stay(shared: World) -> None:
    names = make_people(6_000)
    job_id = start_task(shared, names)
    errors = [ValueError("the first")]

    def fail() -> None:
        if errors:
            raise errors.pop()

    with pytest.raises(ValueError, match="the first"):
        run_slices(get_job(job_id), progress=fail, connections=2, size=400)
    done = get_job(job_id).done
    # the slice of the error, and what the other thread was at
    assert 400 <= done < 6_000
    assert CourseEnrollment.objects.count() == changes().filter(operation=job_id).count() == done
    assert carry_out(get_job(job_id))
    assert_done_once(job_id, names)


def test_a_right_that_is_withdrawn_meanwhile_undoes_the_slice(shared: World) -> None:
    names = make_people(6_000)
    job_id = start_task(shared, names)
    written: list[None] = []

    def hold() -> None:
        if written:
            raise RightLost(signed_out=False)

    with pytest.raises(RightLost), acting(hold):
        run_slices(get_job(job_id), progress=lambda: written.append(None), connections=2, size=400)
    done = get_job(job_id).done
    assert 400 <= done < 6_000
    assert CourseEnrollment.objects.count() == changes().filter(operation=job_id).count() == done
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from matricula_jobslice where job_id = %s and codes is null", [job_id])
        assert cursor.fetchone() == (15 - done // 400,)
