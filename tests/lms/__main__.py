"""``python -m tests.lms [--port 8100] [--speed 60] [--state FILE [--keep]]``: the test LMS by hand.

``GET /control/state`` and ``GET /control/calls`` show what is in it and what it was asked; ``POST /control/state`` adds
to it, or orders faults (``State.load``, ``Fault``).
"""

import argparse
import json
from pathlib import Path

import uvicorn

from tests.lms.app import TestLms
from tests.lms.state import Clock, State


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="tests.lms", description="An Open edX LMS to test against.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than the wall its clock goes")
    parser.add_argument("--state", type=Path, help="a JSON file with what is in it at first")
    parser.add_argument("--keep", action="store_true", help="write the state back to the file at the end")
    given = parser.parse_args()
    state = State(Clock(given.speed))
    if given.state:
        state.load(json.loads(given.state.read_text(encoding="utf-8")))
    app = TestLms(state, given.state if given.keep else None)
    uvicorn.run(
        app, host=given.host, port=given.port, log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )


if __name__ == "__main__":
    main()
