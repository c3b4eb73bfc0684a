"""Clients that send or read slowly, five hundred of each kind, while others go on: what they wait, with and without.

    python bench/slow_clients.py --data FOLDER [--sockets 500] [--course 4]

The folder is one of ``bench/generate.py``. The service runs as ``matricula web`` runs it, with its own settings.
"""

import argparse
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from generate import course_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from throughput import make_token, our_service

ASKED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--course", type=int, default=4, help="the course run to list and to export")
    chosen = parser.parse_args()
    with database(chosen.data), tempfile.TemporaryDirectory(prefix="matricula-files-") as folder:
        migrate_tables()
        os.environ["MATRICULA_FILES"] = folder
        measure(chosen)


def measure(chosen: argparse.Namespace) -> None:
    from django.core.files.storage import storages

    from matricula.foundation.files import signed_link

    token = make_token()
    with our_service() as root:
        course = f"/api/enrollment/v2/courses/{course_key(chosen.course - 1)}"
        place = Path(storages["default"].path("jobs/large.csv"))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * 20_000_000)
        link = urlsplit(signed_link("jobs/large.csv", root))
        signed = f"{link.path}?{link.query}"
        bearer = f"Authorization: Bearer {token}\r\n"
        half = "Content-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na"
        kinds = {
            "nobody": None,
            "half a body, /login/": head("POST", "/login/", half),
            "half a body, token": head("POST", "/oauth2/token/", half),
            "half a body, API": head("POST", f"{course}/enrollments", bearer + half),
            "half a head": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
            "unread result file": head("GET", signed, "\r\n"),
            "unread export": head("GET", f"{course}/export", bearer + "\r\n"),
        }
        paths = {"/health/": "/health/", "GET list": f"{course}/enrollments"}
        print(f"| {chosen.sockets} sockets | /health/, median ms | GET list, median ms |\n|---|---|---|")
        for kind, sent in kinds.items():
            with held(root, sent, chosen.sockets):
                waits = [f"{latency(root + path, token):.1f}" for path in paths.values()]
            print(f"| {kind} | {' | '.join(waits)} |", flush=True)
        place.unlink()


def head(method: str, path: str, rest: str) -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{rest}"


def latency(url: str, token: str) -> float:
    """The median of some requests, one after the other, in milliseconds."""
    waits = []
    for _ in range(ASKED):
        began = time.perf_counter()
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=30) as answer:
            answer.read()
        waits.append((time.perf_counter() - began) * 1000)
    return statistics.median(waits)


@contextmanager
def held(root: str, sent: str | None, count: int) -> Iterator[None]:
    """So many sockets that have sent this, read nothing, and stay."""
    parts = urlsplit(root)
    sockets = []
    for _ in range(count if sent is not None else 0):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect((parts.hostname, parts.port))
        one.sendall((sent or "").encode())
        sockets.append(one)
    # until what they asked for has been made
    time.sleep(5 if sockets else 0)
    try:
        yield
    finally:
        for one in sockets:
            one.close()
        time.sleep(1 if sockets else 0)


if __name__ == "__main__":
    main()
