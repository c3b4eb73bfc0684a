"""The Program Console, unchanged: its calls in their order, by a session with CSRF, with the fields that it reads."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from matricula.foundation.login_cookie import NAME
from matricula.jobs.reads import find_job
from tests.conftest import Api
from tests.university import OWN, University
from tests.wire.answers import content
from tests.wire.test_browsers import logged_in, payload
from tests.wire.test_registrar_uploads import FORM, GOOD, PROGRAM, carry_out, form

FRONT = "https://console.example.org"
# what every call of its library has; X-CSRFToken comes with what changes something
HEADERS = {"Origin": FRONT, "USE-JWT-COOKIE": "true", "Accept": "application/json, text/plain, */*"}
# of the states that it knows
WAITING, ENDED = {"Pending", "In Progress"}, {"Succeeded", "Failed"}


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [FRONT]
    settings.CSRF_TRUSTED_ORIGINS = [*settings.CSRF_TRUSTED_ORIGINS, FRONT]
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, queued_word="Pending")


def test_an_upload_and_a_download(university: University) -> None:
    http = logged_in(university.writer("clicker"), enforce_csrf_checks=True)

    def get(path: str, status: int = 200) -> Any:
        answer = http.get(path, headers=HEADERS)
        assert answer.status_code == status, content(answer)
        assert answer.headers["Access-Control-Allow-Origin"] == FRONT
        return answer.json()

    def polled(job_id: str) -> dict[str, Any]:
        shown = get(f"/api/v1/jobs/{job_id}")
        assert shown["state"] in WAITING
        job = find_job(uuid.UUID(job_id))
        assert job is not None
        carry_out(job)
        shown = get(f"/api/v1/jobs/{job_id}")
        assert shown["state"] in ENDED and shown["name"]
        return dict(shown)

    # the library: who is logged in
    answer = http.post("/login_refresh", headers=HEADERS)
    assert answer.json()["response_epoch_seconds"] > 0
    who = payload(answer.cookies[NAME].value)["preferred_username"]
    assert get(f"/api/user/v1/accounts/{who}")["username"] == who == "clicker"
    # the page
    [program] = get("/api/v1/programs/?user_has_perm=read_metadata")
    assert program["program_key"] == OWN and program["program_title"] and "program_url" in program
    assert {"read_enrollments", "write_enrollments"} <= set(program["permissions"])
    assert get("/api/v1/jobs/") == []
    # an upload: first the token, then the file
    token = get("/csrf/api/v1/token")["csrfToken"]
    address = f"/api/v1/programs/{OWN}/enrollments/upload/"
    body: dict[str, Any] = {"data": form(GOOD[PROGRAM]), "content_type": FORM}
    assert http.generic("POST", address, headers=HEADERS, **body).status_code == 403
    sent = http.generic("POST", address, headers={**HEADERS, "X-CSRFToken": token}, **body)
    assert sent.status_code == 202
    # a page that is opened meanwhile finds the job
    [running] = get("/api/v1/jobs/")
    assert running["job_id"] == sent.json()["job_id"] and OWN in running["name"]
    result = polled(running["job_id"])["result"]
    assert content(Api().get(result)) == GOOD[PROGRAM]
    # a download
    started = get(f"/api/v1/programs/{OWN}/enrollments/?fmt=csv", 202)
    file = content(Api().get(polled(started["job_id"])["result"]))
    assert file.splitlines()[0] == b"student_key,status,account_exists" and len(file.splitlines()) == 2
