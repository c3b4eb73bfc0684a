"""All measurements, written down as docs/benchmarks.md and the pictures in docs/pictures/.

    python bench/run.py [--rows 1000000] [--roster 1000000] [--users 1000000] [--keep]
        [--rounds 5] [--rounds-largest 3] [--seconds 5]
    python bench/run.py --quick

Each bench runs by itself and leaves its figures as JSON in build/bench/; --keep leaves out those that did already, so
that a run that was stopped can be finished. --quick is the same with small sizes and prints the table only.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import report

ROOT = Path(__file__).parents[1]
BENCH = ROOT / "bench"
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", type=int, help="the largest bulk write")
    parser.add_argument("--roster", type=int, help="the largest roster to list and to export")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--rounds-largest", type=int, help="rounds of bulk writes at the largest size")
    parser.add_argument("--users", type=int, help="new accounts")
    parser.add_argument("--seconds", type=int, help="for each round of requests")
    parser.add_argument("--note", default="", help="what a reader must know about this run")
    parser.add_argument("--keep", action="store_true")
    parser.set_defaults(rows=1_000_000, roster=1_000_000, rounds=5, rounds_largest=3, users=1_000_000, seconds=5)
    if "--quick" in sys.argv:
        parser.set_defaults(rows=20_000, roster=50_000, rounds=1, rounds_largest=1, users=10_000, seconds=1)
    chosen = parser.parse_args()
    work = ROOT / "build" / ("bench-quick" if chosen.quick else "bench")
    if not chosen.keep:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    run(chosen, work)
    figures = {file.stem: json.loads(file.read_text()) for file in work.glob("*.json")}
    if chosen.quick:
        print("\n" + report.table(report.rows_of(figures, chosen)))
    else:
        report.write(figures, chosen, ROOT / "docs")


def run(chosen: argparse.Namespace, work: Path) -> None:
    def step(name: str, bench: str, **options: Any) -> None:
        """Runs one bench, unless its figures are there."""
        file = work / f"{name}.json"
        if not file.exists():
            more = (text for key, value in options.items() for text in (f"--{key}", str(value)))
            call(bench, *more, "--json", str(file))

    requests = {"rounds": chosen.rounds, "seconds": chosen.seconds}
    for size in (10_000,) if chosen.quick else (size for size in SIZES if size < chosen.rows):
        step(f"bulk-{size}", "bulk.py", rows=size, rounds=chosen.rounds)
    step(f"bulk-{chosen.rows}", "bulk.py", rows=chosen.rows, rounds=chosen.rounds_largest, users=chosen.users)
    data, loaded = work / "data", work / "loaded"
    if not (loaded.exists() or (work / "throughput.json").exists()):
        shutil.rmtree(data, ignore_errors=True)
        sizes = f"{chosen.roster},{chosen.roster // 10},{chosen.roster // 100},1000"
        load = ["load", "--data", str(data), "--accounts", str(chosen.roster), "--sizes", sizes]
        call("generate.py", *load, "--courses", "200", "--seats", "20000")
        loaded.touch()
    step("pages", "pages.py", data=data, times=20 * chosen.rounds)
    step("exports", "exports.py", data=data, rounds=chosen.rounds)
    # the smallest of the course runs: most of such a request is finding out who asks
    step("tokens", "tokens.py", data=data, times=200 * chosen.rounds, course=4)
    # last on these data, since it writes
    step("throughput", "throughput.py", data=data, **requests)
    step("feed", "feed.py", data=data, **requests)
    people = max(10_000, chosen.roster // 5) if chosen.quick else chosen.roster
    if not (work / "screens.json").exists():
        shutil.rmtree(data, ignore_errors=True)
        call("busy.py", "--data", str(data), "--people", str(people))
    page = {} if chosen.quick else {"page": ROOT / "docs" / "page-times.md"}
    step("screens", "screens.py", data=data, times=2 * chosen.rounds - 1, **page)
    step("webhooks", "webhooks.py", seconds=4 * chosen.seconds)
    step("dashboard", "dashboard.py", rounds=chosen.rounds)
    step("start", "start.py", rounds=3 * chosen.rounds)
    step("peers", "peers/compare.py", rows=min(chosen.rows, 100_000), **requests)
    shutil.rmtree(data, ignore_errors=True)
    loaded.unlink(missing_ok=True)


def call(bench: str, *more: str) -> None:
    print(f"\n# {bench} {' '.join(more)}", flush=True)
    subprocess.run([sys.executable, str(BENCH / bench), *more], check=True)


if __name__ == "__main__":
    main()
