"""Webhooks: how long from the moment of a change until its receiver has it, at a steady rate of changes.

    python bench/webhooks.py [--seconds 20] [--rate 200] [--webhooks 5] [--slow 2] [--json FILE]

In a database of its own, a writer enrolls and unenrolls people, 10 in one transaction, at that rate; a worker sends
each change to so many webhooks. The slow ones never answer, and are there to be no hindrance to the others. A change's
time is taken when its entry is written, so the commit is within the figure. The target is less than two seconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database

TOGETHER = 10
KEY = "course-v1:North+BIG+2027"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=200, help="changes a second")
    parser.add_argument("--webhooks", type=int, default=5)
    parser.add_argument("--slow", type=int, default=2, help="so many more that never answer")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    os.environ["MATRICULA_WEBHOOK_PRIVATE_ADDRESSES"] = "true"
    with tempfile.TemporaryDirectory(prefix="matricula-webhooks-") as folder, database(Path(folder)):
        migrate_tables()
        figures = measure(chosen)
    print("| what | figure |\n|---|---|")
    for what, value in figures.items():
        print(f"| {what} | {value:,.2f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))


def measure(chosen: argparse.Namespace) -> dict[str, float]:
    waits: dict[str, list[float]] = {}
    end = threading.Event()
    with receiver(waits, end) as root, worker():
        make_webhooks(root, chosen.webhooks, chosen.slow)
        # until the worker has begun
        write(3, chosen.rate)
        time.sleep(5)
        waits.clear()
        written = write(chosen.seconds, chosen.rate)
        deadline = time.monotonic() + 60
        wanted = chosen.webhooks * written
        while sum(map(len, waits.values())) < wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        end.set()
    came = sorted(wait for some in waits.values() for wait in some)
    assert len(came) == wanted, f"{len(came)} of {wanted} changes came"
    return {
        "changes a second": written / chosen.seconds,
        "deliveries a second": len(came) / chosen.seconds,
        "seconds until sent, median": statistics.median(came),
        "seconds until sent, 99 of 100": came[len(came) * 99 // 100],
        "seconds until sent, longest": came[-1],
    }


@contextmanager
def worker() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "matricula", "worker"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def make_webhooks(root: str, good: int, slow: int) -> None:
    from matricula.feed.webhooks.rights import Filter
    from matricula.feed.webhooks.writes import create_webhook
    from matricula.identity.accounts import save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest
    from matricula.models import Account, Course, Organization

    organization = Organization.objects.create(key="north", name="North")
    Course.objects.create(key=KEY, organization=organization, title="Big", modes=["audit"])
    requests = [AccountRequest(username=f"u{n}", email=f"u{n}@example.org") for n in range(1_000)]
    save_accounts(new_operation(None, "command"), requests)
    owner = Account.objects.get(username="u0")
    Account.objects.filter(pk=owner.pk).update(is_superuser=True)
    for n in range(good + slow):
        path = f"/{n}" if n < good else f"/slow/{n}"
        create_webhook(new_operation(None, "command"), owner.pk, f"{root}{path}", Filter())


def write(seconds: int, rate: int) -> int:
    """Enroll, or unenroll, at the rate; return how many changes that were."""
    from matricula.catalog.reads import find_course
    from matricula.enrollments.course.rules import Requested
    from matricula.enrollments.course.writes import EnrollmentRequest, write_course_enrollments
    from matricula.journal.writes import new_operation

    course, begun, times = find_course(KEY), time.monotonic(), seconds * rate // TOGETHER
    assert course is not None
    for n in range(times):
        time.sleep(max(0.0, begun + n * TOGETHER / rate - time.monotonic()))
        turn, first = divmod(n * TOGETHER, 1_000)
        action: Any = "unenroll" if turn % 2 else "enroll"
        asked = [EnrollmentRequest(f"u{first + k}", Requested(action)) for k in range(TOGETHER)]
        write_course_enrollments(new_operation(None, "api"), course, asked)
    took = time.monotonic() - begun
    print(f"written: {times * TOGETHER / took:.0f} changes a second")
    return times * TOGETHER


@contextmanager
def receiver(waits: dict[str, list[float]], end: threading.Event) -> Iterator[str]:
    """A receiver that notes how old each change is as it comes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            now = time.time()
            if self.path.startswith("/slow"):
                end.wait(60)
            else:
                moments = [datetime.fromisoformat(c["data"]["record"]["at"]) for c in json.loads(body)["changes"]]
                waits.setdefault(self.path, []).extend(now - at.timestamp() for at in moments)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        end.set()
        server.shutdown()


if __name__ == "__main__":
    main()
