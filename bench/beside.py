"""How long one reader and one writer wait while a large import runs, beside the same service at rest.

    python bench/beside.py [--rows 300000] [--requests 200]

Medians and the slowest of 100, in milliseconds, of requests one after the other: the first page of a roster of so many
people, and enrolling one person, both in course runs that the import doesn't touch, and in its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import generate
from bulk import BASE, Measure, running
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--requests", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-beside-") as folder, database(Path(folder) / "data"):
        measure(Path(folder), chosen)


def measure(work: Path, chosen: argparse.Namespace) -> None:
    migrate_tables()
    loaded = {"accounts": chosen.rows, "sizes": "", "courses": 0, "seats": 0, "programs": 0, "students": 0}
    generate.load(argparse.Namespace(seed=1, **loaded))
    generate.write_enrollments(argparse.Namespace(seed=1, file=work / "rows.csv", rows=chosen.rows))
    bulk = Measure(work, argparse.Namespace(rows=chosen.rows, rounds=1, students=25, users=0, json=None))
    bulk.prepare()
    imported, resting, small = (generate.course_key(number) for number in range(3))
    with running(work) as (root, _):
        bulk.root = root
        bulk.import_file("enrollments", "--course", resting, str(work / "rows.csv"))
        names = [person.username for person in generate.people(2 * chosen.requests, 1)]
        requests = {
            "GET list": lambda _: urllib.request.Request(f"{root}{BASE}/{resting}/enrollments?page_size=25"),
            "POST one": lambda n: _enroll(root, small, names[n]),
            "POST one, into the same course run": lambda n: _enroll(root, imported, names[n]),
        }
        idle = {what: _times(bulk.token, make, range(chosen.requests)) for what, make in requests.items()}
        command = [sys.executable, "-m", "matricula", "import", "enrollments", "--course", imported]
        importing = subprocess.Popen(
            [*command, str(work / "rows.csv")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        busy: dict[str, list[float]] = {what: [] for what in requests}
        time.sleep(3)
        number = chosen.requests
        while importing.poll() is None and number < len(names):
            for what, make in requests.items():
                busy[what] += _times(bulk.token, make, [number])
            number += 1
        importing.wait()
    print(f"| {chosen.rows:,} rows | at rest | beside the import | ratio | slowest of 100 |\n|---|---|---|---|---|")
    for what in requests:
        rest, beside = statistics.median(idle[what]), statistics.median(busy[what])
        slowest = statistics.quantiles(busy[what], n=100)[98]
        print(
            f"| {what} | {rest:.1f} ms | {beside:.1f} ms ({len(busy[what])}) "
            f"| {beside / rest:.2f} × | {slowest:.0f} ms |"
        )


def _enroll(root: str, course: str, name: str) -> urllib.request.Request:
    body = json.dumps({"identifiers": [name], "action": "enroll"}).encode()
    address = f"{root}{BASE}/{course}/enrollments"
    return urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")


def _times(token: str, make: Callable[[int], urllib.request.Request], numbers: range | list[int]) -> list[float]:
    times = []
    for number in numbers:
        request = make(number)
        request.add_header("Authorization", f"Bearer {token}")
        started = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()
        times.append(1000 * (time.perf_counter() - started))
    return times


if __name__ == "__main__":
    main()
