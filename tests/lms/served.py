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

    def load(self, **given: Any) -> None:
        """Change what is in it."""
        httpx.post(f"{self.url}/control/state", json=given, timeout=60).raise_for_status()

    def state(self) -> Any:
        """Return what is in it."""
        return httpx.get(f"{self.url}/control/state", timeout=60).json()

    def calls(self) -> list[Any]:
        """Return the calls so far."""
        found: list[Any] = httpx.get(f"{self.url}/control/calls", timeout=60).json()
        return found

    def answers(self) -> bool:
        """Whether it runs."""
        try:
            return httpx.get(f"{self.url}/control/state", timeout=5).status_code == 200
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
