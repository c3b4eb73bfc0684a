"""The test LMS as a process of its own, for tests that need HTTP."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.processes import wait_for

_ROOT = Path(__file__).parents[2]


class Served:
    """A running test LMS."""

    def __init__(self, url: str) -> None:
        self.url = url
        # each new client reads all certificates again
        self._http = httpx.Client(base_url=url, timeout=60)

    def load(self, **given: Any) -> None:
        """Change what is in it."""
        self._http.post("/control/state", json=given).raise_for_status()

    def state(self) -> Any:
        """Return what is in it."""
        return self._http.get("/control/state").json()

    def calls(self) -> list[Any]:
        """Return the calls so far."""
        found: list[Any] = self._http.get("/control/calls").json()
        return found

    def count(self) -> int:
        """Return how many calls there were so far."""
        return int(self._http.get("/control/count").json())

    def answers(self) -> bool:
        """Whether it runs."""
        try:
            return self._http.get("/control/state", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def served_lms(*arguments: str) -> Iterator[Served]:
    """A test LMS that is stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "tests.lms", "--port", str(port), *arguments], cwd=_ROOT)
    served = Served(f"http://127.0.0.1:{port}")
    try:
        wait_for(served.answers)
        yield served
    finally:
        process.terminate()
        process.wait(30)
