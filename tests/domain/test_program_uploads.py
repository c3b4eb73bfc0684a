"""Uploads as jobs: the result byte for byte, and every row once, whatever happens."""

import io
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from matricula.batches import values
from matricula.batches.runs import run_chunk, run_here
from matricula.enrollments.program.broken_rows import write_what_can_be
from matricula.foundation.files import file_size
from matricula.jobs import statuses
from matricula.jobs.reads import get_job
from matricula.jobs.writes import WriteUnfinished, queue_lost_jobs
from matricula.models import (
    Job,
    JobChunk,
    ProgramCourseEnrollment,
)
from matricula.tabular.problems import TabularError
from matricula.worker.tasks import carry_out
from tests.batches import start_program_upload
from tests.broken_rows import break_rows, mend_rows
from tests.canceled_jobs import cancel
from tests.conftest import KEY, make_world
from tests.domain.program_jobs import (
    enroll,
    facts,
    finished,
    link,
    result_of,
    stored,
    upload,
    upload_courses,
)
from tests.domain.races import behind
from tests.journal import changes
from tests.processes import held_chunk, wait_for, worker
from tests.university import EXTERNAL, EXTRA, SECOND, University, make_university


def test_a_program_upload(university: University) -> None:
    enroll("s-1", status="pending")
    job_id = upload("\ufeffStatus , extra,STUDENT_KEY\r\n enrolled ,x, S-2 \r\n\r\nended,,S-1\nbogus,,a\n")
    assert (get_job(job_id).state, get_job(job_id).total) == ("pending", 3)
    job, found = finished(job_id)
    assert found == b"student_key,status\r\nS-1,ended\r\nS-2,enrolled\r\na,invalid-status\r\n"
    assert (job.text, job.done, job.counts) == ("207", 3, {"ended": 1, "enrolled": 1, "invalid-status": 1})
    assert stored() == [("s-1", "ended"), ("S-2", "enrolled")]
    entries = changes().filter(operation=job_id)
    assert [(e.source, e.student_key) for e in entries.order_by("student_key")] == [
        ("upload", "S-2"),
        ("upload", "s-1"),
    ]


@pytest.mark.parametrize(
    ("rows", "text", "result"),
    [
        ("a,enrolled", "200", "a,enrolled\r\n"),
        ("a,x\nb,enrolled", "207", "a,invalid-status\r\nb,enrolled\r\n"),
        ("a,x", "422", "a,invalid-status\r\n"),
        ("", "204", ""),
        ("\n\n", "204", ""),
        # one student, one line, under the first spelling
        ("b,ended\nA,enrolled\na,ended", "207", "A,duplicated\r\nb,ended\r\n"),
        ("=x,enrolled", "200", "'=x,enrolled\r\n"),
        ("Ä,enrolled\nä,enrolled", "200", "Ä,enrolled\r\nä,enrolled\r\n"),
        ("a,ACTIVE\nb,Enrolled", "422", "a,invalid-status\r\nb,invalid-status\r\n"),
    ],
)
def test_the_result_of_a_program_upload(rows: str, text: str, result: str, university: University) -> None:
    job, found = finished(upload(f"student_key,status\n{rows}"))
    assert found.decode() == f"student_key,status\r\n{result}"
    assert job.text == text


def test_keys_are_sorted_as_they_are_written(university: University) -> None:
    keys = ["b", "B", "10", "9", "Ω", "_", "~"]
    _job, found = finished(upload("student_key,status\n" + "".join(f"{key},enrolled\n" for key in keys[1:])))
    assert [line.split(",")[0] for line in found.decode().splitlines()[1:]] == sorted(keys[1:])


def test_duplicates_are_found_across_chunks(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "CHUNK", 2)
    enroll("a", "b", "c")
    rows = [(EXTERNAL, "a"), (EXTRA, "a"), (EXTERNAL, "b"), (KEY, "A"), (EXTERNAL, "c"), (EXTRA, "x")]
    text = "course_id,student_key,status\n" + "".join(f"{c},{k},active\n" for c, k in rows)
    job, found = finished(upload_courses(text))
    words = ["duplicated", "active", "active", "duplicated", "active", "not-in-program"]
    assert found.decode() == "course_id,student_key,status\r\n" + "".join(
        f"{c},{k},{w}\r\n" for (c, k), w in zip(rows, words, strict=True)
    )
    assert (job.text, job.total, JobChunk.objects.count()) == ("207", 6, 3)
    # under its own and its external key it is one course
    assert ProgramCourseEnrollment.objects.filter(program_enrollment__student_key="a").count() == 1


def test_a_course_upload_with_course_staff(university: University) -> None:
    enroll("a", "b", "c", "d")
    link("a", university.world.learner)
    head = "course_id,student_key,status,course_staff\n"
    text = f"{head}{KEY},a,active,YES\n{KEY},b,active,0\n{KEY},c,active,\nno-such,d,active,true\n{KEY},d,x,no\n"
    job, found = finished(upload_courses(text, course_roles=True))
    assert found.decode() == (
        f"{head.strip()}\r\n{KEY},a,active,True\r\n{KEY},b,active,False\r\n{KEY},c,active,\r\n"
        f"no-such,d,course-not-found,True\r\n{KEY},d,invalid-status,False\r\n"
    )
    assert job.text == "207"
    rows = ProgramCourseEnrollment.objects.order_by("student_key_folded").values_list(
        "student_key_folded", "course_staff"
    )
    assert list(rows) == [("a", True), ("b", False), ("c", False)]
    # an empty cell leaves the role alone
    finished(upload_courses(f"{head}{KEY},a,inactive,\n", course_roles=True))
    assert ProgramCourseEnrollment.objects.get(student_key_folded="a").course_staff


def test_course_staff_is_dropped_while_the_feature_is_off(university: University) -> None:
    enroll("a")
    text = f"course_id,student_key,status,course_staff\n{KEY},a,active,nonsense\n"
    _job, found = finished(upload_courses(text))
    assert found.decode() == f"course_id,student_key,status\r\n{KEY},a,active\r\n"
    assert not ProgramCourseEnrollment.objects.get().course_staff


def test_rows_of_unknown_courses_do_not_repeat_each_other(university: University) -> None:
    job, found = finished(upload_courses("course_id,student_key,status\nno,a,active\nno,a,active\n"))
    assert found.decode() == "course_id,student_key,status\r\nno,a,course-not-found\r\nno,a,course-not-found\r\n"
    assert job.text == "422"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("student_key\na", 1),
        ("student_key,status\na,enrolled\n,enrolled", 3),
        ("student_key,status\na,", 2),
        ("student_key,status\n\n\na,enrolled,x", 4),
        ("student_key,status\na\n", 2),
        (f"student_key,status\n{'k' * 256},enrolled", 2),
        ('student_key,status\n"a\nb",enrolled', 2),
        ('student_key,status\na,"en\trolled"', 2),
        ("student_key,status\na\u2028b,enrolled", 2),
        ("", None),
        ("\ufeff\n\n", None),
    ],
)
def test_a_file_at_problem_stores_nothing(text: str, row: int | None, university: University) -> None:
    with pytest.raises(TabularError) as refused:
        upload(text)
    assert refused.value.row == row
    assert (Job.objects.count(), JobChunk.objects.count()) == (0, 0)
    # and the program is free for the next file
    finished(upload("student_key,status\na,enrolled"))


def test_a_bad_course_staff_names_its_row(university: University) -> None:
    with pytest.raises(TabularError) as refused:
        upload_courses(
            f"course_id,student_key,status,course_staff\n{KEY},a,active,\n{KEY},b,active,2", course_roles=True
        )
    assert (refused.value.row, refused.value.column) == (3, "course_staff")


def test_a_second_upload_is_refused_while_the_first_is_unfinished(university: University) -> None:
    first = upload("student_key,status\na,enrolled")
    for start in (upload, upload_courses):
        with pytest.raises(WriteUnfinished):
            start("no CSV that could be read\n\0")
    upload("student_key,status\na,enrolled", SECOND)
    finished(first)
    finished(upload("student_key,status\na,ended"))
    assert cancel(upload("student_key,status\na,pending"))
    upload("student_key,status\na,pending")


def test_a_row_that_a_problem_of_ours_breaks_is_told_and_the_others_stay(university: University) -> None:
    break_rows("programenrollment", "new.student_key in ('b', 'e')")
    job, found = finished(upload("student_key,status\n" + "".join(f"{key},enrolled\n" for key in "abcdefg")))
    words = {key: "internal-error" if key in "be" else "enrolled" for key in "abcdefg"}
    assert found.decode() == "student_key,status\r\n" + "".join(f"{k},{w}\r\n" for k, w in words.items())
    assert job.text == "207"
    assert [key for key, _ in stored()] == list("acdfg")
    assert changes().count() == 5


def test_a_lost_connection_is_no_problem_of_a_row(university: University) -> None:
    job_id = upload("student_key,status\na,enrolled")
    break_rows("programenrollment", "true", message="the connection was lost", errcode="08006")
    with pytest.raises(OperationalError, match="the connection was lost"):
        run_chunk(get_job(job_id))
    mend_rows("programenrollment")
    assert (get_job(job_id).done, get_job(job_id).state) == (0, "pending")
    finished(job_id)


def test_halves_give_one_word_for_each_request() -> None:
    assert write_what_can_be(lambda _: 1 / 0, []) == []  # type: ignore[arg-type, return-value]


def test_cancel_in_the_middle_keeps_whole_chunks(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "CHUNK", 2)
    job_id = upload("student_key,status\n" + "".join(f"{key},enrolled\n" for key in "abcde"))
    assert run_chunk(get_job(job_id))
    assert cancel(job_id)
    assert not cancel(job_id)
    assert carry_out(get_job(job_id))
    job = get_job(job_id)
    assert (job.state, job.done, job.result, job.text) == ("canceled", 2, None, None)
    assert [key for key, _ in stored()] == ["a", "b"]
    with suppress(FileNotFoundError):
        assert not file_size(f"jobs/{job_id}.csv")


def test_a_job_that_the_queue_lost_is_queued_again(university: University) -> None:
    job_id = upload("student_key,status\na,enrolled")
    kinds = [statuses.WRITE_PROGRAM_ENROLLMENTS]
    Job.objects.update(updated=timezone.now() - timedelta(minutes=2))
    assert queue_lost_jobs(kinds) == []
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed'")
    assert queue_lost_jobs(["other"]) == []
    assert queue_lost_jobs(kinds) == [job_id]
    assert queue_lost_jobs(kinds) == []


def test_the_command_carries_an_upload_out_beside_the_worker(university: University) -> None:
    told: list[int] = []
    job = run_here(upload("student_key,status\na,enrolled"), told.append)
    assert (job.state, job.text, told) == ("completed", "200", [1])
    assert carry_out(job)


# --- With committed transactions ---


def test_two_uploads_at_once_one_is_taken(own_database: None) -> None:
    make_university(make_world())

    def send() -> None:
        start_program_upload(io.BytesIO(b"student_key,status\na,enrolled\n"), facts(), actor_id=None, source="upload")

    with pytest.raises(WriteUnfinished):
        behind(send, send)
    assert Job.objects.count() == 1


def test_an_upload_whose_worker_is_killed_ends_in_exactly_the_state_of_the_file(
    own_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 50)
    make_university(make_world())
    keys = [f"S-{n:05}" for n in range(200)]
    job_id = upload("student_key,status\n" + "".join(f"{key},enrolled\n" for key in keys))
    with worker() as first:
        with held_chunk(job_id, 3) as hold:
            hold.wait_until_reached()
            first.kill()
            first.wait()
        assert get_job(job_id).done == 100
        with worker():
            wait_for(lambda: get_job(job_id).state == "completed")
    job, found = result_of(job_id)
    assert job.text == "200"
    assert found.decode() == "student_key,status\r\n" + "".join(f"{key},enrolled\r\n" for key in keys)
    assert [key for key, _ in stored()] == keys
    entries = changes().filter(operation=job_id)
    assert entries.count() == entries.values("student_key").distinct().count() == len(keys)
