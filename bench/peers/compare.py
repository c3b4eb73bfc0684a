"""The usual way beside Matricula, in one run: Django REST framework's ModelSerializer and the ORM, a save for each row.

    python bench/peers/compare.py [--rows 100000] [--rounds 5] [--seconds 5] [--json FILE]

The peer gets an environment of its own, the same PostgreSQL (a schema beside), the same web server with as many
processes, kept connections, the joined select that a careful author writes, and 1000 rows in a
transaction; it enrolls a twentieth of the rows, since its speed does not depend on their number. Both list a
course run of 1,000, a page of 25 with the count, token and permission checked. Needs the program ``wrk``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psycopg

BENCH = Path(__file__).parents[1]
sys.path.insert(0, str(BENCH))

import generate  # noqa: E402
from matricula.cli.ownership import migrate_tables  # noqa: E402
from matricula.cli.service import database, owner_url  # noqa: E402
from rosters import free_port  # noqa: E402
from throughput import WORKERS, _running, _wrk, make_token, our_service, python_with  # noqa: E402

PACKAGES = ("Django==5.2.*", "djangorestframework==3.18.*", "psycopg[binary]==3.3.*", "granian==2.8.*")
LISTED = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-peers-") as folder, database(Path(folder) / "data"):
        migrate_tables()
        figures = measure(chosen, Path(folder))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))
    print("| | matricula | the usual way | ratio |\n|---|---|---|---|")
    for what, (ours, theirs) in figures.items():
        print(f"| {what} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.1f} |")


def measure(chosen: argparse.Namespace, work: Path) -> dict[str, tuple[float, float]]:
    python = python_with("peer", PACKAGES)
    # the peer makes tables: it is the owner
    url = owner_url() or os.environ["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("create schema peer")
    environment = {"DATABASE_URL": url, "PYTHONPATH": str(BENCH), "DJANGO_SETTINGS_MODULE": "peers.settings"}
    command = [str(python), "-m", "peers.enroll", str(chosen.rows // 20), str(LISTED)]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    theirs = json.loads(done.stdout)
    rates = {"enroll, rows a second": (_import(work, chosen.rows), theirs["rate"])}

    port = free_port()
    command = [str(python), "-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS), "--port", str(port)]
    token = make_token()
    lists: dict[str, list[float]] = defaultdict(list)
    with our_service() as ours, _running([*command, "peers.wsgi:application"], port, environment) as peer:
        for number in range(chosen.rounds + 1):
            path = f"/api/enrollment/v2/courses/{generate.course_key(0)}/enrollments"
            for name, header, url in (
                ("matricula", f"Bearer {token}", ours + path),
                ("peer", f"Token {theirs['token']}", f"{peer}/courses/listed/enrollments"),
            ):
                done = _wrk(chosen, header, url)
                # the first round warms up
                if number:
                    lists[name].append(done.requests_a_second)
    middle = {name: statistics.median(values) for name, values in lists.items()}
    return {**rates, "GET list, requests a second": (middle["matricula"], middle["peer"])}


def _import(work: Path, rows: int) -> float:
    """Rows a second of ``matricula import``, its start included."""
    generate.load(
        argparse.Namespace(seed=1, accounts=rows, sizes=str(LISTED), courses=1, seats=1, programs=0, students=0)
    )
    generate.write_enrollments(argparse.Namespace(seed=1, file=work / "rows.csv", rows=rows))
    started = time.perf_counter()
    command = [sys.executable, "-m", "matricula", "import", "enrollments", "--course", generate.course_key(1)]
    subprocess.run([*command, str(work / "rows.csv")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return rows / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
