"""Files of students in the console: checked, carried out, and what was refused mended and sent again."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from matricula.batches import values
from matricula.console import files
from matricula.foundation.files import StorageFailed
from matricula.jobs.reads import get_job
from matricula.jobs.writes import add_job
from matricula.models import Account, FeatureGrant, Job, ProgramCourseEnrollment, RoleGrant
from matricula.worker.tasks import carry_out
from tests.conftest import KEY, World
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import enroll, stored, study
from tests.journal import changes
from tests.university import EXTERNAL, EXTRA, OWN, University, facts, make_university

UPLOAD = f"/programs/{OWN}/upload/"
STUDENTS = "student_key,status\ns-1,enrolled\ns-2,suspended\ns-3,enrolled\ns-4,nonsense\ns-5,ended\nS-5,ended\n"


@pytest.fixture
def university(world: World) -> University:
    university = make_university(world)
    enroll("s-1", "s-2")
    return university


@pytest.fixture
def registrar(university: University) -> Reader:
    return Reader(university.writer())


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("students.csv", text.encode())


def job_of(address: str) -> uuid.UUID:
    return uuid.UUID(address.rstrip("/").rpartition("/")[2])


def test_a_file_is_checked_then_carried_out(university: University, registrar: Reader) -> None:
    seen = changes().count()
    check = registrar.post(UPLOAD, file=file(STUDENTS))
    page = words_of(registrar.get(check))
    assert (
        "1 enrolled 1 suspended 1 ended 1 unchanged 1 rejected: more than once in the file 1 rejected: unknown status"
    ) in page
    assert "s-2 change enrolled → becomes suspended" in page and "s-3 add – → becomes enrolled" in page
    assert "s-1 unchanged" in page
    assert "students.csv" in page
    assert stored() == [("s-1", "enrolled"), ("s-2", "enrolled")] and changes().count() == seen

    done = registrar.apply(check, reason="as the registrar said")
    page = words_of(registrar.get(done))
    assert "completed" in page and "as the registrar said" in page
    assert stored() == [("s-1", "enrolled"), ("s-2", "suspended"), ("s-3", "enrolled"), ("s-5", "ended")]
    entries = changes().order_by("id")[seen:]
    assert {(e.student_key, e.source, e.reason, f"/jobs/{e.operation}/") for e in entries} == {
        (key, "console", "as the registrar said", done) for key in ("s-2", "s-3", "s-5")
    }
    assert get_job(job_of(done)).text == "200"
    assert "Download result" in registrar.get(done)
    assert registrar.apply(check, reason="again") == done


def test_refused_rows_are_mended_and_sent_again(university: University, registrar: Reader) -> None:
    check = registrar.post(UPLOAD, file=file(STUDENTS))
    answer = registrar.http.get(f"{check}refused.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="n-cs-rejected-{timezone.localdate()}.csv"'
    refused = b"".join(answer.streaming_content).decode()
    assert refused.splitlines() == [
        "student_key,status,rejected_because",
        "s-4,nonsense,This status doesn't exist.",
        "S-5,ended,Row 6 already names this person. Keep one of the rows.",
    ]
    again = registrar.post(UPLOAD, file=file(refused.replace("nonsense", "pending")))
    assert get_job(job_of(again)).counts == {"pending": 1, "ended": 1}
    registrar.apply(again, reason="mended")
    assert stored()[2:] == [("s-4", "pending"), ("S-5", "ended")]


def test_files_about_courses_are_known_by_their_header(university: University, registrar: Reader) -> None:
    study(university.extra.pk, "s-1")
    rows = f"{KEY},s-1,active\n{EXTRA},s-1,inactive\n{EXTERNAL},s-9,active\nnone,s-2,active\n{KEY},s-2,ended\n"
    check = registrar.post(UPLOAD, file=file(f"course_id,student_key,status\n{rows}"))
    page = words_of(registrar.get(check))
    assert f"s-1 · {KEY} add – → becomes active" in page
    assert f"s-1 · {EXTRA} remove active → becomes inactive" in page
    assert "Add the program enrollment first" in page and "no course run with this key" in page
    assert not ProgramCourseEnrollment.objects.filter(course=university.course).exists()

    done = registrar.apply(check, reason="term begins")
    assert get_job(job_of(done)).kind == "write_course_run_enrollments"
    assert dict(ProgramCourseEnrollment.objects.values_list("course__key", "status")) == {
        KEY: "active",
        EXTRA: "inactive",
    }
    refused = b"".join(registrar.http.get(f"{check}refused.csv").streaming_content).decode()
    mended = refused.replace("none,", f"{KEY},").replace("ended", "active").replace("s-9", "s-1")
    again = registrar.post(UPLOAD, file=file(mended))
    assert refused.startswith("course_id,student_key,status,rejected_because\r\n") and refused.count("\n") == 4
    assert get_job(job_of(again)).counts == {"active": 1, "duplicated": 1, "unchanged": 1}


def test_staff_is_taken_from_those_who_may_only(university: University, registrar: Reader) -> None:
    rows = f"course_id,student_key,status,course_staff\n{KEY},s-1,active,yes\n{KEY},s-9,active,no\n"
    check = registrar.post(UPLOAD, file=file(rows))
    registrar.apply(check, reason="x")
    assert not ProgramCourseEnrollment.objects.get().course_staff
    assert "course_staff" not in registrar.get(UPLOAD)

    granted = FeatureGrant.objects.create(feature="course_roles", account=Account.objects.get(username="writer"))
    assert "course_staff" in registrar.get(UPLOAD)
    check = registrar.post(UPLOAD, file=file(rows))
    page = words_of(registrar.get(check))
    assert "active, course staff" in page and "Apply 1 change" in page
    refused = b"".join(registrar.http.get(f"{check}refused.csv").streaming_content).decode()
    assert refused.splitlines()[1].startswith(f"{KEY},s-9,active,False,")

    granted.delete()
    registrar.apply(check, 403, reason="x")
    FeatureGrant.objects.create(feature="course_roles", account=Account.objects.get(username="writer"))
    registrar.apply(check, reason="x")
    assert ProgramCourseEnrollment.objects.get().course_staff


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("student_key\ns-1\n", "Row 1: column status is missing."),
        ("course_id,status\nx,active\n", "Row 1: column student_key is missing."),
        ("student_key,status\ns-1,\n", "Row 2, column status: the cell is blank."),
        ("course_id,student_key,status\n,s-1,active\n", "Row 2, column course_id: the cell is blank."),
        ('student_key,status\n"s\n1",ended\n', "Row 2, column student_key: there is a line break"),
        ("student_key,status\ns-1\n", "Row 2: there is 1 cell but the header has 2."),
        ("", "The file is empty."),
    ],
)
def test_a_file_that_cannot_be_read(registrar: Reader, text: str, problem: str) -> None:
    page = registrar.post(UPLOAD, 400, file=SimpleUploadedFile("x.csv", text.encode() or b" "))
    assert problem in page and not Job.objects.exists()


def test_a_file_that_cannot_be_read_in_the_language_of_the_reader(registrar: Reader) -> None:
    Account.objects.filter(pk=registrar.account_id).update(language="es")
    file = SimpleUploadedFile("x.csv", b"student_key,status\ns-1,\n")
    page = registrar.post(UPLOAD, 400, file=file)
    assert "No se puede leer el archivo: Fila 2, columna status: la celda está vacía. Complétela." in page


def test_no_file_and_too_large_a_file(registrar: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Choose a file, or drop one." in registrar.post(UPLOAD, 400)
    monkeypatch.setattr(files, "MAX_FILE", 2**20)
    page = registrar.post(UPLOAD, 400, file=file("student_key,status\n" + "s-1,ended\n" * 110_000))
    assert "larger than 1 MB. Send it in parts" in page and not Job.objects.exists()


def test_another_upload_is_still_running(university: University, registrar: Reader) -> None:
    running = add_job(
        "write_program_enrollments", actor_id=None, source="upload", course_id=None, program_id=facts().id, options={}
    )
    check = registrar.post(UPLOAD, file=file(STUDENTS))
    assert registrar.apply(check, reason="x") == check
    assert "Another upload to this program is still running. Wait until it has ended." in registrar.get(check)
    assert stored() == [("s-1", "enrolled"), ("s-2", "enrolled")]
    Job.objects.filter(pk=running).update(state="canceled")
    done = registrar.apply(check, reason="x")
    assert done != check and len(stored()) == 4


def test_many_rows_are_the_workers(university: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "CHUNK", 2)
    check = registrar.post(UPLOAD, file=file(STUDENTS))
    assert "Cancel this plan" in registrar.get(check)
    assert registrar.apply(check, reason="x") == check
    assert carry_out(get_job(job_of(check)))
    assert get_job(job_of(check)).done == 6 and "Apply 3 changes" in registrar.get(check)
    done = registrar.apply(check, reason="x")
    assert len(stored()) == 2 and "Cancel this job" in registrar.get(done)
    assert carry_out(get_job(job_of(done)))
    assert len(stored()) == 4 and "completed" in registrar.get(done)


def test_a_file_of_which_nothing_can_be_done(university: University, registrar: Reader) -> None:
    check = registrar.post(UPLOAD, file=file("student_key,status\ns-1,enrolled\ns-4,nonsense\n"))
    page = registrar.get(check)
    assert "There are no changes to apply" in page and "Apply 0" not in page


def test_a_storage_that_fails_leaves_the_result_to_the_worker(
    university: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StorageFailed("full")

    check = registrar.post(UPLOAD, file=file(STUDENTS))
    with monkeypatch.context() as patch:
        patch.setattr("matricula.batches.runs.write_file", full)
        done = registrar.apply(check, reason="x")
    assert len(stored()) == 4 and get_job(job_of(done)).state == "running"
    assert carry_out(get_job(job_of(done)))
    assert get_job(job_of(done)).text == "200"


def test_who_may_not(university: University, registrar: Reader) -> None:
    Reader(university.holder("read_enrollments")).get(UPLOAD, 403)
    check = registrar.post(UPLOAD, file=file(STUDENTS))
    # who reads looks at it, and nobody applies what they may not or no longer do
    reader = Reader(university.holder("read_enrollments", name="reader"))
    assert "Apply 3 changes" not in reader.get(check)
    reader.apply(check, 403, reason="x")
    RoleGrant.objects.filter(account__username="writer").delete()
    registrar.apply(check, 404, reason="x")
    assert len(stored()) == 2
