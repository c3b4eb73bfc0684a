"""The export of a roster over HTTP beside ``psql``: speed, memory of the web server, clients that go away.

python bench/generate.py load --data FOLDER --accounts 1000000 --sizes 1000000
python bench/exports.py --data FOLDER [--rounds 5] [--json FILE]
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from generate import course_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from throughput import make_token, our_service

_BLOCK = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with database(chosen.data):
        migrate_tables()
        measure(chosen.rounds, chosen.json)


def measure(rounds: int, file: Path | None) -> None:
    path = f"/api/enrollment/v2/courses/{course_key(0)}/export"
    token = make_token()
    with our_service() as root:
        address = urllib.parse.urlsplit(root)
        rows, _ = _fetched(address, path, token)
        before = _web_memory()
        seconds: dict[str, list[float]] = {"psql": [], "http": [], "gzip": []}
        for _ in range(rounds):
            seconds["psql"].append(_timed_psql(_statement()))
            seconds["http"].append(_fetched(address, path, token)[1])
            seconds["gzip"].append(_fetched(address, path, token, "Accept-Encoding: gzip\r\n")[1])
        after = _web_memory()
        left = _seconds_until_left(address, path, token)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    if file:
        rates = {name: rows / value for name, value in middle.items()}
        file.write_text(json.dumps({"rows": rows, **rates, "before": before, "after": after}))
    print(f"{rows} lines")
    for name, value in middle.items():
        print(f"{name:5} {value:6.2f} s  {rows / value:8.0f} rows/s  {middle['psql'] / value:5.2f} of psql")
    print(f"memory of the largest web process: {before} MB before, {after} MB after")
    print(f"queries of four clients that went away ended after {left:.2f} s")


def _statement() -> str:
    """The export's own statement, with its values in it."""
    from matricula.catalog.reads import find_course
    from matricula.enrollments.course.exports import export_enrollments
    from matricula.foundation.database import _mogrified
    from matricula.tabular import exports

    held: list[str] = []
    original, exports.copy_out = exports.copy_out, lambda q, p, *_: held.append(_mogrified(q, p)) or iter(())
    try:
        course = find_course(course_key(0))
        assert course is not None
        export_enrollments(course.id, "csv").take_blocks()
    finally:
        exports.copy_out = original
    return held[0]


def _timed_psql(statement: str) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"copy ({statement}) to stdout with (format csv, header);\n")
        script.flush()
        started = time.perf_counter()
        if shutil.which("psql"):
            command = ["psql", "-qX", os.environ["DATABASE_URL"], "-f", script.name]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        else:
            from django.db import connection

            with connection.connection.cursor().copy(Path(script.name).read_text().rstrip(";\n")) as copy:
                for _ in copy:
                    pass
        return time.perf_counter() - started


def _asked(address: urllib.parse.SplitResult, path: str, token: str, more: str = "") -> socket.socket:
    peer = socket.create_connection((address.hostname or "", address.port or 0))
    head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
    peer.sendall(f"{head}{more}Connection: close\r\n\r\n".encode())
    return peer


def _fetched(address: urllib.parse.SplitResult, path: str, token: str, more: str = "") -> tuple[int, float]:
    """How many line ends came, and how long it took."""
    started = time.perf_counter()
    lines = 0
    with _asked(address, path, token, more) as peer:
        while block := peer.recv(_BLOCK):
            lines += block.count(b"\n")
    return lines, time.perf_counter() - started


def _web_memory() -> int:
    sizes = []
    for place in _processes():
        status = (place / "status").read_text()
        sizes.append(int(status.split("VmRSS:")[1].split()[0]) // 1024)
    return max(sizes)


def _processes() -> Iterator[Path]:
    """The web server's, by the token of their environment that only they have."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if b"MATRICULA_BENCH_WEB=1" in (place / "environ").read_bytes():
                yield place
        except OSError:
            continue


def _seconds_until_left(address: urllib.parse.SplitResult, path: str, token: str) -> float:
    """How long queries run on after four clients read the first rows and went away."""
    from django.db import connection

    peers = [_asked(address, path, token) for _ in range(4)]
    for peer in peers:
        taken = 0
        # more than the head
        while taken < 10_000:
            taken += len(peer.recv(_BLOCK))
        peer.close()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select count(*) from pg_stat_activity where state = 'active' and query like 'copy (%%'")
            if not cursor.fetchone()[0]:
                return time.perf_counter() - started
            time.sleep(0.05)


if __name__ == "__main__":
    main()
