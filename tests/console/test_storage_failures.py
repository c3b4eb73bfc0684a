"""Pages while the file storage does not answer: what can be shown is shown, and the rest says why not."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

from matricula.console.unavailable import UnavailableMiddleware
from matricula.foundation.files import StorageFailed
from matricula.models import Job
from tests.conftest import World
from tests.console.conftest import Reader, text_of
from tests.domain.program_jobs import enroll, finished
from tests.university import OWN, University

SAID = "The file storage is not responding"


def test_a_program_is_shown_without_its_reports(university: University, storage_fails: Callable[[], None]) -> None:
    reader = Reader(university.holder("read_reports"))
    assert SAID not in reader.get(f"/programs/{OWN}/")
    storage_fails()
    page = reader.get(f"/programs/{OWN}/")
    assert SAID in page
    assert "No reports yet" not in page


def test_a_job_is_shown_without_its_result(university: University, storage_fails: Callable[[], None]) -> None:
    enroll("a")
    reader = Reader(university.writer())
    reader.post(f"/programs/{OWN}/download/", what="students", format="csv")
    job = Job.objects.get()
    finished(job.pk)
    assert "Download result" in reader.get(f"/jobs/{job.pk}/")
    storage_fails()
    page = reader.get(f"/jobs/{job.pk}/")
    assert SAID in page
    assert "Download result" not in page


def test_any_other_page_says_so_with_503(world: World, rf: RequestFactory) -> None:
    def view(_request: Any) -> HttpResponse:
        raise AssertionError

    request = rf.get("/")
    request.user = world.staff
    answer = UnavailableMiddleware(view).process_exception(request, StorageFailed("no answer"))
    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert SAID in text_of(answer)
    assert UnavailableMiddleware(view).process_exception(request, ValueError()) is None
