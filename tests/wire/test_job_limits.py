"""One caller's jobs on the wire: the same download is the same job, and too many are 429."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matricula.models import Job
from tests.conftest import Api
from tests.console.conftest import Reader
from tests.university import EXTERNAL, OWN, University
from tests.wire.answers import declined, refused

DOWNLOADS = f"/api/v2/programs/{OWN}/enrollments/"
OTHERS = (
    f"{DOWNLOADS}?fmt=csv",
    f"/api/v2/programs/{OWN}/course_enrollments/",
    f"/api/v2/programs/{OWN}/courses/{EXTERNAL}/enrollments/",
    f"/api/v2/programs/{OWN}/courses/{EXTERNAL}/grades/",
)


@pytest.fixture
def limit(settings: Any) -> Callable[[int], None]:
    def change(jobs: int) -> None:
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, job_limit=jobs)

    return change


def test_the_same_download_is_202_with_the_same_job(university: University) -> None:
    ask = Api(university.writer())
    found = [ask.get(path) for path in (DOWNLOADS, *OTHERS) * 3]
    assert {answer.status_code for answer in found} == {202}
    assert len({answer.json()["job_id"] for answer in found}) == 1 + len(OTHERS) == Job.objects.count()
    # the page starts what the API started already
    Reader(university.writer("other")).post(f"/programs/{OWN}/download/", what="students", format="json")
    assert Job.objects.count() == 2 + len(OTHERS)


def test_too_many_are_429(university: University, limit: Callable[[int], None]) -> None:
    limit(2)
    ask = Api(university.writer(course_roles=True))
    first, _second = (ask.get(path).json()["job_id"] for path in (DOWNLOADS, OTHERS[0]))
    answer = ask.get(OTHERS[1])
    declined(answer, 429, "2 unfinished jobs")
    assert int(answer.headers["Retry-After"]) > 0
    # what runs already is answered all the same, and so is what starts no job
    assert ask.get(DOWNLOADS).json()["job_id"] == first
    assert ask("HEAD", OTHERS[1]).status_code == 200
    assert len(ask.get("/api/v2/jobs/").json()) == 2
    assert Api(university.writer("other")).get(DOWNLOADS).status_code == 202


def test_tasks_of_the_enrollment_api_too(api: Api, limit: Callable[[int], None]) -> None:
    limit(1)
    body = {"identifiers": ["sam", "staff"]}
    assert api.post("enrollments", body).status_code == 202
    answer = api.post("enrollments", body)
    refused(answer, 429)
    assert answer.json()["error_code"] == "RATE_LIMITED"
    assert int(answer.headers["Retry-After"]) > 0


def test_pages_say_so(university: University, limit: Callable[[int], None]) -> None:
    limit(1)
    reader = Reader(university.writer())
    reader.post(f"/programs/{OWN}/download/", what="students", format="json")
    page = reader.post(f"/programs/{OWN}/download/", 429, what="students", format="csv")
    assert "You have 1 unfinished jobs, the most allowed" in page
    assert 'href="/jobs/"' in page
