"""A file storage that does not answer is 503 with a reason, wherever it is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

import matricula
from matricula.foundation import files
from matricula.foundation.files import StorageFailed, signed_link
from matricula.models import Job
from tests.conftest import Api
from tests.domain.program_jobs import enroll, finished
from tests.university import OWN, University
from tests.wire.answers import content, declined

FailStorage = Callable[[], None]
ASKED = {
    "write": lambda: files.write_file("jobs/a.csv", [b"x"]),
    "open": lambda: files.open_file("jobs/a.csv"),
    "delete": lambda: files.delete_file("jobs/a.csv"),
    "size": lambda: files.file_size("jobs/a.csv"),
    "list": lambda: files.list_files("jobs"),
    "link": lambda: files.signed_link("jobs/a.csv", ""),
}


@pytest.mark.parametrize("what", ASKED)
def test_every_use_of_the_storage_fails_in_one_way(what: str, storage_fails: FailStorage) -> None:
    storage_fails()
    with pytest.raises(StorageFailed, match="could not connect"):
        ASKED[what]()


def test_nothing_else_uses_the_storage() -> None:
    """The class: only one module may ask Django's storage, so that no other exception leaves it."""
    root = Path(matricula.__file__).parent
    users = {
        str(place.relative_to(root)) for place in root.rglob("*.py") if "default_storage" in place.read_text("utf-8")
    }
    assert users == {"foundation/files.py"}


def test_reports(university: University, storage_fails: FailStorage) -> None:
    storage_fails()
    answer = Api(university.holder("read_reports")).get(f"/api/v2/programs/{OWN}/reports")
    declined(answer, 503)
    assert "file storage" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 0


def test_the_link_of_a_job(university: University, storage_fails: FailStorage) -> None:
    enroll("a")
    ask = Api(university.writer("asker"))
    url = ask.get(f"/api/v2/programs/{OWN}/enrollments/").json()["job_url"].removeprefix("http://testserver")
    job = Job.objects.get()
    finished(job.pk)
    assert ask.get(url).json()["result"]
    storage_fails()
    declined(ask.get(url), 503)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signed_link(method: str, storage_fails: FailStorage, db: None) -> None:
    link = signed_link("jobs/a.csv", "")
    storage_fails()
    answer = Api()(method, link)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert method == "HEAD" or b"file storage" in content(answer)
