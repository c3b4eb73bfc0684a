"""A whole service, as an operator starts it: ``matricula up`` in a folder of its own."""

import email
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import requests

from tests.folders import prepare_folder
from tests.wheel import build_wheel, install_wheel

INSTITUTION = """
organizations:
  - {key: north, name: North University}
courses:
  - key: course-v1:North+CS101+2027_T1
    organization: north
    title: Introduction to Programming
    url: https://learn.example.org/cs101
    modes: [audit, honor, verified]
  - {key: course-v1:North+CS102+2027_T1, organization: north, title: Algorithms, modes: [audit, honor]}
  - {key: course-v1:North+CS103+2027_T1, organization: north, title: Databases, modes: [audit]}
users:
  - {username: nora, email: nora@north.example.org, password: a-password-for-tests, roles: [
      {role: instructor, course: "course-v1:North+CS101+2027_T1"},
      {role: instructor, course: "course-v1:North+CS102+2027_T1"},
      {role: instructor, course: "course-v1:North+CS103+2027_T1"}]}
  - {username: sam, email: sam@north.example.org, first_name: Sam, language: es}
  - {username: kim, email: kim@north.example.org}
clients:
  - {client_id: north-sis, client_secret: a-secret-for-tests-only, user: nora, scopes: [read, write]}
"""
METRICS_TOKEN = "a-token-for-tests-only"


@dataclass
class Service:
    """One running service and its folder."""

    folder: Path
    port: int
    log: Path
    # the one that has Matricula installed
    python: str = sys.executable
    course_key: str = "course-v1:North+CS101+2027_T1"
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def course(self) -> str:
        return f"{self.url}/api/enrollment/v2/courses/{self.course_key}"

    @property
    def environment(self) -> dict[str, str]:
        ours = {"MATRICULA_DATA": str(self.folder / "data"), "EMAIL_URL": f"file://{self.folder}/mail"}
        # a web process takes seconds to start; journeys that are about several set this
        few = {"MATRICULA_WEB_WORKERS": "1", "MATRICULA_METRICS_TOKEN": METRICS_TOKEN}
        apart = {"DATABASE_URL"} if self.python == sys.executable else {"DATABASE_URL", "PYTHONPATH"}
        return few | {k: v for k, v in os.environ.items() if k not in apart} | ours

    def start(self, *arguments: str) -> None:
        with self.log.open("ab") as log:
            command = [self.python, "-m", "matricula", "up", "--port", str(self.port), *arguments]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.wait(lambda: self.answers() or self.process.poll() is not None, 240)
        assert self.process.poll() is None, self.log.read_text()

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/health/", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        return self.process.wait(90)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", "matricula", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120)

    def run_python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Runs code with the settings of the service."""
        return subprocess.run(
            [self.python, "-c", code],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def token(self, client: str = "north-sis") -> dict[str, str]:
        answer = requests.post(
            f"{self.url}/oauth2/token/",
            data={"grant_type": "client_credentials"},
            auth=(client, "a-secret-for-tests-only"),
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def mails_to(self, address: str, count: int) -> list[EmailMessage]:
        """The mails to an address, oldest first, once there are ``count`` of them."""
        found: list[EmailMessage] = []

        def arrived() -> bool:
            files = sorted((self.folder / "mail").glob("*.eml"), key=lambda f: f.stat().st_mtime_ns)
            messages = [email.message_from_bytes(f.read_bytes(), policy=default) for f in files]
            found[:] = [m for m in messages if address in m["To"]]
            return len(found) >= count

        self.wait(arrived)
        assert len(found) == count
        return found

    @staticmethod
    def wait(condition: object, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not condition():  # type: ignore[operator]
            assert time.monotonic() < deadline, "it did not come to pass in time"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def links_in(mail: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", text_of(mail))


@dataclass(frozen=True)
class Installed:
    """The wheel of this source, installed in an environment of its own."""

    folder: Path
    wheel: Path

    @property
    def python(self) -> str:
        return str(self.folder / "environment" / "bin" / "python")

    @property
    def command(self) -> str:
        return str(self.folder / "environment" / "bin" / "matricula")


def new_service(folder: Path, *, tables: bool = True, python: str = sys.executable) -> Service:
    """One that wasn't started, with the institution file, and a database that has its tables or none at all."""
    (folder / "institution.yaml").write_text(INSTITUTION)
    if tables:
        (folder / "data").mkdir()
        prepare_folder(folder / "data")
    return Service(folder, free_port(), folder / "up.log", python)


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """The service, with its institution loaded; it is stopped at the end, unless it was by then."""
    service.start("--institution", str(service.folder / "institution.yaml"))
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """One for the test alone, which may stop it."""
    with running(new_service(tmp_path)) as started:
        yield started


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build_wheel(folder)
    install_wheel(wheel, folder / "environment")
    return Installed(folder, wheel)


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory, installed: Installed) -> Iterator[Service]:
    with running(new_service(tmp_path_factory.mktemp("service"), python=installed.python)) as started:
        yield started


@pytest.fixture
def shared_service(_shared: Service, request: pytest.FixtureRequest) -> Service:
    """The one of all journeys that leave it running; each has a course of its own (``COURSE`` of its module). It runs
    from the wheel.
    """
    _shared.course_key = request.module.COURSE
    return _shared
