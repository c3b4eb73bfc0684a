"""Jobs on the wire (registrar-api: Jobs)."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from matricula.jobs import statuses
from matricula.models import Account, Job
from matricula.rest.contracts.registrar.jobs import job_accepted
from matricula.rest.endpoint import Call
from tests.conftest import Api, make_account
from tests.university import OWN, University
from tests.wire.answers import declined

CREATED = datetime(2027, 1, 15, 8, 30, 0, 250_000, tzinfo=UTC)


def make_job(actor: Account, university: University, **fields: Any) -> Job:
    known: dict[str, Any] = {
        "kind": statuses.WRITE_PROGRAM_ENROLLMENTS, "state": "pending", "actor": actor, "source": "upload",
        "program": university.own, "total": 5, "done": 0, "created": CREATED, "updated": CREATED,
    }  # fmt: skip
    return Job.objects.create(**{**known, **fields})


@pytest.fixture
def owner(university: University) -> Account:
    return university.writer("owner")


STATES = {"pending": "Queued", "running": "In Progress", "canceled": "Canceled", "completed": "Succeeded"}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("state", STATES)
def test_a_job(state: str, version: str, slash: str, owner: Account, university: University) -> None:
    job = make_job(owner, university, state=state, done=3)
    body = Api(owner).get(f"/api/{version}/jobs/{job.id}{slash}").json()
    assert list(body) == ["job_id", "name", "created", "state", "result", "text", "progress"]
    assert body == {
        "job_id": str(job.id),
        "name": f"{OWN}:write:write_program_enrollments",
        "created": "2027-01-15T08:30:00.250000Z",
        "state": STATES[state],
        "result": None,
        "text": None,
        "progress": {"current": 3, "total": 5},
    }


def test_a_failed_job_tells_why(owner: Account, university: University) -> None:
    job = make_job(owner, university, state="failed", error="The file is gone.")
    body = Api(owner).get(f"/api/v1/jobs/{job.id}/").json()
    assert (body["state"], body["result"], body["text"]) == ("Failed", None, "The file is gone.")


def test_the_word_of_the_old_service_is_a_setting(owner: Account, university: University, settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, queued_word="Pending")
    job = make_job(owner, university)
    assert Api(owner).get(f"/api/v1/jobs/{job.id}/").json()["state"] == "Pending"
    assert [row["state"] for row in Api(owner).get("/api/v2/jobs/").json()] == ["Pending"]


@pytest.mark.parametrize("kind", statuses.READ_KINDS + statuses.WRITE_KINDS)
def test_names(kind: str, owner: Account, university: University) -> None:
    job = make_job(owner, university, kind=kind)
    direction = "write" if kind.startswith("write") else "read"
    assert Api(owner).get(f"/api/v1/jobs/{job.id}/").json()["name"] == f"{OWN}:{direction}:{kind}"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_whose_jobs_are_read(version: str, owner: Account, university: University) -> None:
    job = make_job(owner, university)
    path = f"/api/{version}/jobs/{job.id}/"
    for reader in (
        owner,
        university.root,
        university.holder("read_all_jobs"),
        university.holder("read_all_jobs", group=True),
    ):
        assert Api(reader).get(path).status_code == 200
        assert Api(reader)("HEAD", path).status_code == 200
    for other in (university.writer("colleague"), university.world.admin, make_account("x")):
        declined(Api(other).get(path), 403)
        assert Api(other)("HEAD", path).status_code == 403
    declined(Api().get(path), 401)
    for method in ("POST", "DELETE"):
        declined(Api(other)(method, path), 405)


@pytest.mark.parametrize(
    "word",
    [
        "6f5902ac-9023-4c9b-9bd5-2b4d0c3a1e11",
        "x",
        "5",
        "%00",
        "6f5902ac90234c9b9bd52b4d0c3a1e11",
        "{6f5902ac-9023-4c9b-9bd5-2b4d0c3a1e11}",
        "%20",
    ],
)
def test_unknown_jobs(word: str, owner: Account, university: University) -> None:
    for ask in (Api(owner), Api(university.root)):
        declined(ask.get(f"/api/v1/jobs/{word}/"), 404)


def test_the_case_of_an_id_does_not_matter(owner: Account, university: University) -> None:
    job = make_job(owner, university)
    assert Api(owner).get(f"/api/v1/jobs/{str(job.id).upper()}/").json()["job_id"] == str(job.id)


def test_tasks_of_the_other_api_are_no_jobs_here(owner: Account, university: University) -> None:
    job = make_job(owner, university, kind="enrollment", program=None, course=university.course)
    declined(Api(owner).get(f"/api/v1/jobs/{job.id}/"), 404)
    assert Api(owner).get("/api/v1/jobs/").json() == []


@pytest.mark.parametrize("path", ["/api/v1/jobs/", "/api/v1/jobs", "/api/v2/jobs/", "/api/v2/jobs"])
def test_ones_own_unfinished_jobs(path: str, owner: Account, university: University) -> None:
    write = make_job(owner, university, state="running")
    read = make_job(owner, university, kind=statuses.LIST_PROGRAM_ENROLLMENTS, created=CREATED.replace(year=2026))
    for state, more in (("completed", {}), ("canceled", {}), ("failed", {"error": "x"})):
        make_job(owner, university, state=state, **more)
    make_job(university.root, university, kind=statuses.GET_COURSE_RUN_GRADES)
    assert [row["job_id"] for row in Api(owner).get(path).json()] == [str(read.id), str(write.id)]
    assert Api(university.holder("read_all_jobs")).get(path).json() == []
    assert len(Api(university.root).get(path).json()) == 1
    declined(Api().get(path), 401)


@pytest.mark.parametrize("base", ["/api/v1", "/api/v2"])
@pytest.mark.parametrize("root", ["http://testserver", "https://m.example.org"])
def test_a_job_that_was_accepted(base: str, root: str, rf: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "" if root.startswith("http:") else root
    job_id = uuid.uuid4()
    answer = job_accepted(Call(rf.get("/"), uuid.uuid4(), {}, base), job_id)
    assert answer.status_code == 202
    assert json.loads(answer.content) == {"job_id": str(job_id), "job_url": f"{root}{base}/jobs/{job_id}/"}
