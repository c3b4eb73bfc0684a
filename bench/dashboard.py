"""The instructor dashboard's ``modify`` beside what it is measured by: one enrollment, and a task of a thousand people.

    python bench/dashboard.py [--rounds 5] [--requests 200] [--json FILE]

One client on one connection; the two of each pair take turns, request by request, and medians are compared. Only ratios
of one run mean anything. A task is timed from its POST until its state says that it is completed.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import generate
from bulk import running
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from throughput import make_token

PEOPLE = 1_000
V2, DASHBOARD = "/api/enrollment/v2/courses", "/api/instructor/v2/courses"


class Client:
    """One connection that stays open."""

    def __init__(self, root: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(root).netloc, timeout=600)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status} {answer[:500]!r}")
        return dict(json.loads(answer))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="of one person, in each round")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-dashboard-") as folder, database(Path(folder) / "data"):
        migrate_tables()
        accounts = PEOPLE + chosen.rounds * chosen.requests
        sizes = {"sizes": "", "courses": 0, "seats": 0, "programs": 0, "students": 0}
        generate.load(argparse.Namespace(seed=1, accounts=accounts, **sizes))
        names = prepare(2 * chosen.rounds + 2)
        with running(Path(folder)) as (root, _):
            report(measure(Client(root, make_token()), names, chosen), chosen.json)


def prepare(courses: int) -> list[str]:
    """Course runs to enroll into; everybody's names."""
    from matricula.models import Account, Course, Organization

    north = Organization.objects.get(key="north")
    for number in range(courses):
        Course.objects.create(key=generate.course_key(number), organization=north, title="A", modes=generate.MODES)
    return list(
        Account.objects.filter(is_active=True, is_staff=False).order_by("id").values_list("username", flat=True)
    )


def measure(ask: Client, names: list[str], chosen: argparse.Namespace) -> dict[str, float]:
    """What was measured → its median, in seconds."""
    seconds: dict[str, list[float]] = defaultdict(list)
    enrolled, modified = generate.course_key(0), generate.course_key(1)
    for number, name in enumerate(names[PEOPLE:]):
        started = time.perf_counter()
        ask("POST", f"{V2}/{enrolled}/enrollments", {"identifiers": [name]})
        between = time.perf_counter()
        ask("POST", f"{DASHBOARD}/{modified}/enrollments/modify", {"identifier": [name], "action": "enroll"})
        # the first ones warm up
        if number >= 20:
            seconds["enroll one"].append(between - started)
            seconds["modify with 1"].append(time.perf_counter() - between)
    for tasked, at_once in _pairs(chosen.rounds):
        started = time.perf_counter()
        task = ask("POST", f"{V2}/{tasked}/enrollments", {"identifiers": names[:PEOPLE]})
        while ask("GET", f"{V2}/{tasked}/tasks/{task['task_id']}")["state"] != "completed":
            time.sleep(0.01)
        between = time.perf_counter()
        body = {"identifier": names[:PEOPLE], "action": "enroll"}
        ask("POST", f"{DASHBOARD}/{at_once}/enrollments/modify", body)
        seconds["task of 1,000"].append(between - started)
        seconds["modify with 1,000"].append(time.perf_counter() - between)
    return {what: statistics.median(values) for what, values in seconds.items()}


def _pairs(rounds: int) -> Iterator[tuple[str, str]]:
    for number in range(rounds):
        yield generate.course_key(2 * number + 2), generate.course_key(2 * number + 3)


def report(middle: dict[str, float], file: Path | None) -> None:
    if file:
        file.write_text(json.dumps(middle))
    print("| | ms | beside | speed |\n|---|---|---|---|")
    for what, beside in (("modify with 1", "enroll one"), ("modify with 1,000", "task of 1,000")):
        ratio = middle[beside] / middle[what]
        print(f"| {what} | {1000 * middle[what]:.2f} | {beside}: {1000 * middle[beside]:.2f} ms | {ratio:.2f} × |")


if __name__ == "__main__":
    main()
