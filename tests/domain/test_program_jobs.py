"""Downloads as jobs, byte for byte, and how long jobs and students who wait are kept."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from matricula.batches.kinds import OF_FILES
from matricula.enrollments.program.retention import count_due_waiting_students, delete_waiting_students
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramRequest,
    write_program_enrollments,
)
from matricula.foundation.files import file_size
from matricula.jobs import statuses
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import find_job, get_job
from matricula.jobs.retention import count_due, delete_expired_files, delete_expired_jobs
from matricula.journal.writes import new_operation
from matricula.models import (
    Job,
    JobChunk,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from matricula.worker.tasks import carry_out
from tests.canceled_jobs import cancel
from tests.conftest import make_account
from tests.domain.program_jobs import download, enroll, facts, finished, link, stored, study, upload
from tests.journal import changes
from tests.university import EXTERNAL, EXTRA, SECOND, University

# --- Downloads ---


def test_students_of_a_program(university: University) -> None:
    enroll("S-2", "=1+1", 'a"b,c')
    link("S-2", university.world.learner)
    columns = b"student_key,status,account_exists"
    assert download(statuses.LIST_PROGRAM_ENROLLMENTS) == (
        columns + b'\r\n\'=1+1,enrolled,False\r\n"a""b,c",enrolled,False\r\nS-2,enrolled,True\r\n'
    )
    assert download(statuses.LIST_PROGRAM_ENROLLMENTS, names=True) == (
        columns + b',username,email\r\n\'=1+1,enrolled,False,,\r\n"a""b,c",enrolled,False,,\r\n'
        b"S-2,enrolled,True,sam,sam@example.org\r\n"
    )
    rows = json.loads(download(statuses.LIST_PROGRAM_ENROLLMENTS, "json", names=True))
    assert rows[0] == {
        "student_key": "=1+1", "status": "enrolled", "account_exists": False, "username": None, "email": None,
    }  # fmt: skip
    assert [list(row) for row in rows] == [["student_key", "status", "account_exists", "username", "email"]] * 3
    assert rows[2]["account_exists"] is True


def test_nobody(university: University) -> None:
    assert download(statuses.LIST_PROGRAM_ENROLLMENTS) == b"student_key,status,account_exists\r\n"
    assert download(statuses.LIST_PROGRAM_ENROLLMENTS, "json") == b"[]"
    assert (
        download(statuses.LIST_ALL_COURSE_RUN_ENROLLMENTS, course_staff=True)
        == b"course_id,student_key,status,account_exists,course_staff\r\n"
    )


def test_students_in_courses(university: University) -> None:
    enroll("S-1", "s-2")
    study(university.course.pk, "S-1", "s-2")
    study(university.extra.pk, "S-1", staff=True)
    own = f"{EXTERNAL},S-1,active,False\r\n{EXTERNAL},s-2,active,False\r\n"
    columns = "course_id,student_key,status,account_exists"
    kind = statuses.LIST_COURSE_RUN_ENROLLMENTS
    assert download(kind, course_id=university.course.pk).decode() == f"{columns}\r\n{own}"
    # the runs in the program's order, not in that of their ids
    everything = download(statuses.LIST_ALL_COURSE_RUN_ENROLLMENTS).decode()
    assert everything == f"{columns}\r\n{own}{EXTRA},S-1,active,False\r\n"
    with_staff = download(kind, course_id=university.extra.pk, course_staff=True).decode()
    assert with_staff == f"{columns},course_staff\r\n{EXTRA},S-1,active,False,True\r\n"
    shown = json.loads(download(kind, "json", course_id=university.extra.pk, course_staff=True))
    assert shown == [
        {"course_id": EXTRA, "student_key": "S-1", "status": "active", "account_exists": False, "course_staff": True}
    ]


def test_students_of_another_program_are_not_shown(university: University) -> None:
    write_program_enrollments(new_operation(None, "api"), facts(SECOND), Verb.CREATE, [ProgramRequest("X", "ended")])
    assert b"X" not in download(statuses.LIST_PROGRAM_ENROLLMENTS)


def test_more_rows_than_a_block(university: University) -> None:
    program = facts()
    rows = [ProgramRequest(f"student-{n:06}", "enrolled") for n in range(5_000)]
    write_program_enrollments(new_operation(None, "api"), program, Verb.CREATE, rows)
    lines = download(statuses.LIST_PROGRAM_ENROLLMENTS).decode().split("\r\n")
    assert lines[1:-1] == [f"{row.student_key},enrolled,False" for row in rows]
    shown = json.loads(download(statuses.LIST_PROGRAM_ENROLLMENTS, "json"))
    assert [row["student_key"] for row in shown] == [row.student_key for row in rows]


def test_a_download_that_is_stopped_leaves_no_file_and_goes_on_later(university: University) -> None:
    enroll("S-1")
    job_id = start_download(
        statuses.LIST_PROGRAM_ENROLLMENTS, actor_id=None, source="api", program_id=facts().id, form="csv"
    )
    assert not carry_out(get_job(job_id), lambda: True)
    assert get_job(job_id).state == "running"
    assert list(Path(default_storage.path("jobs")).glob(f"*{job_id}*")) == []
    assert list(Path(default_storage.path("jobs")).glob(".*")) == []
    finished(job_id)


def test_the_file_of_a_download_that_was_canceled_meanwhile_is_not_kept(university: University) -> None:
    enroll("S-1")
    job_id = start_download(
        statuses.LIST_PROGRAM_ENROLLMENTS, actor_id=None, source="api", program_id=facts().id, form="csv"
    )

    def canceling() -> bool:
        cancel(job_id)
        return False

    assert carry_out(get_job(job_id), canceling)
    assert (get_job(job_id).state, get_job(job_id).result) == ("canceled", None)
    with pytest.raises(FileNotFoundError):
        file_size(f"jobs/{job_id}.csv")


# --- Retention ---


def test_files_and_jobs_are_forgotten_after_their_days(university: University) -> None:
    enroll("S-1")
    old, _found = finished(upload("student_key,status\na,enrolled"))
    download(statuses.LIST_PROGRAM_ENROLLMENTS)
    unfinished = upload("student_key,status\na,enrolled")
    Job.objects.exclude(state="completed", text=None).update(updated=timezone.now() - timedelta(days=10))
    assert (
        delete_expired_files(0, OF_FILES),
        delete_expired_jobs(0),
        delete_expired_files(11, OF_FILES),
        delete_expired_jobs(11),
    ) == (0, 0, 0, 0)
    assert tuple(count_due(*days, OF_FILES) for days in ((9, 9), (8, 8), (8, 0), (0, 0))) == (0, 2, 1, 0)
    assert delete_expired_files(9, OF_FILES) == 1
    assert get_job(old.id).result is None
    assert not JobChunk.objects.filter(job_id=old.id).exists()
    with pytest.raises(FileNotFoundError):
        file_size(f"jobs/{old.id}.csv")
    assert delete_expired_files(9, OF_FILES) == 0
    assert delete_expired_jobs(9) == 1
    assert find_job(old.id) is None
    # a job that is not done is never forgotten
    assert find_job(unfinished) is not None
    assert JobChunk.objects.filter(job_id=unfinished).exists()
    assert Job.objects.count() == 2


def test_a_job_takes_its_file_with_it(university: University) -> None:
    job, _found = finished(upload("student_key,status\na,enrolled"))
    Job.objects.update(updated=timezone.now() - timedelta(days=10))
    assert delete_expired_jobs(9) == 1
    with pytest.raises(FileNotFoundError):
        file_size(f"jobs/{job.id}.csv")


def test_students_who_waited_too_long_are_forgotten_and_the_journal_says_so(university: University) -> None:
    enroll("old", "linked", "fresh", "studies")
    study(university.course.pk, "old", "linked", "studies")
    link("linked", make_account("linked"))
    long_ago = timezone.now() - timedelta(days=63, hours=12)
    ProgramEnrollment.objects.exclude(student_key="fresh").update(updated=long_ago)
    ProgramCourseEnrollment.objects.exclude(student_key_folded="studies").update(updated=long_ago)
    assert (count_due_waiting_students(60), count_due_waiting_students(61), count_due_waiting_students(0)) == (1, 1, 0)
    assert count_due_waiting_students(62) == 0
    assert delete_waiting_students(0) == delete_waiting_students(64) == 0
    before = changes().count()
    assert delete_waiting_students(60) == 1
    assert [key for key, _status in stored()] == ["fresh", "linked", "studies"]
    assert set(ProgramCourseEnrollment.objects.values_list("student_key_folded", flat=True)) == {"linked", "studies"}
    entries = changes().order_by("id")[before:]
    assert [(e.subject, e.source, e.student_key, e.transition) for e in entries] == [
        ("program_course_enrollment", "schedule", "old", "from active to expired"),
        ("program_enrollment", "schedule", "old", "from enrolled to expired"),
    ]
    assert delete_waiting_students(60) == 0
