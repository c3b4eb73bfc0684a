"""One caller starts all the downloads they can; the upload of another one goes first."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.journeys.conftest import Service

PROGRAMS, LIMIT = 8, 15
COURSE = "course-v1:North+CS101+2027_T1"
_PROGRAM = "  - {{key: p{n}, organization: north, title: Program {n}, type: Masters, courses: [{{key: '{course}'}}]}}\n"
_FLOODED = """
programs:
{programs}
users:
  - {{username: flood, email: flood@north.example.org, roles: [{{role: read_enrollments, organization: north}}]}}
  - {{username: rita, email: rita@north.example.org, roles: [{{role: read_write_enrollments, organization: north}}]}}
clients:
  - {{client_id: flood, client_secret: a-secret-for-tests-only, user: flood, scopes: [read]}}
  - {{client_id: rita, client_secret: a-secret-for-tests-only, user: rita, scopes: [read, write]}}
"""


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRICULA_JOB_LIMIT", str(LIMIT))


def test_a_flood_of_downloads_is_bounded_and_delays_nobody(limited: None, service: Service, tmp_path: Path) -> None:
    programs = "".join(_PROGRAM.format(n=n, course=COURSE) for n in range(PROGRAMS))
    (tmp_path / "flooded.yaml").write_text(_FLOODED.format(programs=programs))
    loaded = service.run("load", str(tmp_path / "flooded.yaml"))
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    flood, rita = service.token("flood"), service.token("rita")
    paths = [
        f"/api/v2/programs/p{n}/{what}/?fmt={form}"
        for n in range(PROGRAMS)
        for what in ("enrollments", "course_enrollments")
        for form in ("csv", "json")
    ]

    def ask(path: str) -> requests.Response:
        return requests.get(service.url + path, headers=flood, timeout=60)

    # the worker is held, so that all of it waits, whatever the machine can do
    worker = worker_of(service)
    os.kill(worker, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(8) as threads:
            asked = list(threads.map(ask, [paths[0]] * 20 + paths * 3))
        taken = [answer for answer in asked if answer.status_code == 202]
        turned_away = [answer for answer in asked if answer.status_code == 429]
        assert len(taken) + len(turned_away) == len(asked)
        jobs: dict[str, set[str]] = {}
        for answer in taken:
            jobs.setdefault(answer.request.path_url, set()).add(answer.json()["job_url"])
        # the same question, the same job, and no more jobs than allowed
        assert {len(urls) for urls in jobs.values()} == {1}
        assert len(jobs) == LIMIT
        assert len(turned_away) >= len(paths) - LIMIT
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in turned_away)
        upload = requests.post(
            f"{service.url}/api/v2/programs/p7/enrollments/upload/",
            files={"file": ("one.csv", "student_key,status\nNEW-1,enrolled\n", "text/csv")},
            headers=rita,
            timeout=60,
        )
        assert upload.status_code == 202, upload.text
    finally:
        os.kill(worker, signal.SIGCONT)
    uploaded = wait_until_ended(service, rita, upload.json()["job_url"])
    assert (uploaded["state"], uploaded["text"]) == ("Succeeded", "200")
    for urls in jobs.values():
        assert wait_until_ended(service, flood, *urls)["state"] == "Succeeded"
    # it was the last to come, and one of the first to be done: the other slots of the worker do downloads meanwhile
    files = sorted((service.folder / "data" / "files" / "jobs").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    assert len(files) == LIMIT + 1
    assert [file.stem for file in files].index(uploaded["job_id"]) < LIMIT // 2


def worker_of(service: Service) -> int:
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    [worker] = [pid for pid in children if b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return int(worker)


def wait_until_ended(service: Service, headers: dict[str, str], url: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(requests.get(url, headers=headers, timeout=60).json())
        return found["state"] not in {"Queued", "In Progress"}

    service.wait(ended, 120)
    return found
