"""Who lost the right to a program keeps the job that they started, and no longer sees what it read or wrote."""

import pytest

from matricula.access.statuses import READ_ALL_JOBS
from matricula.jobs.reads import get_job
from matricula.models import Account, Job, RoleGrant
from matricula.worker.tasks import carry_out
from tests.conftest import Api
from tests.console.conftest import Reader
from tests.domain.program_jobs import enroll
from tests.university import OWN, University

UPLOAD = f"/api/v2/programs/{OWN}/enrollments/upload/"


@pytest.fixture
def writer(university: University) -> Account:
    return university.writer()


@pytest.fixture
def download(university: University, writer: Account) -> str:
    enroll("S-7001")
    answer = Api(writer).get(f"/api/v2/programs/{OWN}/enrollments/")
    assert answer.status_code == 202
    job = Job.objects.get()
    assert carry_out(get_job(job.id))
    return str(job.id)


def result(account: Account, job: str) -> str | None:
    answer = Api(account).get(f"/api/v2/jobs/{job}/")
    assert answer.status_code == 200 and answer.json()["state"] == "Succeeded"
    found: str | None = answer.json()["result"]
    return found


def test_the_result_is_for_those_who_may_read_the_program_now(download: str, writer: Account) -> None:
    assert result(writer, download) is not None
    assert "Download result" in Reader(writer).get(f"/jobs/{download}/")
    RoleGrant.objects.filter(account=writer).delete()
    assert result(writer, download) is None
    page = Reader(writer).get(f"/jobs/{download}/")
    assert "Download result" not in page and "You no longer have access to the program" in page
    Reader(writer).get(f"/jobs/{download}/refused.csv", 403)


def test_who_may_read_all_jobs_sees_all_of_them(download: str, university: University) -> None:
    reader = university.world.elsewhere
    Reader(reader).get(f"/jobs/{download}/", 403)
    RoleGrant.objects.create(account=reader, role=READ_ALL_JOBS)
    assert result(reader, download) is not None


def test_rows_of_an_upload_are_hidden_too(university: University, writer: Account) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    check = Reader(writer).post(
        f"/programs/{OWN}/upload/",
        kind="program",
        file=SimpleUploadedFile("a.csv", b"student_key,status\nS-7002,enrolled\nS-7003,no-such\n"),
    )
    assert "S-7002" in Reader(writer).get(check) and "S-7003" in Reader(writer).get(check)
    RoleGrant.objects.filter(account=writer).delete()
    Reader(writer).get(check, 404)
    page = Reader(writer).get(check.replace("plans", "jobs"))
    assert "S-7002" not in page and "S-7003" not in page
