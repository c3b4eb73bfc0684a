"""Planning, applying and undoing course enrollments beside importing them directly, in one run.

    python bench/plans.py [--rows 200000] [--rounds 3] [--json FILE]

Over HTTP, with a file, as a registrar does it: make the plan, look at its first page under each filter, apply it, undo
what it did. The direct import is `matricula import` of the same file into another course run. Ratios of one run only.
"""

import argparse
import json
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import bulk
import generate
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database

BASE = "/api/record/v1"
FILTERS = ("", "add", "change", "remove", "unchanged", "refused")
PAGES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    for name, value in {"students": 25, "users": 0, "studying": False}.items():
        setattr(chosen, name, value)
    with tempfile.TemporaryDirectory(prefix="matricula-plans-") as folder, database(Path(folder) / "data"):
        Plans(Path(folder), chosen).run()


class Plans(bulk.Measure):
    """One run: rows a second of each step, and milliseconds of pages."""

    def run(self) -> None:
        migrate_tables()
        generate.load(
            argparse.Namespace(seed=1, accounts=self.rows, sizes="", courses=0, seats=0, programs=0, students=0)
        )
        generate.write_enrollments(argparse.Namespace(seed=1, file=self.work / "rows.csv", rows=self.rows))
        self.prepare()
        self.pages: dict[str, float] = {}
        with bulk.running(self.work) as (self.root, pids):
            for number in range(self.rounds):
                self.round(number)
            self.memory |= {name: bulk.peak(pid) for name, pid in pids.items()}
        self.report()

    def round(self, number: int) -> None:
        imported, planned = (generate.course_key(3 * number + n) for n in range(2))
        seconds = self.import_file("enrollments", "--course", imported, str(self.work / "rows.csv"))
        self.rates["direct import"].append(self.rows / seconds)
        started = time.perf_counter()
        kind, body = form_of({"kind": "course_enrollments", "course": planned}, (self.work / "rows.csv").read_bytes())
        plan = self.wait_for(self.call("POST", f"{BASE}/plans", body, kind))
        self.rates["plan"].append(self.rows / (time.perf_counter() - started))
        for wanted in FILTERS:
            path = f"{BASE}/plans/{plan['plan_id']}/rows" + (f"?outcome={wanted}" if wanted else "")
            times = []
            for _ in range(PAGES):
                started = time.perf_counter()
                self.call("GET", path)
                times.append(1000 * (time.perf_counter() - started))
            self.pages[f"first page, {wanted or 'all'}"] = statistics.median(times)
        self.rates["apply"].append(self.rows / self.apply(plan))
        applied = self.call("GET", f"{BASE}/plans/{plan['plan_id']}")
        started = time.perf_counter()
        undo = json.dumps({"reason": "bench", "changes": "all"}).encode()
        back = self.wait_for(
            self.call("POST", f"{BASE}/operations/{applied['operation_id']}/undo", undo, "application/json")
        )
        self.rates["plan the undo"].append(self.rows / (time.perf_counter() - started))
        if back["state"] == "held":
            self.approve(back)
        self.rates["apply the undo"].append(self.rows / self.apply(back))
        both = sum(1 / self.rates[what][-1] for what in ("plan the undo", "apply the undo"))
        self.rates["undo"].append(1 / both)

    def apply(self, plan: dict[str, Any]) -> float:
        """Seconds until all is written."""
        started = time.perf_counter()
        said = json.dumps({"fingerprint": plan["fingerprint"], "reason": "bench"}).encode()
        path = f"{BASE}/plans/{plan['plan_id']}"
        self.wait_for(self.call("POST", f"{path}/apply", said, "application/json"))
        return time.perf_counter() - started

    def approve(self, plan: dict[str, Any]) -> None:
        """As a second person does."""
        from throughput import make_token

        token, self.token = self.token, make_token("second")
        said = json.dumps({"fingerprint": plan["fingerprint"]}).encode()
        self.call("POST", f"{BASE}/plans/{plan['plan_id']}/approve", said, "application/json")
        self.token = token

    def wait_for(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan once it is neither being made nor applied."""
        while plan["state"] in {"planning", "applying"}:
            time.sleep(0.05)
            plan = self.call("GET", f"{BASE}/plans/{plan['plan_id']}")
        return plan

    def report(self) -> None:
        middle = {what: statistics.median(rates) for what, rates in self.rates.items()}
        if self.json:
            self.json.write_text(json.dumps({"rates": middle, "pages": self.pages, "memory": self.memory}))
        print(f"{self.rows} rows, medians of {self.rounds}\n\n| | rows/s | of the direct import |\n|---|---|---|")
        for what, rate in middle.items():
            print(f"| {what} | {rate:,.0f} | {rate / middle['direct import']:.2f} × |")
        print("\n| page | ms |\n|---|---|")
        for what, milliseconds in self.pages.items():
            print(f"| {what} | {milliseconds:.1f} |")
        print("\n| highest memory | MiB |\n|---|---|")
        for name, size in self.memory.items():
            print(f"| {name} | {size:.0f} |")


def form_of(plan: dict[str, Any], file: bytes) -> tuple[str, bytes]:
    """The content type and the body of a plan with a file."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="plan"\r\nContent-Type: application/json\r\n\r\n'
        f"{json.dumps(plan)}\r\n--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="rows.csv"\r\n\r\n'
    )
    return f"multipart/form-data; boundary={boundary}", head.encode() + file + f"\r\n--{boundary}--\r\n".encode()


if __name__ == "__main__":
    main()
