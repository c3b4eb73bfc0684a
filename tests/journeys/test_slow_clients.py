"""Clients that send or read slowly stall nobody, and are let go."""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.journeys.conftest import Service, new_service, running

pytestmark = pytest.mark.xdist_group("slow clients")
PATHS = ["/login/", "/oauth2/token/", "/", "/nowhere/", "/static/x.css", "/api/v1/jobs/"]
SOCKETS, OF_EACH_PATH = 300, 50
# larger than the kernel holds for a socket
LARGE = 8_000_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MATRICULA_SLOW_SECONDS", "4")
        patch.setenv("MATRICULA_WEB_CONNECTIONS", "1000")
        with running(new_service(tmp_path_factory.mktemp("slow"))) as started:
            yield started


def opened(service: Service, sent: str, stack: ExitStack) -> socket.socket:
    one = stack.enter_context(socket.socket())
    # so that little is read unasked
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(30)
    one.connect(("127.0.0.1", service.port))
    one.sendall(sent.replace("\n", "\r\n").encode())
    return one


def head(service: Service, method: str, path: str, *lines: str) -> str:
    return "\n".join([f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{service.port}", *lines, "", ""])


def answers(service: Service, headers: dict[str, str]) -> None:
    for _ in range(5):
        assert requests.get(f"{service.url}/health/", timeout=10).status_code == 200
        assert requests.get(f"{service.course}/enrollments", headers=headers, timeout=10).status_code == 200


def read_to_end(one: socket.socket) -> bytes:
    found = b""
    try:
        while piece := one.recv(65536):
            found += piece
    except ConnectionError:
        pass
    return found


def test_half_a_body_takes_no_thread(service: Service) -> None:
    """With a token, too; and after the time it is answered with 408."""
    token = service.token()
    with ExitStack() as stack:
        lines = ["Content-Length: 1000", f"Authorization: {token['Authorization']}"]
        sockets = {
            path: [opened(service, head(service, "POST", path, *lines) + "x", stack) for _ in range(OF_EACH_PATH)]
            for path in PATHS
        }
        answers(service, token)
        first = {path: read_to_end(of_path[0])[:13] for path, of_path in sockets.items()}
        assert first == dict.fromkeys(PATHS, b"HTTP/1.1 408 ")


def test_a_body_that_drips_ends_too(service: Service) -> None:
    with ExitStack() as stack:
        one = opened(service, head(service, "POST", "/login/", "Content-Length: 1000"), stack)
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() < begun + 60:
                one.sendall(b"x")
                time.sleep(0.3)


def test_half_a_head_ends_too(service: Service) -> None:
    with ExitStack() as stack:
        sockets = [opened(service, "GET / HTTP/1.1\nHost: x\n", stack) for _ in range(SOCKETS)]
        answers(service, service.token())
        assert b" 408 " in read_to_end(sockets[0])


def test_who_does_not_read_takes_no_thread(service: Service) -> None:
    """A file; then so is everything that is larger than what a socket holds."""
    token = service.token()
    place = service.folder / "data" / "files" / "jobs" / "large.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x" * LARGE)
    link = signed(service, "jobs/large.csv")
    assert len(requests.get(service.url + link, timeout=30).content) == LARGE
    with ExitStack() as stack:
        sockets = [opened(service, head(service, "GET", link), stack) for _ in range(SOCKETS)]
        answers(service, token)
        # nothing is read until the service has had enough
        poll = select.poll()
        poll.register(sockets[0], 0)
        assert poll.poll(60_000)
        assert len(read_to_end(sockets[0])) < LARGE


def signed(service: Service, name: str) -> str:
    """The link of a file, as the service itself makes it."""
    code = (
        "from matricula.cli.service import database\nwith database(None):\n"
        f" from matricula.foundation.files import signed_link\n print(signed_link({name!r}, ''))"
    )
    done = service.run_python(code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_strangers_write_nothing_to_the_disk(service: Service) -> None:
    """More than 64 KiB is refused with the head, whether its length is told or not."""
    for path in ("/login/", "/oauth2/token/", "/", "/static/x.css", "/api/v1/jobs/", "/api/openapi.json"):
        with ExitStack() as stack:
            lines = ["Content-Length: 300000000", "Content-Type: multipart/form-data; boundary=b"]
            one = opened(service, head(service, "POST", path, *lines, "Expect: 100-continue"), stack)
            status = one.recv(12)
            assert status.startswith(b"HTTP/1.1 4") and b"100" not in status, path
        pieces = (b"x" * 65536 for _ in range(40))
        answer = requests.post(service.url + path, data=pieces, timeout=30)
        assert answer.status_code in {401, 404, 405, 413}, path
    assert not [f for f in deleted_files() if f > 64 * 1024]


def deleted_files() -> list[int]:
    """The sizes of the temporary files without a name that processes of this machine's user hold open."""
    sizes = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if "(deleted)" in os.readlink(link) and os.readlink(link).startswith("/tmp/#"):  # noqa: S108
                sizes.append(link.stat().st_size)
        except OSError:
            continue
    return sizes


def test_a_large_body_is_taken_from_those_who_may(service: Service) -> None:
    """In chunks or not; nobody else's is."""
    token = service.token()
    body = b'{"identifiers": ["kim", "sam"], "reason": "' + b"x" * 200 + b'"' + b" " * 500_000 + b"}"
    kind = {"Content-Type": "application/json"}
    for data in (body, (body[i : i + 50_000] for i in range(0, len(body), 50_000))):
        answer = requests.post(f"{service.course}/enrollments", data=data, headers={**token, **kind}, timeout=30)
        assert answer.status_code == 202, answer.text
    refused = requests.post(f"{service.course}/enrollments", data=body, headers=kind, timeout=30)
    assert (refused.status_code, refused.json()["error_code"]) == (401, "AUTHENTICATION_REQUIRED")


def test_half_sent_requests_do_not_hold_up_the_end(service: Service) -> None:
    """The last test here: it ends the service."""
    with ExitStack() as stack:
        for _ in range(20):
            opened(service, head(service, "POST", "/login/", "Content-Length: 9"), stack)
        answers(service, service.token())
        assert service.stop() == 0
    assert "is killed" not in service.log.read_text()
