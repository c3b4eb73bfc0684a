import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import matricula

SUPERVISOR = """
import json, sys
from pathlib import Path
from matricula.embedded import supervisor

options = json.loads(sys.argv[1])
supervisor.FIRST_PAUSE = 0.05
supervisor.STABLE_SECONDS = options["stable_seconds"]
sys.exit(supervisor.supervise(
    options["programs"],
    env={"GREETING": "hello"},
    announce=lambda: print("announced"),
    ready=Path(options["ready_file"]).exists,
    stop_seconds=3,
))
"""
LONG = "exec sleep 600"


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, programs: dict[str, str], stable_seconds: float) -> None:
        self.ready_file = folder / "ready"
        options = {
            "programs": {name: ["/bin/sh", "-c", f"echo pid $$; {script}"] for name, script in programs.items()},
            "ready_file": str(self.ready_file),
            "stable_seconds": stable_seconds,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(matricula.__file__).parents[1])},
        )

    def line(self, beginning: str) -> str:
        """Returns the rest of the next line that begins like this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        raise AssertionError(f"no line begins with {beginning!r}")


@contextlib.contextmanager
def supervised(folder: Path, stable_seconds: float = 5, **programs: str) -> Iterator[Supervised]:
    running = Supervised(folder, programs, stable_seconds)
    with running.process as process:
        try:
            yield running
        finally:
            process.kill()


def gone(pid: str) -> bool:
    """Waits until the process has ended; tells whether it has."""
    for _ in range(900):
        try:
            os.kill(int(pid), 0)
            # An ended process that nobody has collected yet still has its number.
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except ProcessLookupError:
            return True
        except FileNotFoundError:
            pass
        time.sleep(0.1)
    return False


def test_output_is_passed_on_and_readiness_announced_once(tmp_path: Path) -> None:
    with supervised(tmp_path, web='echo "$GREETING"; echo trouble >&2; ' + LONG) as running:
        assert running.line("web | ").startswith("pid ")
        assert running.line("web | ") == "hello"
        assert running.line("web | ") == "trouble"
        running.ready_file.touch()
        running.line("announced")
        # it is asked every half second until it is; were it asked again, it would be announced by then
        time.sleep(1)
        running.process.terminate()
        rest, errors = running.process.communicate(timeout=90)
        assert (running.process.returncode, errors) == (0, "")
        assert "announced" not in rest


def test_a_program_that_ends_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, stable_seconds=0, web="exit 3", worker=LONG) as running:
        first = running.line("web | pid ")
        assert running.line("web ended with ").startswith("exit status 3. It starts again in ")
        second = running.line("web | pid ")
        assert first != second


def test_a_program_that_never_runs_ends_everything_with_its_status(tmp_path: Path) -> None:
    with supervised(tmp_path, stable_seconds=600, worker=LONG, web="sleep 0.2; exit 7") as running:
        worker = running.line("worker | pid ")
        output, _ = running.process.communicate(timeout=90)
        assert running.process.returncode == 7
        assert "web ended with exit status 7, for the 5th time" in output
        assert gone(worker)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_even_if_it_is_repeated(tmp_path: Path, number: int) -> None:
    stubborn = "trap 'echo told' TERM; while :; do sleep 0.1; done"
    forking = "sleep 600 & echo forked $!; wait"
    with supervised(tmp_path, web=forking) as running:
        pids = [running.line("web | pid "), running.line("web | forked ")]
        running.process.send_signal(number)
        assert running.process.wait(timeout=90) == 0
        assert all(gone(pid) for pid in pids)
    with supervised(tmp_path, worker=stubborn + "; :") as running:
        pid = running.line("worker | pid ")
        running.process.send_signal(number)
        # it waits for the one that was told to end
        running.line("worker | told")
        running.process.send_signal(number)
        output, errors = running.process.communicate(timeout=90)
        assert (running.process.returncode, errors) == (0, "")
        assert "worker has not ended within 3 seconds and is killed." in output
        assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_the_programs_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path, web=LONG) as running:
        pid = running.line("web | pid ")
        running.process.kill()
        assert gone(pid)
